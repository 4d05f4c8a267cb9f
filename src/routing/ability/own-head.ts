// What an operator's own outcomes taught: what each model scored on each of their subjects, and what
// single words and the prompt's build add to that. Knows only the models those outcomes name.
import type { OwnContent } from "./content-likeness.ts";
import type { Stems } from "./document.ts";
import type { WordTable } from "./subjects.ts";
import { deviationOf, type TraitRange } from "./trait-range.ts";
import { TRAIT_COUNT } from "./traits.ts";

/** As fitted by train/quality/fit-own.ts. */
export interface OwnHead {
  readonly subjects: WordTable;
  /** Canonical names. */
  readonly models: readonly string[];
  /** classes × models: expected score. */
  readonly table: Float32Array;
  /** STEM_BUCKETS × models: what a stem adds beside the subjects. */
  readonly stems: Int8Array;
  readonly stemScale: number;
  readonly range: TraitRange;
  readonly content: OwnContent;
  /** models × TRAIT_TERMS: what the prompt's build adds. */
  readonly traitLines: Float32Array;
}

/** Each trait, and its square less one. */
export const TRAIT_TERMS = 2 * TRAIT_COUNT;
/** Odder traits count no more: a line must not run away. */
const FARTHEST_DEVIATION = 3;

/** Fills `into` (TRAIT_TERMS long). */
export function traitTerms(traits: Float32Array, range: TraitRange, into: Float32Array): void {
  for (let trait = 0; trait < TRAIT_COUNT; trait++) {
    const deviation = deviationOf(traits, range, trait);
    const bounded = Math.max(-FARTHEST_DEVIATION, Math.min(FARTHEST_DEVIATION, deviation));
    into[trait] = bounded;
    into[TRAIT_COUNT + trait] = bounded * bounded - 1;
  }
}

/** What is known of the prompt. */
interface OwnPrompt {
  readonly stems: Stems;
  readonly posteriors: Float32Array;
  readonly traits: Float32Array;
  /** 0..1: how much it is built like the own prompts; what its build says counts no more than that. */
  readonly buildShare: number;
}

/** Fills `into` (one per model of the head) with expected scores, about 0..1. */
export function readOwnScores(
  head: OwnHead,
  { stems, posteriors, traits, buildShare }: OwnPrompt,
  into: Float32Array,
): void {
  const width = head.models.length;
  setByStems(head, stems, into);
  traitTerms(traits, head.range, TERMS);
  for (let m = 0; m < width; m++) {
    let expected = into[m] ?? 0;
    for (let c = 0; c < head.subjects.classes; c++) {
      expected += (posteriors[c] ?? 0) * (head.table[c * width + m] ?? 0);
    }
    let built = 0;
    for (let term = 0; term < TRAIT_TERMS; term++) {
      built += (TERMS[term] ?? 0) * (head.traitLines[m * TRAIT_TERMS + term] ?? 0);
    }
    into[m] = expected + buildShare * built;
  }
}

const TERMS = new Float32Array(TRAIT_TERMS);

/** Sets `into` to what the words alone say, as of a vector of unit length. */
function setByStems(head: OwnHead, stems: Stems, into: Float32Array): void {
  const width = head.models.length;
  into.fill(0);
  let squares = 0;
  for (let i = 0; i < stems.count; i++) {
    const weight = 1 + Math.log(stems.counts[i] ?? 1);
    const row = (stems.buckets[i] ?? 0) * width;
    squares += weight * weight;
    for (let m = 0; m < width; m++) into[m] = (into[m] ?? 0) + weight * (head.stems[row + m] ?? 0);
  }
  const factor = squares > 0 ? head.stemScale / Math.sqrt(squares) : 0;
  for (let m = 0; m < width; m++) into[m] = (into[m] ?? 0) * factor;
}
