import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apgr, auc, calibrationError, callsForPart, recoveryCurve } from "../../../train/lib/metrics.ts";

const rows = fc.array(
  fc.record({ score: fc.integer({ min: 0, max: 5 }), gap: fc.constantFrom(-1, 0, 1, 1) }),
  { minLength: 4, maxLength: 40 },
);

describe("apgr", () => {
  it("is 0.5 when the score says nothing", () => {
    expect(apgr([7, 7, 7, 7], [1, 0, 0, 1])).toBeCloseTo(0.5);
  });

  it("counts the area under the recovered gap", () => {
    // The strong model helps on the first of two prompts: the gap is won back after one of two calls.
    expect(apgr([2, 1], [1, 0])).toBeCloseTo(0.75);
    expect(apgr([1, 2], [1, 0])).toBeCloseTo(0.25);
  });

  it("does not depend on the order of rows, nor on a monotone change of scale", () => {
    fc.assert(
      fc.property(rows, (some) => {
        fc.pre(some.reduce((sum: number, { gap }) => sum + gap, 0) > 0);
        const once = apgr(
          some.map(({ score }) => score),
          some.map(({ gap }) => gap),
        );
        const back = some.toReversed();
        const again = apgr(
          back.map(({ score }) => Math.exp(score)),
          back.map(({ gap }) => gap),
        );
        expect(again).toBeCloseTo(once, 9);
      }),
    );
  });

  it("of the reversed ranking is what is left to 1", () => {
    fc.assert(
      fc.property(rows, (some) => {
        const gaps: readonly number[] = some.map(({ gap }) => gap);
        fc.pre(gaps.reduce((sum, gap) => sum + gap, 0) > 0);
        const scores = some.map(({ score }) => score);
        expect(
          apgr(scores, gaps) +
            apgr(
              scores.map((score) => -score),
              gaps,
            ),
        ).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe("recoveryCurve", () => {
  it("begins at nothing and ends at everything", () => {
    const curve = recoveryCurve([3, 2, 1], [1, 0, 1]);
    expect([...curve]).toEqual([0, 0.5, 0.5, 1]);
  });

  it("tells how many calls win back a part", () => {
    expect(callsForPart([4, 3, 2, 1], [1, 1, 0, 0], 0.5)).toBe(0.25);
    expect(callsForPart([4, 3, 2, 1], [1, 1, 0, 0], 1)).toBe(0.5);
  });
});

describe("auc", () => {
  it("is the chance that a hit scores above a miss, ties shared", () => {
    expect(auc([3, 1, 2], [1, 0, 0])).toBe(1);
    expect(auc([1, 1], [1, 0])).toBe(0.5);
    expect(auc([1, 2], [1, 0])).toBe(0);
  });

  it("takes fractions as parts of hits", () => {
    expect(auc([2, 1], [1, 0.5])).toBeGreaterThan(0.5);
  });

  it("is no number when there is one class only", () => {
    expect(auc([1, 2], [1, 1])).toBeNaN();
  });
});

describe("calibrationError", () => {
  it("is nothing where shares come true, and the difference where they do not", () => {
    expect(calibrationError([0.5, 0.5], [0, 1])).toBeCloseTo(0);
    expect(calibrationError([0.9, 0.9], [0, 0])).toBeCloseTo(0.9);
  });
});
