// A circuit breaker as a value: what it was told, in, its next state, out. It opens by failures, lets one try pass
// when its time is over, and closes only by an answer to a request sent after it opened. It knows no origin, no
// clock and no dice; whoever is shut out by it is decided elsewhere.

export interface Breaker {
  readonly failuresInRow: number;
  /** Answers that began well and broke off, since one that did not. */
  readonly brokenInRow: number;
  /** Tries counted since `windowAtMs`, and how many of them failed. */
  readonly windowAtMs: number;
  readonly windowTries: number;
  readonly windowFailures: number;
  /** null: closed. */
  readonly openedAtMs: number | null;
  /** Until then no try passes; afterwards one does. Meaningless while closed. */
  readonly openUntilMs: number;
  /** Times it opened without a quiet minute between them. */
  readonly trips: number;
  /** When it last closed; null before it ever did. */
  readonly closedAtMs: number | null;
  /** When the one try that may pass was sent; null: none is under way. */
  readonly probeAtMs: number | null;
  /** When the newest request that was answered well had been sent; null before the first. */
  readonly goodAtMs: number | null;
}

export const CLOSED: Breaker = {
  failuresInRow: 0,
  brokenInRow: 0,
  windowAtMs: 0,
  windowTries: 0,
  windowFailures: 0,
  openedAtMs: null,
  openUntilMs: 0,
  trips: 0,
  closedAtMs: null,
  probeAtMs: null,
  goodAtMs: null,
};

/** `half-open`: one try may pass, and it decides. */
export type BreakerState = "closed" | "half-open" | "open";

/** When a try was sent and when its end was known, milliseconds since the epoch. */
export interface Try {
  readonly sentAtMs: number;
  readonly endedAtMs: number;
}

/** Five in a row is what Envoy ejects by; one bad machine behind a balancer does not reach it. */
const FAILURES_IN_ROW = 5;
/** Half of at least twenty in ten seconds: an origin that fails every other request never fails five in a row. */
const WINDOW_MS = 10_000;
const WINDOW_LEAST_TRIES = 20;
const WINDOW_FAILED_SHARE = 0.5;
/** Open for 10 s, twice as long each time, five minutes at most: a dead origin costs one try in five minutes. */
const FIRST_OPEN_MS = 10_000;
export const LONGEST_OPEN_MS = 300_000;
/** Up to a tenth longer, so that the breakers of many isolates do not all send their try at once. */
const JITTER_SHARE = 0.1;
/** Whoever stays closed this long has recovered: the next opening is a first one. */
const FORGIVEN_AFTER_MS = 60_000;
/** A try whose end nobody told (its caller left) keeps the next one waiting no longer than this. */
const PROBE_LEASE_MS = 10_000;

export function breakerState(breaker: Breaker, nowMs: number): BreakerState {
  if (breaker.openedAtMs === null) return "closed";
  if (nowMs < breaker.openUntilMs) return "open";
  const isProbing = breaker.probeAtMs !== null && nowMs - breaker.probeAtMs < PROBE_LEASE_MS;
  return isProbing ? "open" : "half-open";
}

/** A try is sent; when the breaker is half open it is the one that may pass. */
export function probed(breaker: Breaker, nowMs: number): Breaker {
  return breakerState(breaker, nowMs) === "half-open" ? { ...breaker, probeAtMs: nowMs } : breaker;
}

export function succeeded(before: Breaker, one: Try): Breaker {
  const breaker = counted(before, one, 0);
  const goodAtMs = Math.max(one.sentAtMs, breaker.goodAtMs ?? one.sentAtMs);
  const { openedAtMs } = breaker;
  // A request sent before it opened tells how the origin was then.
  if (openedAtMs !== null && one.sentAtMs < openedAtMs) return { ...breaker, goodAtMs };
  const closedAtMs = openedAtMs === null ? breaker.closedAtMs : one.endedAtMs;
  // A new window as well: the failures that opened it must not open it again.
  const window = openedAtMs === null ? {} : { windowTries: 0, windowFailures: 0 };
  return {
    ...breaker,
    ...window,
    goodAtMs,
    closedAtMs,
    failuresInRow: 0,
    openedAtMs: null,
    probeAtMs: null,
  };
}

