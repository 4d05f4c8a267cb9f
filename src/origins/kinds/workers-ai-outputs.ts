// What the task models of Workers AI return: the forms of Hugging Face's pipelines, but for vectors and sound.
import { countOfInputs, type TaskRequest } from "../../domain/task.ts";
import { parseJson, recordOf } from "../../lib/record.ts";
import type { GoodAnswer } from "./kind.ts";
import { isErrorAnswer } from "./openai-frame.ts";
import { pictureIn } from "./picture.ts";
import { readOutputs } from "./task-outputs.ts";
import { textOf } from "./text-of.ts";
import { transcriptIn } from "./transcript.ts";

/** One output an input; null where the answer is none. */
export function workersAiOutputs(answer: GoodAnswer, request: TaskRequest): readonly unknown[] | null {
  const { task, input, parameters } = request;
  if (task === "text-to-image") return pictureIn(answer);
  if (task === "embeddings") return vectorsIn(textOf(answer));
  const value = parseJson(textOf(answer));
  if (isErrorAnswer(value)) return null;
  if (task === "automatic-speech-recognition") {
    return transcriptIn(value, recordOf(recordOf(value).transcription_info).language);
  }
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
