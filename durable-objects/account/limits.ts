// The limits of an account as one request meets them: what is left, and when there is room again.
import { count, emptyInMs, hasRoom, remainingIn, roomInMs } from "../../src/admission/rate-window.ts";
import type { LimitsLeft, Refusal } from "../../src/domain/account-commands.ts";
import { limitsOf } from "../../src/domain/plan.ts";
import type { AccountState } from "./state.ts";

export function limitsLeft(state: AccountState, nowMs: number): LimitsLeft {
  const rpm = rpmOf(state);
  if (rpm === null) return {};
  const remaining = remainingIn(state.window, rpm, nowMs);
  return { requests: { limit: rpm, remaining, resetMs: emptyInMs(state.window, nowMs) } };
}

/** null when the request fits. Nothing is counted yet: admission is all or nothing. */
export function overLimit(state: AccountState, nowMs: number): Refusal | null {
  const rpm = rpmOf(state);
  if (rpm === null || hasRoom(state.window, rpm, nowMs)) return null;
  const retryAfterMs = roomInMs(state.window, rpm, nowMs);
  return {
    ok: false,
    code: "rate_limit_exceeded",
    message: `The limit of ${rpm} requests per minute is reached: retry in ${Math.ceil(retryAfterMs / 1000)} s.`,
    retryAfterMs,
    limits: limitsLeft(state, nowMs),
  };
}

export function countRequest(state: AccountState, nowMs: number): void {
  count(state.window, nowMs);
}

function rpmOf(state: AccountState): number | null {
  return state.facts === null ? null : limitsOf(state.facts.plan, state.facts.limits).rpm;
}
