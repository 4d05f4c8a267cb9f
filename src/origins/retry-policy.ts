// Which target is tried next, after which wait, and what a request that failed everywhere says. Pure: the dice,
// the clock and the budget are arguments. It knows no stream, no caller and no price.
import type { Target } from "../domain/catalog.ts";
import { isOfOrigin, RouterError } from "../domain/errors.ts";
import type { Failure } from "../domain/frame.ts";
import type { Route } from "../domain/route.ts";

/** One try and two retries: a third retry has never saved a request that a second did not. */
const MOST_TRIES = 3;
/** Whoever lists fallbacks wants each to be asked; a longer list would outlast every caller's patience. */
const MOST_TRIES_OF_A_LIST = 6;

/**
 * All targets of the route in the order they are tried: two of the first model and one of each other, then the
 * rest, so that one model's outage does not use up the tries of all.
 */
export function attemptOrder(route: Route): readonly Target[] {
  if (!route.fallback) return route.targets.slice(0, 1);
  const early: Target[] = [];
  const late: Target[] = [];
  const seen = new Map<string, number>();
  const firstModelId = route.targets[0]?.model.id;
  for (const target of route.targets) {
    const { id } = target.model;
    const before = seen.get(id) ?? 0;
    seen.set(id, before + 1);
    (before < (id === firstModelId ? 2 : 1) ? early : late).push(target);
  }
  return [...early, ...late];
}

/** Asks that found a model loading again while the caller waits for it are no tries. */
export function mostTries(route: Route): number {
  if (!route.fallback) return 1;
  if (route.isSmart) return MOST_TRIES;
  const models = new Set(route.targets.map(({ model }) => model.id)).size;
  return Math.max(MOST_TRIES, Math.min(models + 1, MOST_TRIES_OF_A_LIST));
}

/** How a walk stands after its last try. */
export interface Progress {
  /** Of the targets in the order of `attemptOrder`, those that may answer: paid, spoken with, of a promised model. */
  readonly open: readonly Target[];
  /** The last failure of each target tried, whoever was tried longest ago first. */
  readonly failed: ReadonlyMap<Target, Failure>;
  readonly tries: number;
  /** Spent so far in waits for origins that were busy or broken. */
  readonly waitedMs: number;
  /** Until the walk's deadline. */
  readonly leftMs: number;
  /** Until the caller stops waiting for a cold model; 0 for one who does not. */
  readonly coldLeftMs: number;
}

export interface Step {
  readonly target: Target;
  readonly waitMs: number;
  /** `cold`: the same question again, because the caller waits for the model to load. */
  readonly purpose: "answer" | "cold";
}

/** null: nothing is left that could help in the time there is. `dice`: 0 ≤ x < 1. */
export function nextStep(route: Route, progress: Progress, dice: number): Step | null {
  const { open, failed, tries, coldLeftMs } = progress;
  const isAwaited = coldLeftMs > 0 && [...failed.values()].some(isLoading);
  // Who names a model and waits for it wants that one, from wherever; what the router chose it may choose again.
  const keptModelId = isAwaited && !route.isSmart ? route.targets[0]?.model.id : null;
  const isWanted = ({ model }: Target) => keptModelId === null || model.id === keptModelId;
  const wanted = open.filter(isWanted);
  if (tries < mostTries(route)) {
    const untried = wanted.find((target) => !failed.has(target));
    if (untried !== undefined) return { target: untried, waitMs: 0, purpose: "answer" };
    const again = route.fallback ? sameAgain(wanted, progress, dice) : null;
    if (again !== null) return again;
  }
  return isAwaited ? coldAgain(wanted, progress, dice) : null;
}

/** Waits of one walk together: who is told to wait longer is better told so. */
const MOST_WAITED_MS = 2_000;

