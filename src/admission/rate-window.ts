// Requests or tokens per minute, exactly: a ring of 61 one-second counters, so that no sliding 60 seconds ever
// hold more than the limit. The price is that room may come up to one second late; a token bucket would
// admit up to twice the limit within a minute. The clock is an argument.

const SECONDS = 61;

/** Mutable, one per limited dimension. */
export interface RateWindow {
  /** Indexed by second modulo 61. */
  readonly counts: Float64Array<ArrayBuffer>;
  /** The newest second seen; the clock never runs backwards in here. */
  second: number;
  sum: number;
}

export function rateWindow(): RateWindow {
  return { counts: new Float64Array(SECONDS), second: 0, sum: 0 };
}

/** Forgets what is older than 60 seconds; every other function calls it first. */
function roll(window: RateWindow, nowMs: number): void {
  const now = Math.max(window.second, Math.floor(nowMs / 1000));
  const passed = Math.min(SECONDS, now - window.second);
  for (let i = 1; i <= passed; i++) {
    const slot = (now - passed + i) % SECONDS;
    window.sum -= window.counts[slot] ?? 0;
    window.counts[slot] = 0;
  }
  window.second = now;
}

/** Whether `amount` more fits. What exceeds the limit by itself fits an empty window, else it never could. */
export function hasRoom(window: RateWindow, limit: number, nowMs: number, amount = 1): boolean {
  roll(window, nowMs);
  return window.sum + Math.min(amount, limit) <= limit && limit > 0;
}

/** Returns the second it was counted in, for a later correction. */
export function count(window: RateWindow, nowMs: number, amount = 1): number {
  roll(window, nowMs);
  add(window, window.second, amount);
  return window.second;
}

/** What was counted in `second` turns out to be `difference` more or less; forgotten seconds stay forgotten. */
export function correct(window: RateWindow, second: number, difference: number): void {
  if (second > window.second - SECONDS) add(window, second, difference);
}

function add(window: RateWindow, second: number, amount: number): void {
  const slot = second % SECONDS;
  const before = window.counts[slot] ?? 0;
  const after = Math.max(0, before + amount);
  window.counts[slot] = after;
  window.sum += after - before;
}

export function remainingIn(window: RateWindow, limit: number, nowMs: number): number {
  roll(window, nowMs);
  return Math.max(0, limit - window.sum);
}

/** Milliseconds until a lone caller asking for `amount` is admitted; 0 when there is room now. */
export function roomInMs(window: RateWindow, limit: number, nowMs: number, amount = 1): number {
  // It never has room; a minute later is as good an answer as any.
  if (limit <= 0) return SECONDS * 1000;
  roll(window, nowMs);
  const asked = Math.min(amount, limit);
  let left = window.sum;
  if (left + asked <= limit) return 0;
  for (let age = SECONDS - 1; age >= 0; age--) {
    left -= window.counts[(window.second - age + SECONDS * 2) % SECONDS] ?? 0;
    if (left + asked <= limit) return leavesInMs(window.second - age, nowMs);
  }
  // Amounts that are no integers may leave a crumb behind: the whole window is the longest wait.
  return SECONDS * 1000;
}

/** Milliseconds until the window is empty. */
export function emptyInMs(window: RateWindow, nowMs: number): number {
  roll(window, nowMs);
  for (let age = 0; age < SECONDS; age++) {
    const second = window.second - age;
    if ((window.counts[(second + SECONDS * 2) % SECONDS] ?? 0) > 0) return leavesInMs(second, nowMs);
  }
  return 0;
}

function leavesInMs(second: number, nowMs: number): number {
  return Math.max(0, (second + SECONDS) * 1000 - nowMs);
}

/** What storage keeps: 61 counters and the second they end at. */
export type RateSnapshot = { readonly second: number; readonly counts: readonly number[] };

export function snapshot(window: RateWindow): RateSnapshot {
  return { second: window.second, counts: [...window.counts] };
}

export function restore(saved: RateSnapshot): RateWindow {
  const counts = Float64Array.from({ length: SECONDS }, (_, slot) => saved.counts[slot] ?? 0);
  return { counts, second: saved.second, sum: counts.reduce((sum, n) => sum + n, 0) };
}
