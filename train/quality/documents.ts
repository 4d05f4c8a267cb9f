// Prompts as the runtime sees them, kept for training: distinct stems with weights of unit length.
import { createStems, readStems, type Stems } from "../../src/routing/ability/document.ts";

export interface Document {
  readonly buckets: Uint16Array;
  /** Of a vector of unit length. */
  readonly weights: Float32Array;
}

const SCRATCH: Stems = createStems();

export function documentOf(prompt: string): Document {
  readStems(prompt, SCRATCH);
  const weights = Float32Array.from(
    SCRATCH.counts.subarray(0, SCRATCH.count),
    (count) => 1 + Math.log(count),
  );
  const length = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
  return {
    buckets: Uint16Array.from(SCRATCH.buckets.subarray(0, SCRATCH.count)),
    weights: weights.map((weight) => weight / Math.max(length, 1)),
  };
}
