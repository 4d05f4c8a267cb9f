import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ramp, sigmoid, softmax } from "../../src/lib/curves.ts";

describe("sigmoid", () => {
  it("is even odds at 0, and the same distance from them on both sides", () => {
    expect(sigmoid(0)).toBe(0.5);
    expect(sigmoid(Math.log(3))).toBeCloseTo(0.75);
    expect(sigmoid(2) + sigmoid(-2)).toBeCloseTo(1);
  });
});

describe("ramp", () => {
  it("is 0 up to the first, 1 from the second on and straight between", () => {
    expect([0, 2, 3, 4, 9].map((value) => ramp(value, 2, 4))).toEqual([0, 0, 0.5, 1, 1]);
  });
});

describe("softmax", () => {
  it("makes the odds of two the power of their difference, however large they are", () => {
    const logits = Float64Array.of(1_000, 1_000 + Math.log(4));
    softmax(logits);
    expect([...logits]).toEqual([expect.closeTo(0.2), expect.closeTo(0.8)]);
  });

  it("adds up to 1 and keeps the order", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -700, max: 700, noNaN: true }), { minLength: 1 }), (logits) => {
        const shares = Float64Array.from(logits);
        softmax(shares);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
        const best = logits.indexOf(Math.max(...logits));
        expect(shares[best]).toBe(Math.max(...shares));
      }),
    );
  });
});
