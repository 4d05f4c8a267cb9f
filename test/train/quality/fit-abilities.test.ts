import { describe, expect, it } from "vitest";
import { canonicalName } from "../../../src/routing/ability/model-name.ts";
import { fitAbilities } from "../../../train/quality/fit-abilities.ts";
import { GENERAL } from "../../../train/quality/kinds.ts";
import { PUBLIC_SCORES } from "../../../train/quality/public-scores.ts";
import { LARGE_NAME, OUTCOMES, SMALL_NAME } from "../../routing/ability/tiny-weights.ts";

const abilities = fitAbilities(OUTCOMES);

function logit(model: string, kind: string): number {
  const row = abilities.models.indexOf(canonicalName(model));
  return abilities.logits[row * abilities.kinds.length + abilities.kinds.indexOf(kind)] ?? Number.NaN;
}

describe("fitAbilities", () => {
  it("gives a model that was seen what it scored, nearly", () => {
    expect(logit(SMALL_NAME, "sums")).toBeLessThan(-0.5);
    expect(logit(SMALL_NAME, "rivers")).toBeGreaterThan(1.5);
    expect(logit(LARGE_NAME, "sums")).toBeGreaterThan(1);
  });

  it("gives every public model a whole row, stronger ones the better", () => {
    expect(logit("deepseek-ai/DeepSeek-V3", "sums")).toBeGreaterThan(logit("01-ai/Yi-6B-Chat", "sums"));
    expect(logit("deepseek-ai/DeepSeek-V3", GENERAL)).toBeGreaterThan(logit("01-ai/Yi-6B-Chat", GENERAL));
    expect([...abilities.logits].every(Number.isFinite)).toBe(true);
  });

  it("takes in a new model by one row", () => {
    const row = { name: "new-model", parametersB: 9, mmlu: 0.9, gsm8k: null, math: null, humaneval: null };
    const { models, strengths } = fitAbilities(OUTCOMES, [...PUBLIC_SCORES, row]);
    expect(strengths[models.indexOf("new-model")]).toBeGreaterThan(1);
  });
});

describe("PUBLIC_SCORES", () => {
  it("names each model once, as names are compared, with shares between 0 and 1", () => {
    const names = PUBLIC_SCORES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, mmlu, gsm8k, math, humaneval } of PUBLIC_SCORES) {
      expect(canonicalName(name)).toBe(name);
      for (const share of [mmlu, gsm8k, math, humaneval]) {
        if (share !== null) expect(share > 0 && share < 1).toBe(true);
      }
    }
  });
});
