import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  answered,
  ended,
  expectedTtftMs,
  type FaultKind,
  failed,
  finished,
  isLoading,
  isSuspect,
  type Latency,
  loading,
  loadOf,
  type OriginHealth,
  reopensAtMs,
  standing,
  started,
  UNKNOWN_HEALTH,
} from "../../src/domain/health.ts";

const T = 1_700_000_000_000;
const tryAt = (sentAtMs: number) => ({ sentAtMs, endedAtMs: sentAtMs });
const fault = (kind: FaultKind, atMs = T, retryAfterMs: number | null = null) => ({
  ...tryAt(atMs),
  kind,
  retryAfterMs,
});
const failedTimes = (times: number, kind: FaultKind, health = UNKNOWN_HEALTH) =>
  Array.from({ length: times }).reduce<OriginHealth>((before) => failed(before, fault(kind)), health);

describe("the time to the first token", () => {
  const measured = (...samples: readonly (readonly [number, number])[]): Latency => {
    const health = samples.reduce<OriginHealth>(
      (before, [atMs, ttftMs]) => answered(before, tryAt(atMs), ttftMs),
      UNKNOWN_HEALTH,
    );
    if (health.latency === null) throw new Error("nothing was measured");
    return health.latency;
  };

  it("is the first sample at first", () => {
    expect(measured([T, 80])).toEqual({ peakMs: 80, usualMs: 80, atMs: T, samples: 1 });
  });

  it("takes a spike whole", () => {
    expect(measured([T, 100], [T, 1_000]).peakMs).toBe(1_000);
  });

  it("forgets a spike by time, however many quick answers come at once", () => {
    const busy = measured([T, 1_000], ...Array.from({ length: 50 }, () => [T + 1, 100] as const));
    expect(busy.peakMs).toBeGreaterThan(990);
    expect(measured([T, 1_000], [T + 30_000, 100]).peakMs).toBeLessThan(150);
  });

  it("decays to what is usual when no answer comes any more", () => {
    const spiked = measured(...Array.from({ length: 30 }, () => [T, 100] as const), [T, 5_000]);
    expect(expectedTtftMs(spiked, 100, T)).toBeCloseTo(5_000, 0);
    expect(expectedTtftMs(spiked, 100, T + 60_000)).toBeLessThan(700);
  });

  it("forgets even a usual that is bad, so that the origin is asked again some day", () => {
    const slow = measured(...Array.from({ length: 10 }, () => [T, 20_000] as const));
    expect(expectedTtftMs(slow, 100, T + 60_000)).toBeGreaterThan(15_000);
    expect(expectedTtftMs(slow, 100, T + 3_600_000)).toBeLessThan(200);
  });

  it("forgets a single slow answer ten times sooner than a bad usual: its connection may have been cold", () => {
    const once = measured([T, 2_000]);
    expect(expectedTtftMs(once, 100, T + 5_000)).toBeGreaterThan(1_500);
    expect(expectedTtftMs(once, 100, T + 120_000)).toBeLessThan(400);
  });

  it("is a plain mean of the first ten answers", () => {
    expect(measured([T, 2_000], [T, 100], [T, 100], [T, 100]).usualMs).toBeCloseTo(575);
  });

  it("is not measured where there was no first token", () => {
    expect(answered(UNKNOWN_HEALTH, tryAt(T), null).latency).toBeNull();
  });

  it("always lies between what was measured and the prior", () => {
    const times = fc.array(fc.tuple(fc.nat(100_000), fc.nat(60_000)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(times, fc.nat(10_000), fc.nat(1_000_000), (samples, priorMs, laterMs) => {
        const latency = measured(...samples.map(([offset, ms]) => [T + offset, ms] as const));
        const all = [...samples.map(([, ms]) => ms), priorMs];
        const expected = expectedTtftMs(latency, priorMs, latency.atMs + laterMs);
        expect(expected).toBeGreaterThanOrEqual(Math.min(...all) - 1e-6);
        expect(expected).toBeLessThanOrEqual(Math.max(...all) + 1e-6);
      }),
    );
  });
});

describe("requests in flight", () => {
  it("go up and down and never below none", () => {
    const two = started(started(UNKNOWN_HEALTH, T), T);
    expect(two.inFlight).toBe(2);
    expect(ended(two).inFlight).toBe(1);
    expect(ended(UNKNOWN_HEALTH).inFlight).toBe(0);
  });
});

describe("the load of an origin", () => {
  const SLOTS = 10;
  const busy = (requests: number, health = UNKNOWN_HEALTH, atMs = T) =>
    Array.from({ length: requests }).reduce<OriginHealth>((before) => started(before, atMs), health);
  const idle = (health: OriginHealth) =>
    Array.from({ length: health.inFlight }).reduce<OriginHealth>((before) => ended(before), health);
  const told = (health: OriginHealth, running: number, inFlight = 0, atMs = T): OriginHealth => ({
    ...health,
    elsewhere: { atMs, inFlight, queue: { running, waiting: 0 }, ttftMs: null, readiness: null },
  });

  it("is what this isolate and the others have there, as a share of its slots", () => {
    expect(loadOf(busy(3), SLOTS, T)).toBe(0.3);
    expect(loadOf(told(busy(3), 0, 4), SLOTS, T)).toBe(0.7);
  });

  it("holds what the origin counts beyond them: requests of somebody else", () => {
    expect(loadOf(told(busy(3), 8), SLOTS, T)).toBe(0.8);
    expect(loadOf(told(busy(3), 12, 4), SLOTS, T)).toBe(1.2);
  });

  it("does not hold our own requests of some seconds ago, which the origin's count still holds", () => {
    const after = told(idle(busy(20)), 20);
    expect(loadOf(after, SLOTS, T + 5_000)).toBe(0);
    // A request later, in the next window, the burst is still known.
    expect(loadOf(busy(1, { ...after, elsewhere: null }, T + 13_000), SLOTS, T + 13_000)).toBe(0.1);
    const later = told(busy(1, idle(busy(20)), T + 13_000), 20, 0, T + 13_000);
    expect(loadOf(later, SLOTS, T + 14_000)).toBe(0.1);
  });

  it("holds them again when no such burst was ours for longer than a count is believed", () => {
    expect(loadOf(told(idle(busy(20)), 20, 0, T + 24_000), SLOTS, T + 24_000)).toBe(2);
  });

  it("is never less than what is counted, nor more than all counts together", () => {
    const counts = fc.nat(50);
    fc.assert(
      fc.property(counts, counts, counts, fc.nat(40_000), (ours, theirs, running, laterMs) => {
        const load = loadOf(told(busy(ours), running, theirs, T + laterMs), 1, T + laterMs);
        expect(load).toBeGreaterThanOrEqual(ours + theirs);
        expect(load).toBeLessThanOrEqual(ours + theirs + running);
      }),
    );
  });
});

describe("how long a slot is taken", () => {
  it("is unknown without a stream that came to its end, and then an average of many", () => {
    expect(finished(UNKNOWN_HEALTH, null).slotMs).toBeNull();
    const once = finished(UNKNOWN_HEALTH, 2_000);
    expect(once.slotMs).toBe(2_000);
    expect(finished(once, 12_000).slotMs).toBeCloseTo(2_300);
    const slow = Array.from({ length: 150 }).reduce<OriginHealth>((before) => finished(before, 4_000), once);
    expect(slow.slotMs).toBeGreaterThan(3_900);
  });
});

describe("what a failure says", () => {
  it("of the origin as a whole: refused connections alone", () => {
    const refused = failedTimes(5, "refused");
    expect(standing(refused, T)).toBe("open");
    expect(refused.breaker).toBe(UNKNOWN_HEALTH.breaker);
    for (const kind of ["silent", "failed", "broken"] as const) {
      const other = failedTimes(5, kind);
      expect(standing(other, T)).toBe("open");
      expect(standing({ ...UNKNOWN_HEALTH, whole: other.whole }, T)).toBe("closed");
    }
  });

  it("of a server that answers with failures: it can be reached", () => {
    const shaky = failed(failedTimes(4, "refused"), fault("failed"));
    expect(isSuspect(failed(shaky, fault("refused")), T)).toBe(false);
  });

  it("of one that stays silent: neither that it can be reached nor that it cannot", () => {
    expect(failed(failedTimes(4, "refused"), fault("silent")).whole.breaker.failuresInRow).toBe(4);
  });

  it("of one that is full: nothing but that, for as long as it says, within bounds", () => {
    const full = failedTimes(100, "full");
    expect([standing(full, T), full.busyUntilMs]).toEqual(["closed", T + 1_000]);
    expect(failed(UNKNOWN_HEALTH, fault("full", T, 7_000)).busyUntilMs).toBe(T + 7_000);
    expect(failed(UNKNOWN_HEALTH, fault("full", T, 900_000)).busyUntilMs).toBe(T + 30_000);
    expect(answered(full, tryAt(T), 50).busyUntilMs).toBeNull();
  });
});

describe("where a target stands", () => {
  it("is the worse of its own breaker and of its origin's", () => {
    const both = failedTimes(5, "refused", failedTimes(5, "silent"));
    expect(standing(both, T + 9_999)).toBe("open");
    expect(standing(both, T + 12_000)).toBe("half-open");
    expect(reopensAtMs(both, T)).toBe(T + 10_000);
    expect(reopensAtMs(UNKNOWN_HEALTH, T)).toBe(T);
  });

  it("lets one try pass for both, and an answer closes both", () => {
    const both = failedTimes(5, "refused", failedTimes(5, "silent"));
    const probing = started(both, T + 12_000);
    expect(isSuspect(probing, T + 12_001)).toBe(true);
    expect(standing(answered(probing, tryAt(T + 12_000), 50), T + 12_050)).toBe("closed");
  });
});

describe("a model that is loading", () => {
  it("is loading until the time that was named, or until it answers", () => {
    const health = loading(UNKNOWN_HEALTH, T + 5_000);
    expect(isLoading(UNKNOWN_HEALTH, T)).toBe(false);
    expect([isLoading(health, T + 4_999), isLoading(health, T + 5_000)]).toEqual([true, false]);
    expect(isLoading(answered(health, tryAt(T), 50), T)).toBe(false);
  });

  it("is no failure of its origin", () => {
    expect(isSuspect(loading(failedTimes(4, "failed"), T), T)).toBe(false);
  });
});
