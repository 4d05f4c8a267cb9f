import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Breaker,
  breakerState,
  broke,
  CLOSED,
  completed,
  fell,
  invited,
  LONGEST_OPEN_MS,
  probed,
  shutByOthers,
  succeeded,
} from "../../src/domain/breaker.ts";

// A full second: its jitter is none.
const T = 1_700_000_000_000;
const tryAt = (sentAtMs: number, tookMs = 0) => ({ sentAtMs, endedAtMs: sentAtMs + tookMs });
const fallen = (times: number, breaker = CLOSED, atMs = T): Breaker =>
  Array.from({ length: times }).reduce<Breaker>((before) => fell(before, tryAt(atMs)), breaker);
const OPEN = fallen(5);

describe("it opens", () => {
  it("at the fifth failure in a row", () => {
    expect(breakerState(fallen(4), T)).toBe("closed");
    expect(breakerState(OPEN, T)).toBe("open");
  });

  it("not when an answer came between", () => {
    const mended = succeeded(fallen(4), tryAt(T));
    expect(breakerState(fallen(4, mended), T)).toBe("closed");
  });

  it("at the fifth answer that broke off, however well each of them began", () => {
    const turn = (before: Breaker) => broke(succeeded(before, tryAt(T)), tryAt(T));
    const four = Array.from({ length: 4 }).reduce<Breaker>(turn, CLOSED);
    expect(breakerState(turn(four), T)).toBe("open");
    expect(breakerState(turn(completed(four)), T)).toBe("closed");
  });

  it("at half of twenty within ten seconds, though never five in a row", () => {
    const turn = (before: Breaker) => succeeded(fell(before, tryAt(T)), tryAt(T));
    const nine = Array.from({ length: 9 }).reduce<Breaker>(turn, CLOSED);
    expect(breakerState(nine, T)).toBe("closed");
    const nineteen = succeeded(nine, tryAt(T));
    expect(breakerState(fell(nineteen, tryAt(T)), T)).toBe("open");
  });

  it("not for as many failures spread over more than ten seconds", () => {
    let breaker = CLOSED;
    for (let i = 0; i < 100; i++) {
      const one = tryAt(T + i * 600);
      breaker = i % 2 === 0 ? fell(breaker, one) : succeeded(breaker, one);
      expect(breakerState(breaker, one.endedAtMs)).toBe("closed");
    }
  });
});

describe("while it is open", () => {
  it("shuts for ten seconds, then lets one try pass at a time", () => {
    expect(breakerState(OPEN, T + 9_999)).toBe("open");
    expect(breakerState(OPEN, T + 10_000)).toBe("half-open");
    const probing = probed(OPEN, T + 10_000);
    expect(breakerState(probing, T + 10_001)).toBe("open");
  });

  it("lets the next try pass ten seconds after one whose end nobody told", () => {
    const probing = probed(OPEN, T + 10_000);
    expect(breakerState(probing, T + 19_999)).toBe("open");
    expect(breakerState(probing, T + 20_000)).toBe("half-open");
  });

  it("takes a try for the one that may pass only when one may", () => {
    expect(probed(CLOSED, T)).toBe(CLOSED);
    expect(probed(OPEN, T)).toBe(OPEN);
  });

  it("is closed by an answer to a request sent since, even before its time", () => {
    expect(breakerState(succeeded(OPEN, tryAt(T, 300)), T + 300)).toBe("closed");
  });

  it("is not closed by an answer to a request sent before", () => {
    expect(breakerState(succeeded(OPEN, tryAt(T - 1, 500)), T + 500)).toBe("open");
  });

  it("is not prolonged by who had nowhere else to go, nor by who was sent before and failed late", () => {
    expect(fell(OPEN, tryAt(T + 1)).openUntilMs).toBe(OPEN.openUntilMs);
    expect(fell(OPEN, tryAt(T - 1, 11_000)).openUntilMs).toBe(OPEN.openUntilMs);
  });
});

