import { describe, expect, it } from "vitest";
import type { AbilityWeights } from "../../../src/routing/ability/ability-weights.ts";
import { strengthOfSize } from "../../../src/routing/ability/strength.ts";
import { generalShareOf, readYardsticks } from "../../../src/routing/ability/yardsticks.ts";
import { abilityOf, fitTiny } from "./tiny-weights.ts";

const { weights } = abilityOf(fitTiny());
const last = weights.kindNames.length - 1;

/** The same weights, in which every kind has the logits of one named model. */
function named(name: string, logits: readonly number[]): AbilityWeights {
  return { ...weights, rows: new Map([[name, 0]]), logits: Float32Array.from(logits) };
}

describe("readYardsticks", () => {
  it("reads the line through the public figures where no measured model is known", () => {
    const { small } = readYardsticks({ ...weights, rows: new Map() });
    const line = (weights.ease[0] ?? 0) + (weights.slope[0] ?? 0) * strengthOfSize(8);
    expect(small.logits[0]).toBeCloseTo(line);
    expect(small.logits).toHaveLength(weights.kindNames.length);
  });

  it("reads what a measured model achieved where the weights know one", () => {
    const measured = named(
      "gemma-2-9b-it",
      weights.kindNames.map((_, kind) => kind),
    );
    expect([...readYardsticks(measured).small.logits]).toEqual([...weights.kindNames.keys()]);
  });

  it("trusts no kind that even a strong model is marked wrong in, nor the kind of everything else", () => {
    const measured = named(
      "llama-3.1-70b-instruct",
      weights.kindNames.map((_, kind) => (kind === 0 ? -3 : 3)),
    );
    const { telling } = readYardsticks(measured);
    expect([telling[0], telling[last]]).toEqual([0, 0]);
    expect(telling.slice(1, last)).toEqual(new Uint8Array(last - 1).fill(1));
  });
});

describe("generalShareOf", () => {
  const shareOf = (shares: readonly number[], telling: readonly number[]) =>
    generalShareOf(Float32Array.from(shares), {
      ...readYardsticks(weights),
      telling: Uint8Array.from(telling),
    });

  it("is whole where the prompt is of no kind that tells, and nothing where it is of such kinds alone", () => {
    expect(shareOf([0, 1], [1, 0])).toBe(1);
    expect(shareOf([1, 0], [0, 0])).toBe(1);
    expect(shareOf([1, 0], [1, 0])).toBe(0);
  });

  it("takes ten times the likeness to an exam to be believed as much as everything else", () => {
    expect(shareOf([10 / 11, 1 / 11], [1, 0])).toBeCloseTo(0.5);
  });
});
