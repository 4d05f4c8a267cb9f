// What the task models of Workers AI return: the forms of Hugging Face's pipelines, but for vectors and sound.
import { countOfInputs, type Segment, type TaskRequest } from "../../domain/task.ts";
import { parseJson, recordOf } from "../../lib/record.ts";
import type { GoodAnswer } from "./kind.ts";
import { isErrorAnswer } from "./openai-frame.ts";
import { pictureIn } from "./picture.ts";
import { readOutputs } from "./task-outputs.ts";
import { textOf } from "./text-of.ts";

/** One output an input; null where the answer is none. */
export function workersAiOutputs(answer: GoodAnswer, request: TaskRequest): readonly unknown[] | null {
  const { task, input, parameters } = request;
  if (task === "text-to-image") return pictureIn(answer);
  if (task === "embeddings") return vectorsIn(textOf(answer));
  const value = parseJson(textOf(answer));
  if (isErrorAnswer(value)) return null;
  if (task === "automatic-speech-recognition") return transcriptIn(value);
  const outputs = readOutputs(task, value, countOfInputs(input));
  // These models know no such parameter, and give all of their labels.
  const { top_k } = parameters;
  const most = typeof top_k === "number" && top_k >= 1 ? Math.floor(top_k) : undefined;
  return outputs?.map((output) => (Array.isArray(output) ? output.slice(0, most) : output)) ?? null;
}

/** Under `data`, with its shape beside it; models that also rank contexts put it under `response`. */
export function vectorsIn(text: string): readonly unknown[] | null {
  const { data, response } = recordOf(parseJson(text));
  return readOutputs("embeddings", data ?? response, 1);
}

/** `segments` from the larger models only; `words` and `vtt` say no more than they do. */
function transcriptIn(value: unknown): readonly unknown[] | null {
  const { text, segments, transcription_info } = recordOf(value);
  if (typeof text !== "string") return null;
  const { language } = recordOf(transcription_info);
  const told = Array.isArray(segments) ? segments.flatMap(segmentIn) : null;
  return [{ text, language: typeof language === "string" ? language : null, segments: told }];
}

function segmentIn(value: unknown): readonly Segment[] {
  const { start, end, text } = recordOf(value);
  if (typeof start !== "number" || typeof text !== "string") return [];
  return [{ start, end: typeof end === "number" ? end : null, text }];
}
