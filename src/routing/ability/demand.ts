// What one prompt demands, found once per decision: which kinds of prompt it resembles and how much
// harder than these it is. Everything a model is held against; knows no model itself.
import { createStems, readStems, type Stems } from "./document.ts";
import { addForest, type Forest } from "./forest.ts";
import { addKindLines, type KindLines } from "./kind-lines.ts";
import { readSubjects, type WordTable } from "./subjects.ts";
import { readTraits, TRAIT_COUNT } from "./traits.ts";

/** The fitted numbers that turn a prompt into a demand. */
export interface DemandWeights {
  readonly kinds: WordTable;
  readonly lines: KindLines;
  readonly forest: Forest;
}

/**
 * In logits: by how much the prompt is easier than its kinds for everyone, and by how much more so for
 * the strong (times levelShare).
 */
export const LEVELS = 2;

/** Scratch: filled again for every prompt. */
export interface Demand {
  readonly stems: Stems;
  /** Traits, then the probability of each kind: what the forest reads. */
  readonly features: Float32Array;
  /** The same probabilities; a view of `features`. */
  readonly kinds: Float32Array;
  readonly levels: Float32Array;
}

export function createDemand(kinds: number): Demand {
  const features = new Float32Array(TRAIT_COUNT + kinds);
  return {
    stems: createStems(),
    features,
    kinds: features.subarray(TRAIT_COUNT),
    levels: new Float32Array(LEVELS),
  };
}

export function readDemand(text: string, weights: DemandWeights, into: Demand): void {
  readPlain(text, weights.kinds, into);
  into.levels.fill(0);
  addKindLines(weights.lines, { traits: into.features, kinds: into.kinds }, into.levels);
  addForest(weights.forest, into.features, into.levels);
}

/** All but the levels, which are trained on it. */
export function readPlain(text: string, kinds: WordTable, into: Demand): void {
  readStems(text, into.stems);
  readTraits(text, into.stems.tokens, into.features);
  readSubjects(into.stems, kinds, into.kinds);
}
