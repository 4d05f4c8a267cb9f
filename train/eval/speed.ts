// How long one prompt takes here, in Node; what counts is measured in workerd by the benchmark.
import { createAbility, qualityOf, readPrompt } from "../../src/routing/ability/ability.ts";
import { readAbilityWeights } from "../../src/routing/ability/ability-weights.ts";
import type { Container } from "../../src/routing/weights/container.ts";
import type { Section } from "./figure.ts";

/** As many as the default catalog has for text. */
const MODELS = [
  "qwen3-4b",
  "qwen3-14b",
  "qwen3-32b",
  "qwen2.5-7b-instruct",
  "llama-3.3-70b-instruct",
  "deepseek-v3",
];
const WARM_UP = 2_000;
const MICROSECONDS = 1_000;

export function speedReport(base: Container, prompts: readonly string[]): Section {
  const ability = createAbility(readAbilityWeights(base));
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + prompts.length; i++) {
    const prompt = prompts[i % prompts.length] ?? "";
    const startedMs = performance.now();
    readPrompt(ability, prompt);
    for (const name of MODELS) qualityOf(ability, { name });
    if (i >= WARM_UP) times.push((performance.now() - startedMs) * MICROSECONDS);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
  const count = prompts.length;
  return {
    title: `Quality of ${MODELS.length} models for one prompt, microseconds`,
    figures: [
      { name: "p50", value: at(0.5), n: count },
      { name: "p99", value: at(0.99), n: count },
    ],
  };
}
