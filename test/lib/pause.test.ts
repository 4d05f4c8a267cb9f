import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { after } from "../../src/lib/alarm-clock.ts";
import { pause } from "../../src/lib/pause.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function paused(signal: AbortSignal) {
  const seen = { isOver: false };
  void pause(after, 1_000, signal).then(() => {
    seen.isOver = true;
  });
  return seen;
}

describe("a pause", () => {
  it("takes its time", async () => {
    const seen = paused(new AbortController().signal);
    await vi.advanceTimersByTimeAsync(999);
    expect(seen.isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.isOver).toBe(true);
  });

  it("ends with its signal, and never begins behind it", async () => {
    const controller = new AbortController();
    const removed = vi.spyOn(controller.signal, "removeEventListener");
    const seen = paused(controller.signal);
    controller.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.isOver).toBe(true);
    expect(removed).toHaveBeenCalledOnce();
    const late = paused(controller.signal);
    await vi.advanceTimersByTimeAsync(0);
    expect(late.isOver).toBe(true);
  });
});
