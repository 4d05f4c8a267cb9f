import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { after, alarmClock } from "../../src/lib/alarm-clock.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each([
  { name: "a clock of one request", start: () => alarmClock(Date.now) },
  { name: "a timer of its own", start: () => after },
])("$name", ({ start }) => {
  it("runs each action once, in the order of its time and not before it", () => {
    const waits = fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(waits, (delaysMs) => {
        const wait = start();
        const startMs = Date.now();
        const rung: { readonly ms: number; readonly atMs: number }[] = [];
        for (const ms of delaysMs) wait(ms, () => rung.push({ ms, atMs: Date.now() - startMs }));
        vi.advanceTimersByTime(120_000);
        expect(rung.map(({ ms }) => ms).sort((a, b) => a - b)).toEqual([...delaysMs].sort((a, b) => a - b));
        for (const { ms, atMs } of rung) expect(atMs - ms).toBeOneOf([0, 1]);
      }),
    );
  });

  it("never runs what was taken back, also by an action of the same instant", () => {
    const wait = start();
    const rung: string[] = [];
    const takeBack = wait(10, () => rung.push("taken back"));
    wait(20, () => takeBackLate());
    const takeBackLate = wait(20, () => rung.push("taken back late"));
    takeBack();
    vi.advanceTimersByTime(100);
    expect(rung).toEqual([]);
  });

  it("lets an action set the next one", () => {
    const wait = start();
    const rung: number[] = [];
    const again = () => {
      rung.push(Date.now());
      if (rung.length < 3) wait(7_000, again);
    };
    const startMs = Date.now();
    wait(7_000, again);
    vi.advanceTimersByTime(60_000);
    expect(rung.map((atMs) => atMs - startMs)).toEqual([7_000, 14_000, 21_000]);
  });
});

describe("the timers behind one clock", () => {
  it("are one, however many waits begin and end within five seconds", () => {
    const wait = alarmClock(Date.now);
    for (const ms of [30_000, 7_500, 60_000, 5_000]) wait(ms, () => undefined)();
    expect(vi.getTimerCount()).toBe(1);
  });

  it("ring no more once nothing is waited for", () => {
    const wait = alarmClock(Date.now);
    wait(30_000, () => undefined)();
    vi.advanceTimersByTime(5_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