/** A target that failed before, the one with the shortest wait. */
function sameAgain(targets: readonly Target[], progress: Progress, dice: number): Step | null {
  const { failed, waitedMs, leftMs } = progress;
  let best: Step | null = null;
  for (const target of targets) {
    const failure = failed.get(target);
    const waitMs = failure === undefined ? null : backoffMs(failure, dice);
    if (waitMs === null || waitedMs + waitMs > MOST_WAITED_MS || waitMs >= leftMs) continue;
    if (best === null || waitMs < best.waitMs) best = { target, waitMs, purpose: "answer" };
  }
  return best;
}

const MIN_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 250;

/**
 * Before the same target again: a restart needs a moment, and a full queue as long as it says. Jitter, so that
 * those who failed together do not return together. null: asking again helps nobody.
 */
export function backoffMs(failure: Failure, dice: number): number | null {
  const jitterMs = MIN_BACKOFF_MS + Math.round(dice * (MAX_BACKOFF_MS - MIN_BACKOFF_MS));
  switch (failure.code) {
    case "upstream_failed":
    case "upstream_disconnected":
      return jitterMs + (failure.retryAfterMs ?? 0);
    case "overloaded":
      // Without a word of its own it is only busier when it is asked again.
      return failure.retryAfterMs === null ? null : jitterMs + failure.retryAfterMs;
    default:
      return null;
  }
}

/** A request to a cold model keeps it loading; twice a second is often enough to notice that it is ready. */
const MIN_POLL_MS = 500;
/** Origins guess their own loading time badly: a model that is ready early is not left waiting. */
const MAX_POLL_MS = 3_000;
const POLL_JITTER = 0.2;

/**
 * Whoever was asked longest ago, so that each of them is asked at its own pace; `failed` stands in the order of the
 * last tries. One last question when the wait ends; behind that, none.
 */
function coldAgain(targets: readonly Target[], progress: Progress, dice: number): Step | null {
  const { failed, coldLeftMs, leftMs } = progress;
  const cold = [...failed].filter(([target, failure]) => isLoading(failure) && targets.includes(target));
  const [next] = cold;
  if (next === undefined) return null;
  const [target, { retryAfterMs }] = next;
  const toldMs = Math.min(MAX_POLL_MS, retryAfterMs ?? MAX_POLL_MS) / cold.length;
  const pollMs = Math.max(MIN_POLL_MS, toldMs) * (1 + POLL_JITTER * dice);
  const waitMs = Math.min(coldLeftMs, Math.round(pollMs));
  return waitMs < leftMs ? { target, waitMs, purpose: "cold" } : null;
}

function isLoading({ code }: Failure): boolean {
  return code === "model_loading";
}

/** What the caller is told when no target answered. `failures` in order. */
export function lastWord(route: Route, all: readonly Failure[]): RouterError {
  // A kind without words for the request asked nobody: it has the last word only where nobody was asked.
  const asked = all.filter((failure) => failure.code !== "invalid_value" || failure.status !== null);
  const failures = asked.length === 0 ? all : asked;
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
  // Whoever left, or whose own time is over, is told that; else that a model loads: that is what helps.
  const isOver = last.isRetryable === false;
  const told = isOver ? last : (failures.find(isLoading) ?? last);
  const waits = failures.flatMap(({ code, retryAfterMs }) =>
    code === told.code && retryAfterMs !== null ? [retryAfterMs] : [],
  );
  const placed = { ...told, message: told.message + placeOf(route, told) };
  // One of them is enough for the next request.
  return errorOf(waits.length === 0 ? placed : { ...placed, retryAfterMs: Math.min(...waits) });
}

/** Where it failed, for whoever chose the place: behind a pin nobody else could be asked. */
function placeOf({ pinnedRegion }: Route, failure: Failure): string {
  return pinnedRegion === null || !isOfOrigin(failure.code)
    ? ""
    : ` The request is pinned to region '${pinnedRegion}'.`;
}

/** No answer at all: refused, reset, or broken before a byte came. */
export function isUnreachable(failure: Failure): boolean {
  return failure.code === "upstream_failed" && failure.status === null;
}

export function errorOf(failure: Failure): RouterError {
  const { retryAfterMs, param } = failure;
  return new RouterError(failure.code, failure.message, {
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(param === undefined ? {} : { param }),
  });
}
