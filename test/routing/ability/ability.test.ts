import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gapOf, qualityOf, readPrompt } from "../../../src/routing/ability/ability.ts";
import { abilityOf, fitTiny, LARGE_NAME, LETTER, RIVER, SMALL_NAME, SUM } from "./tiny-weights.ts";

const ability = abilityOf(fitTiny());
const PAIR = [{ name: LARGE_NAME }, { name: SMALL_NAME }] as const;

function qualityFor(text: string, name: string, parametersB: number | null = null): number {
  readPrompt(ability, text);
  return qualityOf(ability, { name, parametersB });
}

function gapFor(text: string): number {
  readPrompt(ability, text);
  return gapOf(ability, PAIR);
}

describe("qualityOf", () => {
  it("knows what each model was good at", () => {
    expect(qualityFor(SUM, LARGE_NAME)).toBeGreaterThan(0.75);
    expect(qualityFor(SUM, SMALL_NAME)).toBeLessThan(0.4);
    expect(qualityFor(RIVER, SMALL_NAME)).toBeGreaterThan(0.75);
  });

  it("compares names without case, pack prefix and owner", () => {
    const plain = qualityFor(SUM, LARGE_NAME);
    for (const name of [
      "large-1",
      "ACME/Large-1",
      "rb/acme/large-1",
      "lr/large-1",
      "ae/large-1",
      "other/large-1",
    ]) {
      expect(qualityFor(SUM, name)).toBe(plain);
    }
  });

  it("gives an unknown model the prior, and one of known size what its size says", () => {
    const prior = qualityFor(SUM, "nobody/knows-this");
    const sizes = [1, 8, 70, 400].map((size) => qualityFor(SUM, "nobody/knows-this", size));
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(prior).toBe(sizes[1]);
  });

  it("stays between 0 and 1 and finite on any text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400, unit: "binary" }), (text) => {
        for (const name of [LARGE_NAME, SMALL_NAME, "unknown"]) {
          const quality = qualityFor(text, name);
          expect(quality).toBeGreaterThan(0);
          expect(quality).toBeLessThan(1);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("leaves nothing of one prompt behind for the next", () => {
    const first = qualityFor(SUM, LARGE_NAME);
    qualityFor(LETTER, LARGE_NAME);
    expect(qualityFor(SUM, LARGE_NAME)).toBe(first);
  });

  it("reads a megabyte no further than a few pages", () => {
    const page = `${SUM} ${"word ".repeat(4_000)}`;
    expect(qualityFor(page.repeat(50), LARGE_NAME)).toBeCloseTo(qualityFor(page.repeat(2), LARGE_NAME), 6);
  });
});

describe("gapOf", () => {
  it("ranks what only the strong model can do first", () => {
    expect(gapFor(SUM)).toBeGreaterThan(gapFor(RIVER));
  });

  it("is nothing for a model against itself", () => {
    readPrompt(ability, SUM);
    expect(gapOf(ability, [PAIR[0], PAIR[0]])).toBe(0);
  });

  it("turns its sign with the pair", () => {
    readPrompt(ability, SUM);
    expect(gapOf(ability, [PAIR[1], PAIR[0]])).toBeCloseTo(-gapOf(ability, PAIR), 9);
  });
});
