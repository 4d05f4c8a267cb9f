// Headers of an inference's answer: who answered, what it held or cost, what is left, where the time went.

import { rateLimitHeaders } from "../admission/limit-headers.ts";
import type { Accepted } from "../domain/accepted.ts";
import type { Target } from "../domain/catalog.ts";
import { type MicroUsd, toUsd } from "../domain/money.ts";

/** What is known when the status goes out. */
export interface Commit {
  readonly target: Target;
  readonly attempts: number;
  readonly atMs: number;
  /** Of the attempt that answered; null when the status goes out before any did. */
  readonly originMs: number | null;
  /** Whole answers only. */
  readonly costMicroUsd: MicroUsd | null;
}

/** Header names and values. A Headers object here would be copied once more into the Response. */
export type AnswerHeaders = Readonly<Record<string, string>>;

/** Nothing of the origin's own passes but what is set here. */
export function answerHeaders(accepted: Accepted, commit: Commit): AnswerHeaders {
  const { requestId, clientRequestId, reservation, limits } = accepted;
  const { target, costMicroUsd } = commit;
  return {
    "x-request-id": requestId,
    ...(clientRequestId === null ? {} : { "x-client-request-id": clientRequestId }),
    "x-inferroute-model": target.model.id,
    "x-inferroute-region": target.origin.region,
    "x-inferroute-origin": target.origin.id,
    "x-inferroute-attempts": String(commit.attempts),
    "x-inferroute-reserved-usd": decimal(reservation.heldMicroUsd),
    ...(costMicroUsd === null ? {} : { "x-inferroute-cost-usd": decimal(costMicroUsd) }),
    ...(accepted.cachePlace === null ? {} : { "x-cache": "miss" }),
    "cache-control": "no-store",
    ...rateLimitHeaders(limits),
    ...routingHeaders(accepted),
    ...timingHeaders(accepted, commit),
  };
}

/** Of a request that was let in and failed before its commit: nothing was answered, and nothing is paid. */
export function failureHeaders(accepted: Accepted, attempts: number): AnswerHeaders {
  return {
    "x-request-id": accepted.requestId,
    "x-inferroute-attempts": String(attempts),
    ...rateLimitHeaders(accepted.limits),
    ...routingHeaders(accepted),
  };
}

export const SSE_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
} as const;

/** Six places and no exponent, as `*_usd` fields print it. */
function decimal(micro: MicroUsd): string {
  return toUsd(micro).toFixed(6);
}

function routingHeaders({ route }: Accepted): AnswerHeaders {
  if (!route.isSmart || route.profile === null) return {};
  return {
    "x-inferroute-task": route.profile.task,
    "x-inferroute-complexity": route.profile.complexity,
    "x-inferroute-confidence": route.profile.confidence.toFixed(2),
    "x-inferroute-reason": asciiOf(route.reason),
    "x-inferroute-decision-id": route.decisionId,
  };
}

/** Header values are Latin-1 at best: everything else becomes a question mark. */
function asciiOf(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?");
}

/**
 * Steps that compute are left out where the clock stood still meanwhile, as it does on Workers: a zero
 * there would be a lie.
 */
function timingHeaders({ clock }: Accepted, commit: Commit): AnswerHeaders {
  const total = commit.atMs - clock.receivedAtMs;
  const computing = [
    ["auth", clock.authenticatedAtMs - clock.receivedAtMs],
    ["route", clock.routedAtMs - clock.parsedAtMs],
  ] as const;
  const entries: (readonly [string, number])[] = computing.filter(([, ms]) => ms > 0);
  entries.push(["admit", clock.admittedAtMs - clock.routedAtMs]);
  if (commit.originMs !== null) entries.push(["origin", commit.originMs]);
  entries.push(["total", total]);
  return {
    "server-timing": entries.map(([name, ms]) => `${name};dur=${ms}`).join(", "),
    "x-inferroute-overhead-ms": String(Math.max(0, total - (commit.originMs ?? 0))),
  };
}
