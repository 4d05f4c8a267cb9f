// Sets the fitted numbers that this isolate decides by, once at its start: task model and abilities read views of
// the same bytes. Until then, and without the file, rules and sizes decide alone.
import { installAbility } from "./ability/installed.ts";
import { installWeights, loadWeights } from "./weights/weights.ts";

/** @throws Error for bytes that are no weights file: the deployment is wrong. */
export function installRouting(bytes: ArrayBuffer): void {
  const weights = loadWeights(bytes);
  installWeights(weights);
  installAbility(weights.container);
}
