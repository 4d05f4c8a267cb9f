import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { after } from "../../src/lib/alarm-clock.ts";
import { withinOrNull } from "../../src/lib/within-or-null.ts";

describe("a wait with a bound", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const later = <Value>(ms: number, value: Value) =>
    new Promise<Value>((resolve) => setTimeout(() => resolve(value), ms));

  it("ends with the work where that is in time, and leaves no timer", async () => {
    const waited = withinOrNull(after, later(99, "done"), 100);
    await vi.advanceTimersByTimeAsync(99);
    expect(await waited).toBe("done");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends with nothing where it is not", async () => {
    const waited = withinOrNull(after, later(101, "done"), 100);
    await vi.advanceTimersByTimeAsync(100);
    expect(await waited).toBeNull();
  });

  it("of no time or less gives work that is done its chance", async () => {
    expect(await withinOrNull(after, Promise.resolve("done"), -5)).toBe("done");
  });

  it("fails as the work does", async () => {
    const waited = withinOrNull(after, Promise.reject(new Error("broken")), 100);
    await expect(waited).rejects.toThrow("broken");
    expect(vi.getTimerCount()).toBe(0);
  });
});
