import { describe, expect, it } from "vitest";
import { likeness, traitDistance } from "../../../src/routing/ability/trait-range.ts";
import { TRAIT_COUNT } from "../../../src/routing/ability/traits.ts";

const range = {
  means: new Float32Array(TRAIT_COUNT).fill(1),
  rates: new Float32Array(TRAIT_COUNT).fill(0.5),
  reach: 1,
};
const away = (deviations: number) => new Float32Array(TRAIT_COUNT).fill(1 + 2 * deviations);

describe("likeness", () => {
  it("is 1 within the reach and 0 at three times it", () => {
    expect(likeness(away(0), range)).toBe(1);
    expect(likeness(away(1), range)).toBe(1);
    expect(likeness(away(Math.sqrt(2)), range)).toBeCloseTo(0.5, 5);
    expect(likeness(away(Math.sqrt(3)), range)).toBeCloseTo(0, 5);
    expect(likeness(away(9), range)).toBe(0);
  });
});

describe("traitDistance", () => {
  it("is the mean square over the traits, in deviations", () => {
    expect(traitDistance(away(2), range)).toBeCloseTo(4, 5);
  });
});
