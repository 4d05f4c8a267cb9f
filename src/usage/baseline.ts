// What a routed answer would have cost from the best model of its pool: what savings are measured against.
import type { MicroUsd } from "../domain/money.ts";
import { costOf } from "../domain/price.ts";
import type { Route } from "../domain/route.ts";
import type { Usage } from "../domain/usage.ts";

/** The same tokens at that model's price; null where the caller named the model, so that nothing was chosen. */
export function baselineMicroUsd({ bestModel }: Pick<Route, "bestModel">, usage: Usage): MicroUsd | null {
  return bestModel === null ? null : costOf(bestModel.price, usage);
}
