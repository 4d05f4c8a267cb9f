// The limits of an account as they are shown: those of its plan, and what an operator set over them.
import type { AccountFacts } from "../domain/account-commands.ts";
import { limitsOf } from "../domain/plan.ts";

/** null = unlimited. */
export function shownLimits({ plan, limits }: AccountFacts) {
  const { rpm, tpm, concurrency, gpuHours } = limitsOf(plan, limits);
  return { rpm, tpm, concurrency, gpu_hours: gpuHours };
}
