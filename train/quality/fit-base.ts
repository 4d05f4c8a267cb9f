// Fits what the packs teach of every model: kinds of prompt, abilities per kind, and a forest for how
// much harder than its kind a prompt is. The forest learns on kinds guessed by tables that never saw the row.
import { sigmoid } from "../../src/lib/curves.ts";
import { createDemand, type DemandWeights, LEVELS, readPlain } from "../../src/routing/ability/demand.ts";
import { canonicalName } from "../../src/routing/ability/model-name.ts";
import { levelShare } from "../../src/routing/ability/strength.ts";
import type { WordTable } from "../../src/routing/ability/subjects.ts";
import { TRAIT_COUNT } from "../../src/routing/ability/traits.ts";
import { fitForest, type Slopes } from "../lib/forest-fit.ts";
import { documentOf } from "./documents.ts";
import { type Abilities, fitAbilities } from "./fit-abilities.ts";
import { fitKindLines } from "./fit-kind-lines.ts";
import { fitWords } from "./fit-words.ts";
import { GENERAL, kindOf } from "./kinds.ts";
import type { OutcomeRow, QualityInputs } from "./types.ts";

export interface Base extends DemandWeights {
  readonly abilities: Abilities;
}

/** Prompts without outcomes that stand for "general"; more would drown the kinds. */
const MAX_GENERAL = 2_500;
const FOLDS = 5;
/** What one word counts for when kinds are told apart. */
const EVIDENCE = 0.5;
const FOREST = { trees: 100, leaves: 15, rate: 0.1, ridge: 30, leastRows: 25 } as const;

export function fitBase({ outcomes, texts }: QualityInputs): Base {
  const abilities = fitAbilities(outcomes);
  const prompts = [...outcomes.map(({ prompt }) => prompt), ...spread(texts, MAX_GENERAL)];
  const numbers = new Map(abilities.kinds.map((name, number) => [name, number]));
  const labels = Uint8Array.from(prompts, (_, row) => {
    const outcome = outcomes[row];
    return numbers.get(outcome === undefined ? GENERAL : kindOf(outcome)) ?? 0;
  });
  const documents = prompts.map(documentOf);
  const features = unseenFeatures({ prompts, documents, labels }, abilities.kinds.length);
  const kinds = fitWords({ documents, labels, classes: abilities.kinds.length, evidence: EVIDENCE });
  return { kinds, ...fitLevels(outcomes, { features, labels, abilities }), abilities };
}

/** `most` of them, evenly spread over the list. */
function spread(texts: readonly string[], most: number): readonly string[] {
  const step = Math.max(1, texts.length / most);
  return Array.from({ length: Math.min(most, texts.length) }, (_, i) => texts[Math.floor(i * step)] ?? "");
}

interface Labelled {
  readonly prompts: readonly string[];
  readonly documents: readonly ReturnType<typeof documentOf>[];
  /** Kind of each prompt. */
  readonly labels: Uint8Array;
}

/** Features of every prompt, its kinds guessed by a table fitted without its fold. */
function unseenFeatures({ prompts, documents, labels }: Labelled, classes: number): Float32Array {
  const width = TRAIT_COUNT + classes;
  const features = new Float32Array(prompts.length * width);
  const demand = createDemand(classes);
  for (let fold = 0; fold < FOLDS; fold++) {
    const kept = documents.map((_, row) => row).filter((row) => row % FOLDS !== fold);
    const table: WordTable = fitWords({
      documents: kept.flatMap((row) => documents[row] ?? []),
      labels: Uint8Array.from(kept, (row) => labels[row] ?? 0),
      classes,
      evidence: EVIDENCE,
    });
    for (let row = fold; row < prompts.length; row += FOLDS) {
      readPlain(prompts[row] ?? "", table, demand);
      features.set(demand.features, row * width);
    }
  }
  return features;
}

/** The second level is what gaps are ranked by, and far noisier than the first: trees touch it gently. */
const SPREAD_PACE = 0.3;

/** Prompts answered by many models would otherwise outweigh the others. */
const ROW_WEIGHT = 6;

interface Answer {
  readonly row: number;
  readonly offset: number;
  readonly score: number;
  /** How far the model stands towards the strongest. */
  readonly share: number;
  readonly weight: number;
}

interface LevelInputs {
  readonly features: Float32Array;
  readonly labels: Uint8Array;
  readonly abilities: Abilities;
}

/** The lines first, then a forest on what they leave. */
function fitLevels(
  outcomes: readonly OutcomeRow[],
  { features, labels, abilities }: LevelInputs,
): Pick<Base, "lines" | "forest"> {
  const columns = TRAIT_COUNT + abilities.kinds.length;
  const answers = answersOf(outcomes, features, abilities);
  const { lines, fitted } = fitKindLines({
    kinds: abilities.kinds.length,
    levels: LEVELS,
    labels: labels.subarray(0, outcomes.length),
    features,
    width: columns,
    slopesAt: (levels) => slopesOf(answers, levels),
  });
  const forest = fitForest(
    {
      rows: outcomes.length,
      columns,
      outputs: LEVELS,
      features: features.subarray(0, outcomes.length * columns),
      slopesAt: (levels) => {
        const slopes = slopesOf(
          answers,
          levels.map((level, at) => level + (fitted[at] ?? 0)),
        );
        for (let at = 1; at < levels.length; at += LEVELS) {
          slopes.gradients[at] = SPREAD_PACE * (slopes.gradients[at] ?? 0);
        }
        return slopes;
      },
    },
    FOREST,
  );
  return { lines, forest };
}

function answersOf(
  outcomes: readonly OutcomeRow[],
  features: Float32Array,
  { kinds, models, logits, strengths }: Abilities,
): readonly Answer[] {
  const numbers = new Map(models.map((name, number) => [name, number]));
  const width = TRAIT_COUNT + kinds.length;
  return outcomes.flatMap(({ scores }, row) => {
    const entries = Object.entries(scores);
    return entries.map(([name, score]) => {
      const model = numbers.get(canonicalName(name)) ?? 0;
      let offset = 0;
      for (let kind = 0; kind < kinds.length; kind++) {
        const probability = features[row * width + TRAIT_COUNT + kind] ?? 0;
        offset += probability * (logits[model * kinds.length + kind] ?? 0);
      }
      const share = levelShare(strengths[model] ?? 0);
      return { row, offset, score, share, weight: ROW_WEIGHT / (ROW_WEIGHT + entries.length) };
    });
  });
}

/** Of the logistic loss. */
function slopesOf(answers: readonly Answer[], levels: Float64Array): Slopes {
  const gradients = new Float64Array(levels.length);
  const curvatures = new Float64Array(levels.length);
  for (const { row, offset, score, share, weight } of answers) {
    const at = row * LEVELS;
    const logit = offset + (levels[at] ?? 0) + share * (levels[at + 1] ?? 0);
    const probability = sigmoid(logit);
    const error = weight * (probability - score);
    const curvature = weight * probability * (1 - probability);
    gradients[at] = (gradients[at] ?? 0) + error;
    gradients[at + 1] = (gradients[at + 1] ?? 0) + share * error;
    curvatures[at] = (curvatures[at] ?? 0) + curvature;
    curvatures[at + 1] = (curvatures[at + 1] ?? 0) + share ** 2 * curvature;
  }
  return { gradients, curvatures };
}