describe("a failed try", () => {
  const failAgain = (before: Breaker) => fell(before, tryAt(Math.ceil(before.openUntilMs / 1_000) * 1_000));

  it("opens it for twice as long, up to five minutes", () => {
    const spans: number[] = [];
    let breaker = OPEN;
    for (let i = 0; i < 7; i++) {
      spans.push(breaker.openUntilMs - (breaker.openedAtMs ?? 0));
      breaker = failAgain(breaker);
    }
    expect(spans).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  it("soon after it closed counts as one more", () => {
    const closed = succeeded(OPEN, tryAt(T + 10_000));
    const again = fallen(5, closed, T + 20_000);
    expect(again.openUntilMs).toBe(T + 40_000);
  });

  it("a minute after it closed is a first one", () => {
    const closed = succeeded(OPEN, tryAt(T + 10_000));
    const again = fallen(5, closed, T + 70_000);
    expect(again.openUntilMs).toBe(T + 80_000);
  });

  it("is jittered by at most a tenth", () => {
    const late = fallen(5, CLOSED, T + 999);
    expect(late.openUntilMs - (T + 999)).toBeCloseTo(10_999, 0);
  });
});

describe("what others saw", () => {
  const opening = { openedAtMs: T, openUntilMs: T + 10_000 };

  it("shuts one that heard nothing since", () => {
    expect(breakerState(shutByOthers(CLOSED, opening), T + 1)).toBe("open");
    expect(breakerState(shutByOthers(CLOSED, opening), T + 10_000)).toBe("half-open");
  });

  it("does not shut one that was answered since", () => {
    const good = succeeded(CLOSED, tryAt(T));
    expect(shutByOthers(good, opening)).toBe(good);
  });

  it("keeps an open one shut for longer, and never for less", () => {
    expect(shutByOthers(OPEN, { openedAtMs: T + 5, openUntilMs: T + 20_000 }).openUntilMs).toBe(T + 20_000);
    expect(shutByOthers(OPEN, { openedAtMs: T + 5, openUntilMs: T + 1 }).openUntilMs).toBe(T + 10_000);
  });

  it("invites the next try at once, and closes nothing", () => {
    expect(breakerState(invited(OPEN, T + 3_000), T + 3_000)).toBe("half-open");
    expect(breakerState(invited(OPEN, T), T + 3_000)).toBe("open");
    expect(invited(CLOSED, T)).toBe(CLOSED);
  });
});

type Step =
  | { readonly act: "ask"; readonly waitMs: number }
  | { readonly act: "end"; readonly waitMs: number; readonly isGood: boolean; readonly which: number }
  | { readonly act: "others"; readonly waitMs: number; readonly openMs: number };

const STEPS: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ act: fc.constant("ask" as const), waitMs: fc.nat(4_000) }),
    fc.record({
      act: fc.constant("end" as const),
      waitMs: fc.nat(4_000),
      isGood: fc.boolean(),
      which: fc.nat(50),
    }),
    fc.record({ act: fc.constant("others" as const), waitMs: fc.nat(4_000), openMs: fc.nat(20_000) }),
  ),
  { maxLength: 200 },
);

interface World {
  breaker: Breaker;
  nowMs: number;
  readonly underWay: number[];
}

/** Every caller asks the state and sends only where one may pass, or for want of another target. */
function play(world: World, step: Step): void {
  world.nowMs += step.waitMs;
  const { breaker, nowMs } = world;
  if (step.act === "others") {
    world.breaker = shutByOthers(breaker, { openedAtMs: nowMs, openUntilMs: nowMs + step.openMs });
    return;
  }
  if (step.act === "ask") {
    if (breakerState(breaker, nowMs) === "open") return;
    world.breaker = probed(breaker, nowMs);
    world.underWay.push(nowMs);
    return;
  }
  const [sentAtMs] = world.underWay.splice(step.which % Math.max(1, world.underWay.length), 1);
  if (sentAtMs === undefined) return;
  const one = { sentAtMs, endedAtMs: nowMs };
  world.breaker = step.isGood ? succeeded(breaker, one) : fell(breaker, one);
}

function run(steps: readonly Step[], look: (world: World, before: Breaker, step: Step) => void): void {
  const world: World = { breaker: CLOSED, nowMs: T, underWay: [] };
  for (const step of steps) {
    const before = world.breaker;
    play(world, step);
    look(world, before, step);
  }
}

describe("in any order of requests, ends and others' words", () => {
  it("nothing but an answer to a request sent since it opened closes it", () => {
    fc.assert(
      fc.property(STEPS, (steps) =>
        run(steps, ({ breaker }, before, step) => {
          if (before.openedAtMs === null || breaker.openedAtMs !== null) return;
          expect(step).toMatchObject({ act: "end", isGood: true });
          expect(breaker.goodAtMs).toBeGreaterThanOrEqual(before.openedAtMs);
        }),
      ),
    );
  });

  it("a try passes again at the latest five and a half minutes later, and one at a time", () => {
    fc.assert(
      fc.property(STEPS, (steps) =>
        run(steps, ({ breaker, nowMs }) => {
          expect(breakerState(breaker, nowMs + LONGEST_OPEN_MS * 1.1)).not.toBe("open");
          const state = breakerState(breaker, nowMs);
          if (state === "half-open") expect(breakerState(probed(breaker, nowMs), nowMs)).toBe("open");
        }),
      ),
    );
  });

  it("four failures in a row and few tries never open it", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 19 }), (ends) => {
        let breaker = CLOSED;
        let row = 0;
        for (const isGood of ends) {
          row = isGood ? 0 : row + 1;
          if (row > 4) return;
          breaker = isGood ? succeeded(breaker, tryAt(T)) : fell(breaker, tryAt(T));
        }
        expect(breakerState(breaker, T)).toBe("closed");
      }),
    );
  });
});
