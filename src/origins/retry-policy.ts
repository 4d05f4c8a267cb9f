// Which target is tried next, how long to wait before it, and what a request that failed everywhere says.
// Pure: the dice are an argument.
import type { Target } from "../domain/catalog.ts";
import { RouterError } from "../domain/errors.ts";
import type { Failure } from "../domain/frame.ts";
import type { Route } from "../domain/route.ts";

/** One try and two retries: a third retry has never saved a request that a second did not. */
const MAX_ATTEMPTS = 3;

/** Targets in the order they are tried; a short route is walked again, a request without fallback is not. */
export function attemptOrder(route: Route): readonly Target[] {
  if (!route.fallback) return route.targets.slice(0, 1);
  const order: Target[] = [];
  for (let i = 0; i < MAX_ATTEMPTS; i++) {
    const target = route.targets[i % route.targets.length];
    if (target !== undefined) order.push(target);
  }
  return order;
}

/** Asking the same origin again helps against a broken connection, not against load or a cold model. */
export function isWorthTrying(next: Target, failed: ReadonlyMap<Target, Failure>): boolean {
  const before = failed.get(next);
  return before === undefined || before.code === "upstream_failed" || before.code === "upstream_disconnected";
}

const MIN_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 250;

/** Before the same target again, so that a restart has a moment; another target is tried at once. */
export function backoffMs(next: Target, failed: ReadonlyMap<Target, Failure>, dice: number): number {
  return failed.has(next) ? MIN_BACKOFF_MS + dice * (MAX_BACKOFF_MS - MIN_BACKOFF_MS) : 0;
}

/** What the caller is told when no target answered. `failures` in order, at least one. */
export function lastWord(route: Route, failures: readonly Failure[]): RouterError {
  const last = failures.at(-1);
  if (last === undefined) {
    return new RouterError("overloaded", "No server can take this request right now: retry shortly.", {
      retryAfterMs: 1_000,
    });
  }
  if (route.pinnedRegion !== null && failures.every(isUnreachable)) {
    return new RouterError(
      "region_unavailable",
      `No server in the pinned region '${route.pinnedRegion}' can be reached: retry, or lift the pin.`,
      { retryAfterMs: 5_000 },
    );
  }
  return errorOf(failures.find((failure) => failure.code === "model_loading") ?? last);
}

function isUnreachable(failure: Failure): boolean {
  return failure.code === "upstream_failed" && failure.status === null;
}

export function errorOf(failure: Failure): RouterError {
  const { retryAfterMs, param } = failure;
  return new RouterError(failure.code, failure.message, {
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(param === undefined ? {} : { param }),
  });
}
