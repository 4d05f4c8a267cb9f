// The last word on a bill: no claim of an origin costs more than was held for the request. What is cut is the count
// itself, so that the row's counts, its cost, the answer's header and the ledger say the same. Pure.
import type { Target } from "../domain/catalog.ts";
import type { MicroUsd } from "../domain/money.ts";
import { costOf } from "../domain/price.ts";
import type { Usage } from "../domain/usage.ts";

/**
 * Unchanged where the hold pays for it; else cut to the most that it does pay for, and marked as estimated. Input goes
 * first: output is bounded by a limit that the hold covers, input by what was guessed of a text.
 */
export function withinHold({ model }: Target, usage: Usage, heldMicroUsd: MicroUsd): Usage {
  const { price } = model;
  const isPaid = (claim: Usage) => costOf(price, claim) <= heldMicroUsd;
  if (isPaid(usage)) return usage;
  const cut = { ...usage, estimated: true };
  if ("gpu_per_minute" in price) {
    return { ...cut, gpuMs: most(usage.gpuMs, (gpuMs) => isPaid({ ...cut, gpuMs })) };
  }
  const withInput = (inputTokens: number): Usage => ({
    ...cut,
    inputTokens,
    cachedInputTokens: Math.min(usage.cachedInputTokens, inputTokens),
  });
  const shorter = withInput(most(usage.inputTokens, (inputTokens) => isPaid(withInput(inputTokens))));
  const outputTokens = most(usage.outputTokens, (count) => isPaid({ ...shorter, outputTokens: count }));
  return { ...shorter, outputTokens };
}

/** The largest whole count up to `limit` that holds, where every smaller one holds too; 0 where none does. */
function most(limit: number, holds: (count: number) => boolean): number {
  if (holds(limit)) return limit;
  let good = 0;
  let bad = limit;
  // Halved each time: at most 53 rounds, and only where an origin's claim was cut.
  while (bad - good > 1) {
    const middle = Math.floor(good + (bad - good) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
