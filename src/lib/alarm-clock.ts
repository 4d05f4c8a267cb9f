// Many waits, one timer. A request bounds its body, its attempts, its lease and itself, and nearly all of these
// end unused: a platform timer for each would cost more than the waits are worth. It does not know what it wakes.

/** Runs `action` once, after at least `ms` milliseconds; the returned function takes it back. */
export type After = (ms: number, action: () => void) => () => void;

/**
 * The timer is set this short at first, however long the first wait is: the shorter ones that follow it within a
 * request then need no other. Ringing for nothing once in five seconds costs less than setting twice.
 */
const FIRST_RING_MS = 5_000;

interface Alarm {
  readonly atMs: number;
  readonly action: () => void;
}

/**
 * A clock of one request. Its timer is never cleared: it rings once more for nothing, or goes away with the
 * request. `now`: milliseconds, never running backwards.
 */
export function alarmClock(now: () => number): After {
  const alarms = new Set<Alarm>();
  let ringsAtMs = Number.POSITIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function set(atMs: number): void {
    if (atMs >= ringsAtMs) return;
    clearTimeout(timer);
    ringsAtMs = atMs;
    timer = setTimeout(ring, Math.max(0, atMs - now()));
  }

  function ring(): void {
    ringsAtMs = Number.POSITIVE_INFINITY;
    const nowMs = now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const alarm of [...alarms]) {
      if (alarm.atMs > nowMs) nextMs = Math.min(nextMs, alarm.atMs);
      // An earlier action of this ring may have taken it back.
      else if (alarms.delete(alarm)) alarm.action();
    }
    if (nextMs < Number.POSITIVE_INFINITY) set(nextMs);
  }

  return (ms, action) => {
    const nowMs = now();
    const alarm = { atMs: nowMs + ms, action };
    alarms.add(alarm);
    set(Math.min(alarm.atMs, nowMs + FIRST_RING_MS));
    return () => void alarms.delete(alarm);
  };
}

/** A timer of its own for each wait: where there is no request whose clock could be shared. */
export const after: After = (ms, action) => {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
};
