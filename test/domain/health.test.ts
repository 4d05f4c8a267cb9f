import { describe, expect, it } from "vitest";
import {
  answered,
  ended,
  failed,
  isLoading,
  isSuspect,
  loading,
  started,
  UNKNOWN_HEALTH,
} from "../../src/domain/health.ts";

const NOW_MS = 1_700_000_000_000;
const failedTimes = (times: number) =>
  Array.from({ length: times }).reduce<typeof UNKNOWN_HEALTH>(
    (health) => failed(health, NOW_MS),
    UNKNOWN_HEALTH,
  );

describe("the average time to the first token", () => {
  it("is the first sample at first", () => expect(answered(UNKNOWN_HEALTH, 80).ttftMs).toBe(80));

  it("takes a spike whole and forgets it slowly", () => {
    const spiked = answered(answered(UNKNOWN_HEALTH, 100), 1_000);
    expect(spiked.ttftMs).toBe(1_000);
    const after = answered(spiked, 100);
    expect(after.ttftMs).toBe(820);
    expect(answered(after, 100).ttftMs).toBe(676);
  });
});

describe("requests in flight", () => {
  it("go up and down and never below none", () => {
    expect(started(started(UNKNOWN_HEALTH)).inFlight).toBe(2);
    expect(ended(started(started(UNKNOWN_HEALTH))).inFlight).toBe(1);
    expect(ended(UNKNOWN_HEALTH).inFlight).toBe(0);
  });
});

describe("the breaker", () => {
  it("trips at the fifth failure in a row", () => {
    expect(isSuspect(UNKNOWN_HEALTH, NOW_MS)).toBe(false);
    expect(isSuspect(failedTimes(4), NOW_MS)).toBe(false);
    expect(isSuspect(failedTimes(5), NOW_MS)).toBe(true);
  });

  it("is closed again by one answer", () => {
    expect(isSuspect(answered(failedTimes(9), 50), NOW_MS)).toBe(false);
    expect(isSuspect(failed(answered(failedTimes(9), 50), NOW_MS), NOW_MS)).toBe(false);
  });

  it("lets another try pass after ten seconds, and one failure trips it anew", () => {
    const health = failedTimes(5);
    expect(isSuspect(health, NOW_MS + 9_999)).toBe(true);
    expect(isSuspect(health, NOW_MS + 10_000)).toBe(false);
    expect(isSuspect(failed(health, NOW_MS + 10_000), NOW_MS + 10_001)).toBe(true);
  });
});

describe("a model that is loading", () => {
  it("is loading until the time that was named, or until it answers", () => {
    const health = loading(UNKNOWN_HEALTH, NOW_MS + 5_000);
    expect(isLoading(UNKNOWN_HEALTH, NOW_MS)).toBe(false);
    expect([isLoading(health, NOW_MS + 4_999), isLoading(health, NOW_MS + 5_000)]).toEqual([true, false]);
    expect(isLoading(answered(health, 50), NOW_MS)).toBe(false);
  });

  it("is no failure of its origin", () => {
    expect(isSuspect(loading(failedTimes(4), NOW_MS), NOW_MS)).toBe(false);
  });
});
