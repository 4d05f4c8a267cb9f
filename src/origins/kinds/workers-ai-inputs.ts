// A request in the words of Workers AI, and what it has no words for. Its schemas are strict about types: contents
// are plain texts wherever they can be.
import type { Failure } from "../../domain/frame.ts";
import type { TaskInput, TaskRequest } from "../../domain/task.ts";
import { base64 } from "../../lib/base64.ts";
import { type Json, listOf, recordOf } from "../../lib/record.ts";
import { embeddingsRequest } from "./embeddings-list.ts";
import { unspeakable } from "./failures.ts";
import type { Call } from "./kind.ts";

export function workersAiRefusal({ inference, target }: Call): Failure | null {
  const { wire, body, answers, choices, task } = inference;
  if (task !== null) return refusalOfTask(task, target.servedAs);
  if (wire === "openai-embeddings") {
    const request = embeddingsRequest(body);
    const isPlain = request !== null && Object.keys(request.parameters).length === 0;
    return isPlain ? null : unspeakable("embed tokens, or shorten vectors");
  }
  if (answers > 1 || choices > 1) return unspeakable("give several answers at once");
  if (body.logprobs) return unspeakable("give log probabilities");
  const isWhole = wire !== "openai-completions" || typeof body.prompt === "string";
  return isWhole ? null : unspeakable("go on from tokens");
}

/** A list of numbers takes some twenty bytes of memory a byte, and an isolate has 128 MB for all its requests. */
const MOST_LISTED_BYTES = 2 * 1024 * 1024;
/** In base64 about four: the bytes, their text, and the JSON around it. */
const MOST_PACKED_BYTES = 8 * 1024 * 1024;

function refusalOfTask({ task, input }: TaskRequest, model: string): Failure | null {
  if (!(task in NAMES)) return unspeakable("do this task");
  if (input.kind === "question") return unspeakable("do this task");
  if (input.kind === "texts") {
    const isOne = task === "embeddings" || input.texts.length === 1;
    return isOne ? null : unspeakable("read several texts at once");
  }
  const most = isListed(task, model) ? MOST_LISTED_BYTES : MOST_PACKED_BYTES;
  return input.bytes.byteLength <= most ? null : unspeakable(`read more than ${most / 1024 / 1024} MiB`);
}

/** The one member that holds what the task works on. */
const NAMES: Readonly<Partial<Record<string, string>>> = {
  embeddings: "text",
  "text-classification": "text",
  "image-classification": "image",
  "object-detection": "image",
  "automatic-speech-recognition": "audio",
  "text-to-image": "prompt",
};

/** The first models of its kind take sound as a list of numbers, all later ones in base64. */
const LISTED_SOUND: ReadonlySet<string> = new Set([
  "@cf/openai/whisper",
  "@cf/openai/whisper-tiny-en",
  "@cf/openai/whisper-sherpa",
]);

function isListed(task: TaskRequest["task"], model: string): boolean {
  return task !== "automatic-speech-recognition" || LISTED_SOUND.has(model);
}

export function workersAiInputs(call: Call): Json {
  const { inference, target, maxOutputTokens } = call;
  const { task, wire, body, stream } = inference;
  if (task !== null) return taskInputs(task, target.servedAs);
  if (wire === "openai-embeddings") {
    const request = embeddingsRequest(body);
    return request === null ? {} : taskInputs(request, target.servedAs);
  }
  const { model: _, max_completion_tokens: __, stream: ___, stream_options, ...rest } = body;
  return {
    ...rest,
    ...(wire === "openai-chat" ? { messages: listOf(body.messages).map(plainMessage) } : { raw: true }),
    // Left out, most models stop at 256.
    ...(maxOutputTokens === null ? {} : { max_tokens: maxOutputTokens }),
    ...(stream ? { stream: true, stream_options: { ...recordOf(stream_options), include_usage: true } } : {}),
  };
}

/** Text parts become one text; a message with pictures stays as it is; a call of tools has no words. */
function plainMessage(message: unknown): Json {
  const { content } = recordOf(message);
  if (content === null || content === undefined) return { ...recordOf(message), content: "" };
  if (!Array.isArray(content)) return recordOf(message);
  const parts = content.map(recordOf);
  const isText = parts.every(({ type, text }) => type === "text" && typeof text === "string");
  return isText
    ? { ...recordOf(message), content: parts.map(({ text }) => text).join("") }
    : recordOf(message);
}

function taskInputs({ task, input, parameters }: TaskRequest, model: string): Json {
  const given = Object.entries(parameters).map(([name, value]) => [RENAMED.get(name) ?? name, value]);
  return { ...Object.fromEntries(given), [NAMES[task] ?? "text"]: workedOn(task, input, model) };
}

/** The words of diffusers beside those of Workers AI; the others are the same in both. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ["num_inference_steps", "num_steps"],
  ["guidance_scale", "guidance"],
]);

function workedOn(task: TaskRequest["task"], input: TaskInput, model: string): unknown {
  switch (input.kind) {
    case "texts":
      return task === "embeddings" ? input.texts : input.texts[0];
    case "media":
      return isListed(task, model) ? Array.from(input.bytes) : base64(input.bytes);
    case "question":
      return input.question;
  }
}
