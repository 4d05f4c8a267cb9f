import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breakerState, CLOSED } from "../../src/domain/breaker.ts";
import { answered, failed, started, UNKNOWN_HEALTH } from "../../src/domain/health.ts";
import {
  type Evidence,
  evidenceOf,
  type HeardOrigin,
  heard,
  heardOfOrigin,
  joined,
  targetReport,
} from "../../src/domain/health-gossip.ts";

const T = 1_700_000_000_000;
const PLACE = { origin: "us-1", model: "a/m" };
const tryAt = (sentAtMs: number) => ({ sentAtMs, endedAtMs: sentAtMs });
const GOOD = answered(UNKNOWN_HEALTH, tryAt(T), 120);
const OPENING = { openedAtMs: T, openUntilMs: T + 10_000 };
const SILENT: Evidence = { opening: null, goodAtMs: null };

describe("a report", () => {
  it("tells of targets that are in use, and of no others", () => {
    expect(targetReport(PLACE, UNKNOWN_HEALTH, T)).toBeNull();
    expect(targetReport(PLACE, started(UNKNOWN_HEALTH, T), T)).toMatchObject({ inFlight: 1, ttftMs: null });
    expect(targetReport(PLACE, GOOD, T)).toEqual({
      ...PLACE,
      inFlight: 0,
      ttftMs: 120,
      opening: null,
      goodAtMs: T,
    });
    expect(targetReport(PLACE, GOOD, T + 60_000)).toBeNull();
  });

  it("tells of an open breaker for as long as it is open", () => {
    const open = { ...UNKNOWN_HEALTH, breaker: { ...CLOSED, ...OPENING } };
    expect(targetReport(PLACE, open, T + 3_600_000)?.opening).toEqual(OPENING);
  });
});

describe("between two isolates", () => {
  const times = fc.option(fc.integer({ min: T, max: T + 100_000 }));
  const evidence: fc.Arbitrary<Evidence> = fc.record({
    goodAtMs: times,
    opening: fc.option(
      fc
        .tuple(fc.integer({ min: T, max: T + 100_000 }), fc.nat(300_000))
        .map(([openedAtMs, ms]) => ({ openedAtMs, openUntilMs: openedAtMs + ms })),
    ),
  });

  it("the newer word counts", () => {
    const shut = { opening: OPENING, goodAtMs: null };
    expect(joined(shut, SILENT).opening).toEqual(OPENING);
    expect(joined(shut, { opening: null, goodAtMs: T + 1 })).toEqual({ opening: null, goodAtMs: T + 1 });
    expect(joined(shut, { opening: null, goodAtMs: T - 1 }).opening).toEqual(OPENING);
  });

  it("it does not matter who is heard first, nor how often", () => {
    fc.assert(
      fc.property(evidence, evidence, (one, other) => {
        expect(joined(one, other).goodAtMs).toBe(joined(other, one).goodAtMs);
        expect(joined(one, other).opening?.openUntilMs).toBe(joined(other, one).opening?.openUntilMs);
        expect(joined(joined(one, other), other)).toEqual(joined(one, other));
      }),
    );
  });

  it("no opening survives a good answer sent after it", () => {
    fc.assert(
      fc.property(evidence, evidence, (one, other) => {
        const { opening, goodAtMs } = joined(one, other);
        if (opening === null || goodAtMs === null) return;
        expect(opening.openedAtMs).toBeGreaterThan(goodAtMs);
      }),
    );
  });
});

describe("hearing of a target", () => {
  const row = { ...PLACE, ...SILENT, inFlight: 7, ttftMs: 90, queue: null, readiness: null };

  it("keeps what others have in flight apart from one's own", () => {
    const health = heard(started(UNKNOWN_HEALTH, T), row, T);
    expect(health).toMatchObject({ inFlight: 1, elsewhere: { inFlight: 7, ttftMs: 90, atMs: T } });
  });

  it("keeps the newest answer that anybody had, however long nobody has another", () => {
    const told = heard(UNKNOWN_HEALTH, { ...row, goodAtMs: T - 5 }, T);
    expect(told.answeredAtMs).toBe(T - 5);
    expect(heard(told, row, T + 1).answeredAtMs).toBe(T - 5);
    expect(heard(told, { ...row, goodAtMs: T - 9 }, T + 1).answeredAtMs).toBe(T - 5);
  });

  it("shuts what others found failing, unless one's own answers are newer", () => {
    const shut = { ...row, opening: OPENING };
    expect(breakerState(heard(UNKNOWN_HEALTH, shut, T + 500).breaker, T + 500)).toBe("open");
    expect(breakerState(heard(GOOD, shut, T + 500).breaker, T + 500)).toBe("closed");
  });

  it("shuts for no longer than five minutes, whatever another machine's clock says", () => {
    const mad = { ...row, opening: { openedAtMs: T, openUntilMs: T + 1e12 } };
    expect(heard(UNKNOWN_HEALTH, mad, T).breaker.openUntilMs).toBe(T + 300_000);
  });
});

describe("hearing of an origin", () => {
  const refused = Array.from({ length: 5 }).reduce<typeof UNKNOWN_HEALTH>(
    (health) => failed(health, { ...tryAt(T), kind: "refused", retryAfterMs: null }),
    UNKNOWN_HEALTH,
  ).whole;
  const row = (changes: Partial<HeardOrigin>): HeardOrigin => ({
    origin: "us-1",
    ...SILENT,
    isDrained: false,
    check: null,
    ...changes,
  });
  const stateAt = (whole: typeof refused, nowMs: number) => breakerState(whole.breaker, nowMs);

  it("takes over drains in both directions", () => {
    const drained = heardOfOrigin(UNKNOWN_HEALTH.whole, row({ isDrained: true }), T);
    expect(drained.isDrained).toBe(true);
    expect(heardOfOrigin(drained, row({}), T).isDrained).toBe(false);
  });

  it("a check that found it up lets the next try pass at once", () => {
    const check = { atMs: T + 4_000, downSinceMs: null };
    const invited = heardOfOrigin(refused, row({ check }), T + 4_500);
    expect([stateAt(refused, T + 4_500), stateAt(invited, T + 4_500)]).toEqual(["open", "half-open"]);
  });

  it("a check from before it opened says nothing", () => {
    const check = { atMs: T - 1, downSinceMs: null };
    expect(stateAt(heardOfOrigin(refused, row({ check }), T + 1), T + 1)).toBe("open");
  });

  it("checks that find it down shut it, and keep it shut while they do", () => {
    const down = (atMs: number) => row({ check: { atMs, downSinceMs: T } });
    let whole = heardOfOrigin(UNKNOWN_HEALTH.whole, down(T + 5_000), T + 5_000);
    for (let atMs = T + 5_000; atMs < T + 600_000; atMs += 5_000) {
      whole = heardOfOrigin(whole, down(atMs), atMs);
      expect(stateAt(whole, atMs + 5_000)).toBe("open");
    }
    expect(stateAt(whole, T + 600_000 + 12_500)).toBe("half-open");
  });

  it("a failing health page shuts no origin whose answers are good", () => {
    const check = { atMs: T + 5_000, downSinceMs: T };
    expect(stateAt(heardOfOrigin(GOOD.whole, row({ check }), T + 5_000), T + 5_000)).toBe("closed");
  });

  it("repeats nothing that it was not told", () => {
    expect(evidenceOf(CLOSED)).toEqual(SILENT);
  });
});
