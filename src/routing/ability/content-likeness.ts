// How much a prompt is about what an operator's own prompts are about, however it is written down: by its
// kinds, by how far its words are theirs rather than everyone's, and by how well one of their subjects
// explains it. Knows no models and no build of prompts.
import { ramp } from "../../lib/curves.ts";
import type { Stems } from "./document.ts";
import type { WordTable } from "./subjects.ts";

export interface OwnContent {
  /** Per kind of the base: 0..1, how usual it is among the own prompts. */
  readonly kindShares: Float32Array;
  /** STEM_BUCKETS: log of how much likelier a stem is in own prompts than in everyday ones. */
  readonly words: Int8Array;
  readonly wordScale: number;
}

/** What is known of the prompt. */
interface Content {
  readonly stems: Stems;
  /** Probability of each kind of the base. */
  readonly kinds: Float32Array;
}

/** A part of the prompt in usual kinds is enough: kinds are only a likeness. */
const USUAL_FROM = 0.05;
const USUAL_TO = 0.15;
/** Mean log odds of a stem: below the first the words are everyone's, above the second the operator's. */
const OWN_WORDS_FROM = 0.1;
const OWN_WORDS_TO = 0.2;
/** Stems by which that mean is pulled to nothing: few words are weak witnesses. */
const WORD_PULL = 5;
/** The best subject's evidence by the root of the stems; where even that speaks against it, none fits. */
const SUBJECT_FROM = -0.18;
const SUBJECT_TO = -0.06;

/** 0..1. Where the rows named no subjects, 0: topic alone does not tell reading from knowing. */
export function contentLikeness({ stems, kinds }: Content, own: OwnContent, subjects: WordTable): number {
  if (subjects.classes < 2 || stems.count === 0) return 0;
  let usual = 0;
  for (let kind = 0; kind < kinds.length; kind++) usual += (kinds[kind] ?? 0) * (own.kindShares[kind] ?? 0);
  if (usual <= USUAL_FROM) return 0;
  const words = (ownWords(stems, own) * own.wordScale) / (stems.count + WORD_PULL);
  const subject = (bestEvidence(stems, subjects) * subjects.wordScale) / Math.sqrt(stems.count);
  return (
    ramp(usual, USUAL_FROM, USUAL_TO) *
    ramp(words, OWN_WORDS_FROM, OWN_WORDS_TO) *
    ramp(subject, SUBJECT_FROM, SUBJECT_TO)
  );
}

function ownWords(stems: Stems, { words }: OwnContent): number {
  let sum = 0;
  for (let i = 0; i < stems.count; i++) sum += words[stems.buckets[i] ?? 0] ?? 0;
  return sum;
}

/** Evidence without the subjects' sizes: a prompt may be of a rare one. */
function bestEvidence(stems: Stems, { classes, words }: WordTable): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) {
    let sum = 0;
    for (let i = 0; i < stems.count; i++) sum += words[(stems.buckets[i] ?? 0) * classes + c] ?? 0;
    if (sum > best) best = sum;
  }
  return best;
}
