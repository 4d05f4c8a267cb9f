// POST /hf/models/{servedAs}: Hugging Face's task wire. `{inputs, parameters}` or a raw picture or
// sound goes in, and what the task's pipeline returns comes out, unwrapped.
import type { ModelTask } from "../src/domain/catalog.ts";
import { type Answer, jsonAnswer, type Parsed, textAnswer, type WholeAnswer } from "./answer.ts";
import { type Call, withWork } from "./call.ts";
import { type HfInput, type HfJob, type HfResult, readHfInput } from "./hf-input.ts";
import { classifyImage, detectObjects, paint, transcribe } from "./hf-media-tasks.ts";
import {
  answerQuestion,
  classifyText,
  continueText,
  embedTexts,
  fillMask,
  findEntities,
} from "./hf-text-tasks.ts";
import { unknownModel } from "./refusals.ts";
import { findServed } from "./served.ts";
import { countTokens } from "./tokens.ts";

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
  return withWork(written(value, call.accept), work, call);
}

/** A server of one model under a gateway: its own health page. */
export function hfHealth(call: Call): Answer {
  const name = call.rest.replace(/\/health$/, "");
  const isThere = name !== call.rest && findServed(call.shelf, name) !== null;
  return isThere ? textAnswer(200, "Ok", "text/plain; charset=utf-8") : unknownModel("hf", name).answer;
}

const PIPELINES: Readonly<Record<ModelTask, (job: HfJob) => Parsed<HfResult>>> = {
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

/** A picture is written as what is accepted: its bytes, or base64 where that is JSON. */
function written(value: unknown, accept: string): WholeAnswer {
  if (!(value instanceof Uint8Array)) return jsonAnswer(200, value);
  if (accept === "application/json") return jsonAnswer(200, Buffer.from(value).toString("base64"));
  const headers = { "content-type": "image/png" };
  return { kind: "whole", status: 200, headers, body: value, tokens: 0, work: null };
}

/** A picture or a second of sound weighs about as much as the tokens of its bytes. */
const BYTES_PER_TOKEN = 512;

function sizeOf(input: HfInput): number {
  if (input.media !== null) return Math.ceil(input.media.length / BYTES_PER_TOKEN);
  return countTokens(JSON.stringify(input.inputs));
}
