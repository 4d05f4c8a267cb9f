import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  correct,
  count,
  emptyInMs,
  hasRoom,
  type RateWindow,
  rateWindow,
  remainingIn,
  restore,
  roomInMs,
  snapshot,
} from "../../src/admission/rate-window.ts";

const START_MS = 1_700_000_000_123;
const MINUTE_MS = 60_000;

const copyOf = (window: RateWindow) => restore(snapshot(window));

/** Waits between arrivals: bursts, trickles, edges of the window, and clocks that jump either way. */
const wait = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 400 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(999, 1_000, 1_001, 59_999, 60_000, 60_001, 60_999, 61_000, 61_001),
  },
  { weight: 1, arbitrary: fc.constantFrom(-1, -999, -61_000, -3_600_000, 3_600_000, 86_400_000) },
);
const waits = fc.array(wait, { minLength: 1, maxLength: 120 });
const limit = fc.integer({ min: 1, max: 12 });

/** Plays the arrivals; says of each when it was, as a clock that never runs backwards, and whether it was let in. */
function play(
  arrivals: readonly number[],
  most: number,
  onArrival?: (window: RateWindow, nowMs: number) => void,
) {
  const window = rateWindow();
  let clockMs = START_MS;
  let latestMs = Number.NEGATIVE_INFINITY;
  return arrivals.map((waitMs) => {
    clockMs += waitMs;
    latestMs = Math.max(latestMs, clockMs);
    onArrival?.(window, clockMs);
    const isAdmitted = hasRoom(window, most, clockMs);
    if (isAdmitted) count(window, clockMs);
    return { atMs: latestMs, isAdmitted };
  });
}

