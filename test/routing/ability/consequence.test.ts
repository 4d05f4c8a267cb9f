import { describe, expect, it } from "vitest";
import { readPrompt } from "../../../src/routing/ability/ability.ts";
import { complexityByConsequence } from "../../../src/routing/ability/consequence.ts";
import { abilityOf, fitTiny, LETTER, RIVER, SUM } from "./tiny-weights.ts";

const ability = abilityOf(fitTiny());

describe("complexityByConsequence", () => {
  it("calls complex what small models fail at, whatever the rules say", () => {
    readPrompt(ability, SUM);
    expect(ability.generalShare).toBeLessThan(0.2);
    expect(complexityByConsequence(ability, "simple")).not.toBe("simple");
  });

  it("does not call complex what small models get right", () => {
    readPrompt(ability, RIVER);
    expect(complexityByConsequence(ability, "complex")).not.toBe("complex");
  });

  it("leaves it to the rules where no outcomes are alike", () => {
    readPrompt(ability, LETTER);
    expect(ability.generalShare).toBeGreaterThan(0.9);
    for (const ruled of ["simple", "medium", "complex"] as const) {
      expect(complexityByConsequence(ability, ruled)).toBe(ruled);
    }
  });
});
