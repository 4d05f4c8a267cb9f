// POST /v1/audio/transcriptions as vLLM answers it: a form with the sound and the model's name goes in, the text
// comes out, with segments where verbose_json was asked for. The edge has read the form already.
import { type Answer, jsonAnswer } from "./answer.ts";
import { type Call, readModelCall, withWork } from "./call.ts";
import { transcribe } from "./hf-media-tasks.ts";
import { textAt } from "./json-object.ts";
import { invalidBody } from "./refusals.ts";

/** A second of 16-bit sound at 16 kHz, and the tokens that Whisper reads of it. */
const BYTES_PER_S = 32_000;
const TOKENS_PER_S = 50;

export function vllmTranscriptions(call: Call): Answer {
  const read = readModelCall(call, ["automatic-speech-recognition"], "Transcriptions");
  if (!read.ok) return read.answer;
  const { body, served } = read.value;
  const { file } = body;
  if (!(file instanceof Uint8Array)) return invalidBody("file", "Field required").answer;
  const heard = transcribe({ served, inputs: null, parameters: { return_timestamps: true }, media: file });
  if (!heard.ok) return heard.answer;
  const { value, tokens } = heard.value;
  const { text, chunks } = value as { readonly text: string; readonly chunks: readonly Chunk[] }; // as asked for above
  const seconds = file.length / BYTES_PER_S;
  const usage = { type: "duration", seconds: Math.ceil(seconds) };
  const answer =
    textAt(body, "response_format") === "verbose_json"
      ? { duration: seconds, language: "en", text, segments: chunks.map(segment) }
      : { text, usage };
  const work = { promptTokens: Math.ceil(seconds * TOKENS_PER_S), steps: tokens, tokens, served };
  return withWork(jsonAnswer(200, answer), work, call);
}

interface Chunk {
  readonly timestamp: readonly [number, number];
  readonly text: string;
}

function segment({ timestamp: [start, end], text }: Chunk, id: number) {
  return { id, start, end, text, tokens: [], temperature: 0, avg_logprob: -0.2, no_speech_prob: 0.01 };
}
