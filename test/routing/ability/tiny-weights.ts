// A small ability model for tests, fitted in milliseconds on made-up outcomes: sums, which only the
// large model gets right, and greetings, which both do.
import { type Ability, createAbility } from "../../../src/routing/ability/ability.ts";
import { readAbilityWeights } from "../../../src/routing/ability/ability-weights.ts";
import { type Container, readContainer } from "../../../src/routing/weights/container.ts";
import { writeContainer } from "../../../train/lib/write-container.ts";
import { fitQuality } from "../../../train/quality/fit-quality.ts";
import type { OutcomeRow, QualityPart } from "../../../train/quality/types.ts";

export const LARGE_NAME = "acme/large-1";
export const SMALL_NAME = "acme/small-1";

export const OUTCOMES: readonly OutcomeRow[] = Array.from({ length: 240 }, (_, i) => {
  const isSum = i % 2 === 0;
  const prompt = isSum
    ? `A train carries ${i + 3} crates and each crate holds ${i} melons. How many melons are there in total?`
    : `Which river flows through the old harbour town number ${i} of the northern coast?`;
  return {
    id: `row-${i}`,
    benchmark: isSum ? "sums" : "rivers",
    domain: null,
    prompt,
    scores: { [LARGE_NAME]: i % 20 === 0 ? 0 : 1, [SMALL_NAME]: isSum ? Number(i % 10 === 0) : 1 },
    costUsd: null,
  };
});

const TEXTS = Array.from(
  { length: 60 },
  (_, i) => `Please write a warm birthday letter to my friend ${i}, who likes cats.`,
);

export function fitTiny(): QualityPart {
  return fitQuality({ outcomes: OUTCOMES, texts: TEXTS });
}

export function containerOf({ sections, meta }: QualityPart): Container {
  return readContainer(writeContainer({ sections, meta: { quality: meta } }).buffer);
}

export function abilityOf(part: QualityPart): Ability {
  return createAbility(readAbilityWeights(containerOf(part)));
}

export const SUM =
  "A cart carries 12 crates and each crate holds 9 melons. How many melons are there in total?";
export const RIVER = "Which river flows through the old harbour town of the southern coast?";
export const LETTER = "Please write a warm birthday letter to my friend Ada, who likes cats.";
