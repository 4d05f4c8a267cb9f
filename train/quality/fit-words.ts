// Fits the naive Bayes table by which the runtime recognises subjects: how much likelier each stem is
// in one class than anywhere. Knows no models.
import { STEM_BUCKETS } from "../../src/routing/ability/document.ts";
import type { WordTable } from "../../src/routing/ability/subjects.ts";
import { quantise } from "../lib/quantise.ts";
import type { Document } from "./documents.ts";

/** Imagined occurrences of every word in every class, as a share of its vocabulary. */
const WORD_SMOOTHING = 0.1;

interface Labelled {
  readonly documents: readonly Document[];
  readonly labels: Uint8Array;
  readonly classes: number;
  /** Words of one prompt are no independent witnesses: what one counts for, 0..1. */
  readonly evidence: number;
}

export function fitWords({ documents, labels, classes, evidence }: Labelled): WordTable {
  const counts = new Float64Array(STEM_BUCKETS * classes);
  const totals = new Float64Array(classes);
  const sizes = new Float64Array(classes).fill(0.5);
  for (const [row, document] of documents.entries()) {
    const label = labels[row] ?? 0;
    sizes[label] = (sizes[label] ?? 0) + 1;
    for (const bucket of document.buckets) {
      counts[bucket * classes + label] = (counts[bucket * classes + label] ?? 0) + 1;
      totals[label] = (totals[label] ?? 0) + 1;
    }
  }
  const all = totals.reduce((sum, total) => sum + total, 0) + STEM_BUCKETS / 2;
  const seen = usedBuckets(counts, classes);
  const logits = new Float32Array(counts.length);
  for (let bucket = 0; bucket < STEM_BUCKETS; bucket++) {
    let anywhere = 0.5;
    for (let c = 0; c < classes; c++) anywhere += counts[bucket * classes + c] ?? 0;
    if (anywhere < 1) continue;
    const share = anywhere / all;
    for (let c = 0; c < classes; c++) {
      const imagined = WORD_SMOOTHING * seen;
      const inClass =
        ((counts[bucket * classes + c] ?? 0) + imagined * share) / ((totals[c] ?? 0) + imagined);
      logits[bucket * classes + c] = Math.log(inClass / share);
    }
  }
  const { data, scale } = quantise(logits);
  const size = sizes.reduce((sum, one) => sum + one, 0);
  return {
    classes,
    words: data,
    wordScale: scale * evidence,
    bias: Float32Array.from(sizes, (one) => Math.log(one / size)),
  };
}

function usedBuckets(counts: Float64Array, classes: number): number {
  let used = 0;
  for (let at = 0; at < counts.length; at += classes) {
    if (counts.subarray(at, at + classes).some((count) => count > 0)) used++;
  }
  return used;
}
