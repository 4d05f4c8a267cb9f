// The fitted numbers the router decides by, set once when the isolate starts. Until then, and where
// the file is missing, the rules alone classify: a router without weights is worse, not broken.
import { readTaskWeights, type TaskWeights } from "../classify/task-model.ts";
import { type Container, readContainer } from "./container.ts";

export interface Weights {
  /** For parts that read their own sections. */
  readonly container: Container;
  readonly task: TaskWeights;
}

/** `bytes` stay in use as they are: views, no copies. Throws on bytes that are no weights file. */
export function loadWeights(bytes: ArrayBuffer): Weights {
  const container = readContainer(bytes);
  return { container, task: readTaskWeights(container) };
}

let installed: Weights | null = null;

export function installWeights(weights: Weights | null): void {
  installed = weights;
}

export function installedWeights(): Weights | null {
  return installed;
}
