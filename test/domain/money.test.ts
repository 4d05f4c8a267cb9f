import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exact, fromUsd, toUsd } from "../../src/domain/money.ts";

describe("fromUsd", () => {
  it.each([
    [0, 0],
    [1, 1_000_000],
    [0.1 + 0.2, 300_000],
    [0.000001, 1],
    [0.0000004, 0],
    [1.005, 1_005_000],
    [-2.5, -2_500_000],
    [9_007_199_254, 9_007_199_254_000_000],
  ])("%d USD are %d µ", (usd, micro) => expect(fromUsd(usd)).toBe(micro));

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e10, -1e300])("refuses %d", (usd) => {
    expect(() => fromUsd(usd)).toThrow(RangeError);
  });
});

describe("toUsd", () => {
  it("has at most six places, and reads back as the same amount", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e15, max: 1e15 }), (micro) => {
        expect(fromUsd(toUsd(micro))).toBe(micro);
        expect(String(toUsd(micro))).toMatch(/^-?\d+(\.\d{1,6})?$|^-?\d(\.\d)?e-[67]$/);
      }),
    );
  });

  it("refuses half a micro-dollar", () => expect(() => toUsd(0.5)).toThrow(RangeError));
});

describe("exact", () => {
  it("lets whole numbers to 2^53 pass and nothing else", () => {
    expect(exact(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    for (const micro of [2 ** 53, 0.1, Number.NaN, Number.NEGATIVE_INFINITY]) {
      expect(() => exact(micro)).toThrow(RangeError);
    }
  });
});
