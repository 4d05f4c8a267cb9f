import { describe, expect, it } from "vitest";
import {
  type Complexity,
  type Profile,
  ROUTING_TASKS,
  type RoutingTask,
  TASK_GROUPS,
} from "../../src/domain/route.ts";
import { readPrompt } from "../../src/routing/ability/ability.ts";
import { predictQuality } from "../../src/routing/quality.ts";
import { abilityOf, fitTiny, LARGE_NAME, LETTER, SMALL_NAME, SUM } from "./ability/tiny-weights.ts";
import { model } from "./fixtures.ts";

function profile(task: RoutingTask, complexity: Complexity, confidence = 1): Profile {
  return {
    task,
    group: TASK_GROUPS[task],
    complexity,
    confidence,
    language: "en",
    needs: [],
    inputTokens: 10,
    expectedOutputTokens: 10,
  };
}

function bySize(parametersB: number | null, task: RoutingTask, complexity: Complexity): number {
  return predictQuality(model("a/b", { parameters_b: parametersB }), profile(task, complexity)).value;
}

describe("predictQuality", () => {
  it.each(ROUTING_TASKS)("%s: keeps the definition of complexity for an 8B model", (task) => {
    expect(bySize(8, task, "simple")).toBeGreaterThanOrEqual(0.8);
    expect(bySize(8, task, "complex")).toBeLessThanOrEqual(0.45);
  });

  it.each(ROUTING_TASKS)("%s: grows with size and saturates", (task) => {
    const sizes = [0.1, 1, 4, 8, 14, 70, 400];
    const qualities = sizes.map((size) => bySize(size, task, "medium"));
    expect(qualities).toEqual(qualities.toSorted((a, b) => a - b));
    expect(bySize(2_000, task, "medium")).toBe(bySize(1_000, task, "medium"));
    expect(bySize(null, task, "medium")).toBe(bySize(8, task, "medium"));
  });

  it("takes the catalog's ability as it stands on medium prompts, and shifts it on others", () => {
    const able = model("a/b", { ability: { math: 0.62 } });
    const at = (complexity: Complexity) => predictQuality(able, profile("math", complexity));
    expect(at("medium")).toEqual({ value: 0.62, source: "ability" });
    expect(at("simple").value).toBeGreaterThan(0.8);
    expect(at("complex").value).toBeLessThan(0.4);
  });

  it("uses size where ability says nothing of the task", () => {
    const able = model("a/b", { ability: { math: 0.99 } });
    expect(predictQuality(able, profile("chat", "medium")).source).toBe("size");
    expect(predictQuality(model("a/b", { parameters_b: null }), profile("chat", "medium")).source).toBe(
      "prior",
    );
  });

  it("averages the group when the task is a guess", () => {
    const able = model("a/b", { ability: { code_generation: 0.9, code_debug_explain: 0.5 } });
    const guessed = predictQuality(able, profile("code_generation", "medium", 0.3));
    expect(guessed.value).toBeCloseTo(0.7, 3);
  });

  it("never claims certainty and never reads inherited names", () => {
    const sure = model("a/b", { ability: { math: 1, reasoning: 0 } });
    expect(predictQuality(sure, profile("math", "simple")).value).toBeLessThan(1);
    expect(predictQuality(sure, profile("reasoning", "complex")).value).toBeGreaterThan(0);
  });
});

describe("predictQuality after outcomes", () => {
  const outcomes = abilityOf(fitTiny());
  const large = model(LARGE_NAME, { parameters_b: null });
  const small = model(SMALL_NAME, { parameters_b: null });
  const math = profile("math", "medium");

  it("says of a prompt like those with outcomes what they taught", () => {
    readPrompt(outcomes, SUM);
    const predicted = predictQuality(large, math, outcomes);
    expect(predicted.source).toBe("outcomes");
    expect(predicted.value).toBeGreaterThan(predictQuality(small, math, outcomes).value + 0.3);
  });

  it("says of a prompt unlike them what size and task say", () => {
    readPrompt(outcomes, LETTER);
    const chat = profile("creative_writing", "medium");
    const sized = model("nobody/knows", { parameters_b: 70 });
    expect(predictQuality(sized, chat, outcomes).source).toBe("size");
    expect(predictQuality(sized, chat, outcomes).value).toBeCloseTo(predictQuality(sized, chat).value, 1);
  });

  it("leaves the last word to the catalog", () => {
    readPrompt(outcomes, SUM);
    const stated = model(SMALL_NAME, { ability: { math: 0.62 } });
    expect(predictQuality(stated, math, outcomes)).toEqual({ value: 0.62, source: "ability" });
  });
});
