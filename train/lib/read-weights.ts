// Reads a weights file from disk for the tools that run outside the Worker.
import { readFileSync } from "node:fs";
import { loadWeights, type Weights } from "../../src/routing/weights/weights.ts";

export function readWeights(path: string): Weights {
  return loadWeights(bufferOf(readFileSync(path)));
}

/** Node's buffers are slices of shared memory at any offset; views need a start of their own. */
export function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}
