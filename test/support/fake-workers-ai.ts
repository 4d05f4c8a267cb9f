// The AI binding as Cloudflare documents it and its own source shows it, for tests: run() with returnRawResponse
// answers like a fetch. Its models say little, but in the forms that their schemas name.
import type { Ports } from "../../src/domain/ports.ts";
import { type Json, listOf, recordOf } from "../../src/lib/record.ts";

type Binding = NonNullable<Ports["workersAi"]>;

export interface FakeBinding extends Binding {
  readonly calls: readonly { readonly model: string; readonly inputs: Json }[];
}

/** `answer` in place of every model's. */
export function fakeWorkersAi(answer?: (signal: AbortSignal) => Response | Promise<Response>): FakeBinding {
  const calls: { model: string; inputs: Json }[] = [];
  return {
    calls,
    async run(model, inputs, { signal }) {
      calls.push({ model, inputs });
      // What the binding sends is JSON: bytes that are no list, for one, would not arrive.
      const sent = recordOf(JSON.parse(JSON.stringify(inputs)));
      return answer === undefined ? (MODELS[model] ?? noSuchModel)(sent) : await answer(signal);
    },
  };
}

export function bindingError(status: number, internalCode: number, description: string): Response {
  const body = { internalCode, name: "AiError", description, message: `AiError: ${description}` };
  return Response.json(body, { status });
}

export const PNG = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
  (letter) => letter.charCodeAt(0),
);

const noSuchModel = () => bindingError(400, 5007, "No such model or task");
const invalid = (what: string) => bindingError(400, 5006, `Error: ${what} at '/' not met`);

const USAGE = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };

const MODELS: Readonly<Record<string, (inputs: Json) => Response>> = {
  "@cf/meta/llama-3.1-8b-instruct": nativeText,
  "@cf/zai-org/glm-5.3-flash": openaiText,
  "@cf/baai/bge-m3": (inputs) => {
    const texts = inputs.text;
    if (!Array.isArray(texts)) return invalid("text");
    const data = texts.map((_, at) => [0.5, at / 4]);
    return Response.json({ shape: [texts.length, 2], data, pooling: "cls" });
  },
  "@cf/huggingface/distilbert-sst-2-int8": ({ text }) =>
    typeof text === "string" ? Response.json(SENTIMENTS) : invalid("text"),
  "@cf/microsoft/resnet-50": ({ image }) => (isBytes(image) ? Response.json(THINGS) : invalid("image")),
  "@cf/facebook/detr-resnet-50": ({ image }) => {
    const box = { xmin: 1, ymin: 2, xmax: 30, ymax: 40 };
    return isBytes(image) ? Response.json([{ score: 0.9, label: "cat", box }]) : invalid("image");
  },
  "@cf/openai/whisper": ({ audio }) =>
    isBytes(audio)
      ? Response.json({ text: "Hello", word_count: 1, words: [], vtt: "WEBVTT" })
      : invalid("audio"),
  "@cf/openai/whisper-large-v3-turbo": ({ audio }) => {
    if (typeof audio !== "string") return invalid("audio");
    const transcription_info = {
      language: "en",
      language_probability: 1,
      duration: 1.5,
      duration_after_vad: 1.5,
    };
    const segments = [{ start: 0, end: 1.5, text: " Hello", temperature: 0, avg_logprob: -0.2, words: [] }];
    return Response.json({ transcription_info, text: " Hello", word_count: 1, segments, vtt: "WEBVTT" });
  },
  "@cf/bytedance/stable-diffusion-xl-lightning": ({ prompt }) =>
    typeof prompt === "string"
      ? new Response(PNG, { headers: { "content-type": "image/png" } })
      : invalid("prompt"),
  "@cf/black-forest-labs/flux-1-schnell": ({ prompt }) =>
    typeof prompt === "string"
      ? Response.json({ image: btoa(String.fromCharCode(...PNG)) })
      : invalid("prompt"),
};

const SENTIMENTS = [
  { label: "NEGATIVE", score: 0.01 },
  { label: "POSITIVE", score: 0.99 },
];
const THINGS = [
  { label: "TABBY", score: 0.8 },
  { label: "EGYPTIAN CAT", score: 0.1 },
];

function isBytes(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((byte) => Number.isInteger(byte));
}

/** Pads each event against guesses of its length; the last one counts, and none says why it ended. */
function nativeText(inputs: Json): Response {
  const isPrompt = typeof inputs.prompt === "string";
  const messages = listOf(inputs.messages).map(recordOf);
  const isChat = messages.length > 0 && messages.every(({ content }) => typeof content === "string");
  if (!isPrompt && !isChat) return invalid("oneOf");
  if (inputs.stream !== true) return Response.json({ response: "Hello you", usage: USAGE });
  return eventStream([
    { response: "Hello", p: "abdefghijk" },
    { response: " you", p: "abdef" },
    { response: "", usage: USAGE, p: "abdefghijklmno" },
  ]);
}

function openaiText(inputs: Json): Response {
  if (listOf(inputs.messages).length === 0) return invalid("messages");
  const head = { id: "chatcmpl-1", created: 1_712_345_678, model: "glm" };
  if (inputs.stream !== true) {
    const message = { role: "assistant", content: "Hello you", reasoning_content: "Hm." };
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    return Response.json({ ...head, object: "chat.completion", choices, usage: USAGE });
  }
  const chunk = (delta: Json, finish_reason: string | null = null) => {
    return { ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] };
  };
  const counted = { ...head, object: "chat.completion.chunk", choices: [], usage: USAGE };
  const hasUsage = recordOf(inputs.stream_options).include_usage === true;
  return eventStream([
    chunk({ role: "assistant", content: "Hello" }),
    chunk({ content: " you" }),
    chunk({}, "stop"),
    ...(hasUsage ? [counted] : []),
  ]);
}

export function eventStream(events: readonly Json[]): Response {
  const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  return new Response(`${text}data: [DONE]\n\n`, { headers: { "content-type": "text/event-stream" } });
}
