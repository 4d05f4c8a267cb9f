// What a prompt is about, by its words: naive Bayes over hashed stems. Knows no models; the classes are
// whatever training told apart (kinds of benchmark, an operator's subjects).
import type { Stems } from "./document.ts";

export interface WordTable {
  readonly classes: number;
  /** STEM_BUCKETS × classes: log of how much likelier a stem is in the class than anywhere, tempered. */
  readonly words: Int8Array;
  readonly wordScale: number;
  /** Log share of each class. */
  readonly bias: Float32Array;
}

/** Fills `into` (classes long) with probabilities. */
export function readSubjects(stems: Stems, table: WordTable, into: Float32Array): void {
  const { classes, words, wordScale, bias } = table;
  for (let c = 0; c < classes; c++) into[c] = 0;
  for (let i = 0; i < stems.count; i++) {
    const row = (stems.buckets[i] ?? 0) * classes;
    for (let c = 0; c < classes; c++) into[c] = (into[c] ?? 0) + (words[row + c] ?? 0);
  }
  // Not `softmax` of lib/curves.ts: what is rounded only at the end keeps the last bit of every probability, and
  // the forest that training grows on these differs with it.
  let most = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) {
    const logit = (into[c] ?? 0) * wordScale + (bias[c] ?? 0);
    into[c] = logit;
    if (logit > most) most = logit;
  }
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const part = Math.exp((into[c] ?? 0) - most);
    into[c] = part;
    sum += part;
  }
  for (let c = 0; c < classes; c++) into[c] = (into[c] ?? 0) / sum;
}