/** Its beginning was a success and was told; that it broke off is a failure of its own. */
export function broke(breaker: Breaker, one: Try): Breaker {
  return decided({ ...counted(breaker, one, 1), brokenInRow: breaker.brokenInRow + 1 }, one);
}

/** An answer came to its own end. */
export function completed(breaker: Breaker): Breaker {
  return breaker.brokenInRow === 0 ? breaker : { ...breaker, brokenInRow: 0 };
}

export function fell(breaker: Breaker, one: Try): Breaker {
  return decided({ ...counted(breaker, one, 1), failuresInRow: breaker.failuresInRow + 1 }, one);
}

function decided(breaker: Breaker, one: Try): Breaker {
  switch (breaker.openedAtMs === null ? "closed" : one.endedAtMs < breaker.openUntilMs ? "open" : "over") {
    case "closed":
      return isTooMuch(breaker) ? opened(breaker, one.endedAtMs) : breaker;
    case "open":
      // Whoever had nowhere else to go: it was known that this may fail.
      return breaker;
    default:
      // Requests from before it opened end late; only the try that was let pass decides.
      return one.sentAtMs < breaker.openUntilMs ? breaker : opened(breaker, one.endedAtMs);
  }
}

/** What others saw, as far as it says more than what was seen here. */
export interface Opening {
  readonly openedAtMs: number;
  readonly openUntilMs: number;
}

/** Others found it failing: shut here as well, unless a request sent since then was answered well. */
export function shutByOthers(breaker: Breaker, opening: Opening): Breaker {
  const isOutdated = breaker.goodAtMs !== null && breaker.goodAtMs >= opening.openedAtMs;
  if (isOutdated) return breaker;
  if (breaker.openedAtMs !== null) {
    // Their try failed after ours might have passed: one for all is enough.
    return { ...breaker, openUntilMs: Math.max(breaker.openUntilMs, opening.openUntilMs) };
  }
  return { ...breaker, ...opening, probeAtMs: null };
}

/** Others were answered well by a request sent at `goodAtMs`: the next try may pass at once, and decides. */
export function invited(breaker: Breaker, goodAtMs: number): Breaker {
  const { openedAtMs } = breaker;
  if (openedAtMs === null || goodAtMs <= openedAtMs || goodAtMs >= breaker.openUntilMs) return breaker;
  return { ...breaker, openUntilMs: goodAtMs };
}

function counted(breaker: Breaker, one: Try, failures: 0 | 1): Breaker {
  const isOver = one.endedAtMs - breaker.windowAtMs >= WINDOW_MS;
  return {
    ...breaker,
    windowAtMs: isOver ? one.endedAtMs : breaker.windowAtMs,
    windowTries: (isOver ? 0 : breaker.windowTries) + 1,
    windowFailures: (isOver ? 0 : breaker.windowFailures) + failures,
  };
}

function isTooMuch({ failuresInRow, brokenInRow, windowTries, windowFailures }: Breaker): boolean {
  if (failuresInRow >= FAILURES_IN_ROW || brokenInRow >= FAILURES_IN_ROW) return true;
  return windowTries >= WINDOW_LEAST_TRIES && windowFailures >= windowTries * WINDOW_FAILED_SHARE;
}

function opened(breaker: Breaker, nowMs: number): Breaker {
  const isRelapse =
    breaker.openedAtMs !== null ||
    (breaker.closedAtMs !== null && nowMs - breaker.closedAtMs < FORGIVEN_AFTER_MS);
  const trips = isRelapse ? breaker.trips + 1 : 1;
  const openMs = Math.min(LONGEST_OPEN_MS, FIRST_OPEN_MS * 2 ** Math.min(trips - 1, MOST_DOUBLINGS));
  return {
    ...breaker,
    openedAtMs: nowMs,
    openUntilMs: nowMs + openMs * (1 + JITTER_SHARE * diceOf(nowMs)),
    trips,
    probeAtMs: null,
  };
}

/** 10 s doubled five times is over the cap. */
const MOST_DOUBLINGS = 5;

/** 0 ≤ x < 1: the instant of a failure within its second is as good as dice, and keeps this pure. */
function diceOf(nowMs: number): number {
  return (nowMs % 1_000) / 1_000;
}