describe("the window", () => {
  it("never lets more than the limit in within any sliding minute", () => {
    fc.assert(
      fc.property(waits, limit, (arrivals, most) => {
        const admitted = play(arrivals, most).filter((arrival) => arrival.isAdmitted);
        for (const [at, { atMs }] of admitted.entries()) {
          const within = admitted.slice(0, at + 1).filter((other) => other.atMs >= atMs - MINUTE_MS);
          expect(within.length).toBeLessThanOrEqual(most);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("refuses only what an exact log of the last 61 seconds refuses as well", () => {
    fc.assert(
      fc.property(waits, limit, (arrivals, most) => {
        const played = play(arrivals, most);
        for (const [at, { atMs, isAdmitted }] of played.entries()) {
          if (isAdmitted) continue;
          const recent = played
            .slice(0, at)
            .filter((other) => other.isAdmitted && other.atMs > atMs - 61_000);
          expect(recent.length).toBeGreaterThanOrEqual(most);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("says to the millisecond when a lone caller is let in", () => {
    fc.assert(
      fc.property(waits, limit, (arrivals, most) => {
        play(arrivals, most, (window, nowMs) => {
          const waitMs = roomInMs(copyOf(window), most, nowMs);
          expect(waitMs === 0).toBe(hasRoom(copyOf(window), most, nowMs));
          expect(hasRoom(copyOf(window), most, nowMs + waitMs)).toBe(true);
          for (const earlierMs of [1, 2, 500, 999, 1_000]) {
            if (earlierMs > waitMs) continue;
            expect(hasRoom(copyOf(window), most, nowMs + waitMs - earlierMs)).toBe(false);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  it("is at most a second later than an exact log", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 60 }),
        limit,
        (arrivals, most) => {
          const log: number[] = [];
          let nowMs = START_MS;
          const window = rateWindow();
          for (const waitMs of arrivals) {
            nowMs += waitMs;
            const lateMs = roomInMs(copyOf(window), most, nowMs);
            const leaving = log.at(-most);
            const exactMs = leaving === undefined ? 0 : Math.max(0, leaving + MINUTE_MS - nowMs);
            expect(lateMs - exactMs).toBeGreaterThanOrEqual(0);
            expect(lateMs - exactMs).toBeLessThanOrEqual(1_000);
            if (!hasRoom(window, most, nowMs)) continue;
            count(window, nowMs);
            log.push(nowMs);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("counts down what remains within a burst, to nothing", () => {
    const window = rateWindow();
    const seen = [0, 1, 2, 3].map(() => {
      if (hasRoom(window, 3, START_MS)) count(window, START_MS);
      return remainingIn(window, 3, START_MS);
    });
    expect(seen).toEqual([2, 1, 0, 0]);
  });

  it("says when it is empty again", () => {
    fc.assert(
      fc.property(waits, limit, (arrivals, most) => {
        play(arrivals, most, (window, nowMs) => {
          const waitMs = emptyInMs(copyOf(window), nowMs);
          expect(remainingIn(copyOf(window), most, nowMs + waitMs)).toBe(most);
          if (waitMs > 0) expect(remainingIn(copyOf(window), most, nowMs + waitMs - 1)).toBeLessThan(most);
        });
      }),
      { numRuns: 200 },
    );
  });

  it("with a limit of nothing never has room and still names a time to ask again", () => {
    const window = rateWindow();
    expect(hasRoom(window, 0, START_MS)).toBe(false);
    expect(remainingIn(window, 0, START_MS)).toBe(0);
    expect(roomInMs(window, 0, START_MS)).toBe(61_000);
  });

  it("honours a limit that was lowered below what it holds", () => {
    const window = rateWindow();
    for (let i = 0; i < 10; i++) count(window, START_MS + i * 1_000);
    expect(remainingIn(window, 3, START_MS + 9_000)).toBe(0);
    const waitMs = roomInMs(window, 3, START_MS + 9_000);
    expect(hasRoom(copyOf(window), 3, START_MS + 9_000 + waitMs - 1)).toBe(false);
    expect(hasRoom(copyOf(window), 3, START_MS + 9_000 + waitMs)).toBe(true);
  });

  it("does not come loose when the clock runs backwards, nor break when it leaps", () => {
    const window = rateWindow();
    for (let i = 0; i < 5; i++) count(window, START_MS);
    expect(hasRoom(window, 5, START_MS - 3_600_000)).toBe(false);
    expect(hasRoom(window, 5, START_MS + 3_600_000)).toBe(true);
    expect(remainingIn(window, 5, START_MS + 3_600_000)).toBe(5);
  });
});

const amount = fc.integer({ min: 0, max: 1_500 });
const weighed = fc.array(fc.tuple(wait, amount), { minLength: 1, maxLength: 120 });
const tokenLimit = fc.integer({ min: 1, max: 1_000 });

interface Entry {
  readonly atMs: number;
  readonly second: number;
  amount: number;
}

/** Plays arrivals of any size against a log that forgets nothing. */
function playWeighed(
  arrivals: readonly (readonly [waitMs: number, amount: number])[],
  most: number,
  onArrival: (turn: {
    readonly window: RateWindow;
    readonly nowMs: number;
    readonly asked: number;
    readonly isAdmitted: boolean;
    readonly log: readonly Entry[];
  }) => void,
): void {
  const window = rateWindow();
  const log: Entry[] = [];
  let clockMs = START_MS;
  let latestMs = Number.NEGATIVE_INFINITY;
  for (const [waitMs, asked] of arrivals) {
    clockMs += waitMs;
    latestMs = Math.max(latestMs, clockMs);
    const isAdmitted = hasRoom(window, most, clockMs, asked);
    onArrival({ window, nowMs: latestMs, asked, isAdmitted, log });
    if (isAdmitted) log.push({ atMs: latestMs, second: count(window, clockMs, asked), amount: asked });
  }
}

const sumOf = (entries: readonly Entry[]) => entries.reduce((sum, entry) => sum + entry.amount, 0);

describe("a window of tokens", () => {
  it("never holds more than the limit in any sliding minute, but for what exceeds it alone", () => {
    fc.assert(
      fc.property(weighed, tokenLimit, (arrivals, most) => {
        playWeighed(arrivals, most, ({ nowMs, asked, isAdmitted, log }) => {
          if (!isAdmitted) return;
          const recent = sumOf(log.filter(({ atMs }) => atMs >= nowMs - MINUTE_MS));
          if (recent > 0) expect(recent + asked).toBeLessThanOrEqual(most);
        });
      }),
      { numRuns: 500 },
    );
  });

  it("refuses only what an exact log of the last 61 seconds has no room for either", () => {
    fc.assert(
      fc.property(weighed, tokenLimit, (arrivals, most) => {
        playWeighed(arrivals, most, ({ nowMs, asked, isAdmitted, log }) => {
          if (isAdmitted) return;
          const recent = sumOf(log.filter(({ atMs }) => atMs > nowMs - 61_000));
          expect(recent + Math.min(asked, most)).toBeGreaterThan(most);
        });
      }),
      { numRuns: 500 },
    );
  });

  it("says to the millisecond when a lone caller with that many is let in", () => {
    fc.assert(
      fc.property(weighed, tokenLimit, (arrivals, most) => {
        playWeighed(arrivals, most, ({ window, nowMs, asked, isAdmitted }) => {
          const waitMs = roomInMs(copyOf(window), most, nowMs, asked);
          expect(waitMs === 0).toBe(isAdmitted);
          expect(hasRoom(copyOf(window), most, nowMs + waitMs, asked)).toBe(true);
          if (waitMs > 0) expect(hasRoom(copyOf(window), most, nowMs + waitMs - 1, asked)).toBe(false);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("lets what is larger than the limit in when it is empty, and nothing beside it for a minute", () => {
    const window = rateWindow();
    expect(hasRoom(window, 10, START_MS, 25)).toBe(true);
    count(window, START_MS, 25);
    expect(hasRoom(window, 10, START_MS + MINUTE_MS, 1)).toBe(false);
    expect(remainingIn(window, 10, START_MS)).toBe(0);
    expect(hasRoom(window, 10, START_MS + roomInMs(window, 10, START_MS, 25), 25)).toBe(true);
  });
});

describe("a correction", () => {
  /** Each arrival is corrected to what it truly used, a number of arrivals later. */
  const corrected = fc.array(
    fc.record({
      waitMs: wait,
      asked: amount,
      used: fc.integer({ min: 0, max: 3_000 }),
      later: fc.integer({ min: 0, max: 5 }),
    }),
    { minLength: 1, maxLength: 100 },
  );

  it("counts what was used in the second in which it was let in: as a log does that is rewritten", () => {
    fc.assert(
      fc.property(corrected, tokenLimit, (arrivals, most) => {
        const window = rateWindow();
        const log: Entry[] = [];
        const due: { readonly turn: number; readonly entry: Entry; readonly used: number }[] = [];
        let clockMs = START_MS;
        for (const [turn, { waitMs, asked, used, later }] of arrivals.entries()) {
          clockMs += waitMs;
          for (const { entry, used: truth } of due.filter((each) => each.turn === turn)) {
            correct(window, entry.second, truth - entry.amount);
            entry.amount = truth;
          }
          if (hasRoom(window, most, clockMs, asked)) {
            const entry = { atMs: clockMs, second: count(window, clockMs, asked), amount: asked };
            log.push(entry);
            due.push({ turn: turn + 1 + later, entry, used });
          }
          const known = sumOf(log.filter(({ second }) => second > window.second - 61));
          expect(window.sum).toBe(known);
          expect(remainingIn(window, most, clockMs)).toBe(Math.max(0, most - known));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("of a second long gone changes nothing", () => {
    const window = rateWindow();
    const second = count(window, START_MS, 10);
    count(window, START_MS + 61_000, 3);
    correct(window, second, -10);
    correct(window, second, 1_000);
    expect(remainingIn(window, 100, START_MS + 61_000)).toBe(97);
  });
});

describe("its snapshot", () => {
  it("survives JSON and goes on as if nothing had happened", () => {
    fc.assert(
      fc.property(waits, limit, fc.nat(70_000), (arrivals, most, laterMs) => {
        let end = { window: rateWindow(), nowMs: START_MS };
        play(arrivals, most, (window, nowMs) => {
          end = { window, nowMs };
        });
        const back = restore(JSON.parse(JSON.stringify(snapshot(end.window))));
        const thenMs = end.nowMs + laterMs;
        expect(remainingIn(back, most, thenMs)).toBe(remainingIn(end.window, most, thenMs));
        expect(roomInMs(back, most, thenMs)).toBe(roomInMs(end.window, most, thenMs));
        expect(back.sum).toBe(back.counts.reduce((sum, each) => sum + each, 0));
      }),
    );
  });

  it("of another width is read as far as it goes", () => {
    expect(restore({ second: 100, counts: [1, 2] }).sum).toBe(3);
  });
});
