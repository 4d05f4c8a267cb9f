// The OpenAI wire's embeddings, for kinds whose servers know vectors alone: its request read as the task, its
// list written around what came back.
import type { Failure } from "../../domain/frame.ts";
import type { Inference } from "../../domain/inference.ts";
import { estimateInputTokens } from "../../domain/price.ts";
import type { TaskRequest } from "../../domain/task.ts";
import type { UsageReport } from "../../domain/usage.ts";
import { base64 } from "../../lib/base64.ts";
import { disconnected } from "./failures.ts";
import type { Call, Whole } from "./kind.ts";
import { isVector } from "./task-outputs.ts";

/** null where the input is tokens: they are those of one tokenizer, and servers of tasks take texts. */
export function embeddingsRequest({ input, dimensions }: Inference["body"]): TaskRequest | null {
  const texts = typeof input === "string" ? [input] : input;
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === "string")) return null;
  return {
    task: "embeddings",
    input: { kind: "texts", texts },
    isList: true,
    parameters: dimensions === undefined || dimensions === null ? {} : { dimensions },
  };
}

/** @param vectors as readOutputs gives them. */
export function embeddingsAnswer(
  { inference, target }: Call,
  vectors: readonly unknown[] | null,
  usage: UsageReport,
): Whole | Failure {
  if (vectors === null || vectors.length !== inference.inputs || !vectors.every(isVector)) {
    return disconnected("The origin answered without a result.");
  }
  const isPacked = inference.body.encoding_format === "base64";
  const tokens = usage.inputTokens ?? estimateInputTokens(inference.prompt.size);
  const list = {
    object: "list",
    data: vectors.map((vector, index) => {
      return { object: "embedding", index, embedding: isPacked ? packed(vector) : vector };
    }),
    model: target.servedAs,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
  return { kind: "whole", text: JSON.stringify(list), usage, guessedOutputTokens: 0, finishedChoices: 0 };
}

/** Little-endian 32-bit floats in base64, which the OpenAI clients ask for. */
function packed(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * Float32Array.BYTES_PER_ELEMENT));
  for (const [index, part] of vector.entries()) {
    view.setFloat32(index * Float32Array.BYTES_PER_ELEMENT, part, true);
  }
  return base64(new Uint8Array(view.buffer));
}
