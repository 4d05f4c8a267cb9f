// POST /hf/models/{servedAs}: Hugging Face's task wire. `{inputs, parameters}` or a raw picture or
// sound goes in, and what the task's pipeline returns comes out, unwrapped.
import type { ModelTask } from "../src/domain/catalog.ts";
import { type Answer, jsonAnswer, type Parsed, type WholeAnswer } from "./answer.ts";
import { type Call, withWork } from "./call.ts";
import { type HfInput, readHfInput } from "./hf-input.ts";
import { classifyImage, detectObjects, paint, transcribe } from "./hf-media-tasks.ts";
import {
  answerQuestion,
  classifyText,
  continueText,
  embedTexts,
  fillMask,
  findEntities,
} from "./hf-text-tasks.ts";
import { refusal, unknownModel } from "./refusals.ts";
import { findServed, type Served } from "./served.ts";
import { countTokens } from "./tokens.ts";

/** What a pipeline returns, and how many tokens it wrote. */
export interface Result {
  readonly value: unknown;
  readonly tokens: number;
}

export interface HfJob extends HfInput {
  readonly served: Served;
}

export function hfTask(call: Call): Answer {
  const served = findServed(call.shelf, call.rest);
  if (served === null) return unknownModel("hf", call.rest).answer;
  const { task } = served.base;
  const input = readHfInput(call, task);
  if (!input.ok) return input.answer;
  const result = PIPELINES[task]({ ...input.value, served });
  if (!result.ok) return result.answer;
  const { value, tokens } = result.value;
  const work = { promptTokens: sizeOf(input.value), steps: tokens, tokens, served };
  return withWork(written(value), work, call);
}

const PIPELINES: Readonly<Record<ModelTask, (job: HfJob) => Parsed<Result>>> = {
  "text-generation": continueText,
  embeddings: embedTexts,
  "text-classification": classifyText,
  "token-classification": findEntities,
  "image-classification": classifyImage,
  "zero-shot-image-classification": classifyImage,
  "object-detection": detectObjects,
  "automatic-speech-recognition": transcribe,
  "fill-mask": fillMask,
  "question-answering": answerQuestion,
  "text-to-image": paint,
};

function written(value: unknown): WholeAnswer {
  if (!(value instanceof Uint8Array)) return jsonAnswer(200, value);
  const headers = { "content-type": "image/png" };
  return { kind: "whole", status: 200, headers, body: value, tokens: 0, work: null };
}

/** A picture or a second of sound weighs about as much as the tokens of its bytes. */
const BYTES_PER_TOKEN = 512;

function sizeOf(input: HfInput): number {
  if (input.media !== null) return Math.ceil(input.media.length / BYTES_PER_TOKEN);
  return countTokens(JSON.stringify(input.inputs));
}

/** The toolkit sends every exception of a pipeline as 400 with its text. */
export function hfComplaint(message: string) {
  return { ok: false, answer: refusal("hf", { status: 400, type: "", message }) } as const;
}
