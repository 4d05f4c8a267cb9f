// Requests per minute, exactly: a ring of 61 one-second counters, so that no sliding 60 seconds ever
// hold more than the limit. The price is that a slot may come free up to one second late; a token
// bucket would admit up to twice the limit within a minute. The clock is an argument.

const SECONDS = 61;

/** Mutable, one per limited dimension. */
export interface RateWindow {
  /** Indexed by second modulo 61. */
  readonly counts: Uint32Array<ArrayBuffer>;
  /** The newest second seen; the clock never runs backwards in here. */
  second: number;
  sum: number;
}

export function rateWindow(): RateWindow {
  return { counts: new Uint32Array(SECONDS), second: 0, sum: 0 };
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

export function hasRoom(window: RateWindow, limit: number, nowMs: number): boolean {
  roll(window, nowMs);
  return window.sum < limit;
}

export function count(window: RateWindow, nowMs: number): void {
  roll(window, nowMs);
  const slot = window.second % SECONDS;
  window.counts[slot] = (window.counts[slot] ?? 0) + 1;
  window.sum++;
}

export function remainingIn(window: RateWindow, limit: number, nowMs: number): number {
  roll(window, nowMs);
  return Math.max(0, limit - window.sum);
}

/** Milliseconds until a lone caller is admitted; 0 when there is room now. */
export function roomInMs(window: RateWindow, limit: number, nowMs: number): number {
  roll(window, nowMs);
  let left = window.sum;
  if (left < limit) return 0;
  for (let age = SECONDS - 1; age >= 0; age--) {
    left -= window.counts[(window.second - age + SECONDS * 2) % SECONDS] ?? 0;
    if (left < limit) return leavesInMs(window.second - age, nowMs);
  }
  // A limit of 0 never has room; a minute later is as good an answer as any.
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
  const counts = Uint32Array.from({ length: SECONDS }, (_, slot) => saved.counts[slot] ?? 0);
  return { counts, second: saved.second, sum: counts.reduce((sum, n) => sum + n, 0) };
}
