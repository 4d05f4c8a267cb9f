// Predictions for outcomes that the fit has not seen: by random folds, and by leaving a whole benchmark
// out. Through the weights file and the runtime's own module, so that what is measured is what ships.
import { type Ability, createAbility, qualityOf, readPrompt } from "../../src/routing/ability/ability.ts";
import { readAbilityWeights } from "../../src/routing/ability/ability-weights.ts";
import { type Container, readContainer } from "../../src/routing/weights/container.ts";
import { createRandom } from "../lib/random.ts";
import { writeContainer } from "../lib/write-container.ts";
import { fitQuality } from "../quality/fit-quality.ts";
import type { OutcomeRow, QualityPart } from "../quality/types.ts";
import type { Packs } from "./packs.ts";

export interface Prediction {
  readonly row: OutcomeRow;
  readonly model: string;
  readonly predicted: number;
  /** What the models' averages on the fit's other prompts say, without reading the prompt. */
  readonly uninformed: number;
  readonly score: number;
}

export function containerOf({ sections, meta }: QualityPart): Container {
  return readContainer(writeContainer({ sections, meta: { quality: meta } }).buffer);
}

export function abilityOf(part: QualityPart): Ability {
  return createAbility(readAbilityWeights(containerOf(part)));
}

export interface Fold {
  readonly ability: Ability;
  readonly train: readonly OutcomeRow[];
  readonly test: readonly OutcomeRow[];
}

const SEED = 7;

/** The first `used` of five folds; a prompt that two benchmarks share stays on one side. */
export function randomFolds({ outcomes, texts }: Packs, used: number): readonly Fold[] {
  const prompts = [...new Set(outcomes.map(plainPrompt))];
  const order = Uint32Array.from({ length: prompts.length }, (_, i) => i);
  createRandom(SEED).shuffle(order);
  const foldOf = new Map([...order].map((prompt, place) => [prompts[prompt], place % FOLDS]));
  return Array.from({ length: used }, (_, fold) => {
    const isTest = (row: OutcomeRow) => foldOf.get(plainPrompt(row)) === fold;
    return fitFold(
      outcomes.filter((row) => !isTest(row)),
      outcomes.filter(isTest),
      texts,
    );
  });
}

export function withoutBenchmark({ outcomes, texts }: Packs, benchmark: string): Fold {
  const test = outcomes.filter((row) => row.benchmark === benchmark);
  const seen = new Set(test.map(plainPrompt));
  return fitFold(
    outcomes.filter((row) => !seen.has(plainPrompt(row))),
    test,
    texts,
  );
}

const FOLDS = 5;

function fitFold(train: readonly OutcomeRow[], test: readonly OutcomeRow[], texts: readonly string[]): Fold {
  return { ability: abilityOf(fitQuality({ outcomes: train, texts })), train, test };
}

/** The same but for case, spaces and marks. */
function plainPrompt({ prompt }: OutcomeRow): string {
  return prompt.toLowerCase().replaceAll(/\W+/g, " ").trim();
}

export function predictFold({ ability, train, test }: Fold): readonly Prediction[] {
  const averages = averagesOf(train);
  return test.flatMap((row) => {
    readPrompt(ability, row.prompt);
    return Object.entries(row.scores).map(([model, score]) => ({
      row,
      model,
      predicted: qualityOf(ability, { name: model }),
      uninformed: averages.get(model) ?? NO_IDEA,
      score,
    }));
  });
}

const NO_IDEA = 0.5;

function averagesOf(rows: readonly OutcomeRow[]): ReadonlyMap<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { scores } of rows) {
    for (const [model, score] of Object.entries(scores)) {
      const one = sums.get(model) ?? { sum: 0, count: 0 };
      sums.set(model, { sum: one.sum + score, count: one.count + 1 });
    }
  }
  return new Map([...sums].map(([model, { sum, count }]) => [model, sum / count]));
}
