import { describe, expect, it } from "vitest";
import { createEngine, enter, loadingLeftMs } from "../../sim/engine.ts";
import { DEFAULT_TIMING, type Timing } from "../../sim/gpu.ts";

function engineWith(timing: Partial<Timing>) {
  return createEngine({ servedAs: "m", parametersB: 7 }, () => ({ ...DEFAULT_TIMING, ...timing }));
}

async function hasStarted(started: Promise<void>): Promise<boolean> {
  return Promise.race([
    started.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(resolve, false)),
  ]);
}

describe("an engine", () => {
  it("runs as many as it has slots, lets the next wait, and starts them in order", async () => {
    const engine = engineWith({ slots: 1, queueLimit: 2 });
    const [first, second, third] = [enter(engine), enter(engine), enter(engine)];
    expect([engine.running, engine.waiting.length]).toEqual([1, 2]);
    first?.leave();
    expect(await hasStarted(second?.started ?? Promise.reject())).toBe(true);
    expect(await hasStarted(third?.started ?? Promise.reject())).toBe(false);
    expect([engine.running, engine.waiting.length]).toEqual([1, 1]);
  });

  it("refuses when the queue is full", () => {
    const engine = engineWith({ slots: 1, queueLimit: 1 });
    expect([enter(engine), enter(engine), enter(engine)].map((place) => place === null)).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("forgets who leaves the queue, and counts a second leave for nothing", () => {
    const engine = engineWith({ slots: 1, queueLimit: 5 });
    const [first, second] = [enter(engine), enter(engine)];
    second?.leave();
    second?.leave();
    first?.leave();
    first?.leave();
    expect([engine.running, engine.waiting.length]).toEqual([0, 0]);
  });

  it("loads from its first request on, for the scaled cold start", () => {
    const engine = engineWith({ coldStartMs: 10_000, scale: 0.5 });
    expect(loadingLeftMs(engine, 1_000)).toBe(5_000);
    expect(loadingLeftMs(engine, 3_000)).toBe(3_000);
    expect(loadingLeftMs(engine, 6_000)).toBe(0);
    expect(loadingLeftMs(engineWith({}), 1_000)).toBe(0);
  });
});
