import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTraits, TRAIT_COUNT, TRAITS } from "../../../src/routing/ability/traits.ts";
import { createTokens, scanTokens } from "../../../src/routing/classify/tokens.ts";

const tokens = createTokens();

function traitsOf(text: string): Readonly<Record<string, number>> {
  const values = new Float32Array(TRAIT_COUNT);
  scanTokens(text, tokens);
  readTraits(text, tokens, values);
  return Object.fromEntries(TRAITS.map((name, i) => [name, values[i] ?? Number.NaN]));
}

describe("readTraits", () => {
  it("finds the options of a multiple choice and where the question ends", () => {
    const question = "What is 2 + 2?";
    const traits = traitsOf(`${question}\nA. 3\nB. 4\nC. five\nD. six`);
    expect(traits.options).toBe(4);
    expect(traits["numeric-options"]).toBe(0.5);
    expect(traits["stem-chars"]).toBeCloseTo(Math.log1p(question.length));
  });

  it("counts numbers as runs of digits, and decimals among them", () => {
    const traits = traitsOf("Pay 3.50 for 120 of 7 things.");
    expect(traits["longest-number"]).toBe(3);
    expect(traits.decimals).toBe(1);
    expect(traits.numbers).toBeCloseTo(Math.log1p(4));
  });

  it("takes capitals within a sentence for names, not those that open one", () => {
    expect(traitsOf("The shop sells pears. Anna buys two.").names).toBe(0);
    expect(traitsOf("Today Anna gives Bert two pears.").names).toBeCloseTo(Math.SQRT2);
  });

  it("weighs a problem with more relations heavier", () => {
    const plain = traitsOf("Ann has 3 pears and buys 4 pears at the shop in town.").burden ?? 0;
    const related = traitsOf("Ann has twice as many pears, but if half spoil fewer remain.").burden ?? 0;
    expect(related).toBeGreaterThan(plain);
  });

  it("is finite on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        for (const value of Object.values(traitsOf(text))) expect(Number.isFinite(value)).toBe(true);
      }),
    );
  });
});
