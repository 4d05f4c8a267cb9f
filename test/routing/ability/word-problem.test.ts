import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTraits, TRAIT_COUNT } from "../../../src/routing/ability/traits.ts";
import { wordProblemGap, wordProblemShare } from "../../../src/routing/ability/word-problem.ts";
import { createTokens, scanTokens } from "../../../src/routing/classify/tokens.ts";

const tokens = createTokens();

function traitsOf(text: string): Float32Array {
  const values = new Float32Array(TRAIT_COUNT);
  scanTokens(text, tokens);
  readTraits(text, tokens, values);
  return values;
}

const shareOf = (text: string) => wordProblemShare(traitsOf(text));

const SHORT = "Ann has 3 pears and 4 plums. She buys 5 pears. How many pears has she now?";
const LONG =
  "Ann has 3 pears and 4 plums. Bert has twice as many pears as Ann and half as many plums. If Ann buys 5 more pears, how many fruits have Ann and Bert together?";

describe("wordProblemShare", () => {
  it("is whole for a short story with numbers that ends in a question", () => {
    expect(shareOf(SHORT)).toBe(1);
    expect(shareOf(LONG)).toBe(1);
  });

  it("is nothing for multiple choice, instructions, plain questions and passages", () => {
    expect(shareOf(`${SHORT}\nA. 7\nB. 8`)).toBe(0);
    expect(shareOf("Write a story in 3 parts of 200 words. Use 2 heroes.")).toBe(0);
    expect(shareOf("Which river is the longest?")).toBe(0);
    expect(shareOf(`${"The town grew by 3 farms in 4 years. ".repeat(30)}What grew?`)).toBe(0);
  });

  it("stays between 0 and 1 on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const share = shareOf(text);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });
});

describe("wordProblemGap", () => {
  it("grows with the burden, turns with the pair and is nothing between equals", () => {
    expect(wordProblemGap(traitsOf(LONG), 1)).toBeGreaterThan(wordProblemGap(traitsOf(SHORT), 1));
    expect(wordProblemGap(traitsOf(LONG), -1)).toBeCloseTo(-wordProblemGap(traitsOf(LONG), 1));
    expect(wordProblemGap(traitsOf(LONG), 0)).toBeCloseTo(0);
  });
});
