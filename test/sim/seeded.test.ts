import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashText, seededDice } from "../../sim/seeded.ts";

describe("seeded dice", () => {
  it("throw the same for the same seed", () => {
    const throws = (seed: number) => Array.from({ length: 20 }, seededDice(seed).next);
    expect(throws(7)).toEqual(throws(7));
    expect(throws(7)).not.toEqual(throws(8));
  });

  it("stay within their bounds", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, below) => {
        const dice = seededDice(seed);
        for (let round = 0; round < 20; round += 1) {
          const thrown = dice.below(below);
          expect(thrown >= 0 && thrown < below && Number.isInteger(thrown)).toBe(true);
        }
      }),
    );
  });

  it("refuse to pick from nothing", () => {
    expect(() => seededDice(1).pick([])).toThrow(RangeError);
  });
});

describe("the hash of a text", () => {
  it("is an unsigned 32-bit integer, and differs for near texts", () => {
    const hashes = new Set(Array.from({ length: 1000 }, (_, index) => hashText(`text ${index}`)));
    expect(hashes.size).toBe(1000);
    for (const hash of hashes) expect(hash >>> 0).toBe(hash);
  });
});
