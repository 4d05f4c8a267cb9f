// Fits the head for an operator's own outcomes: naive Bayes over their subjects, a shrunk table of
// scores per subject and model, and a small ridge on words for what the subjects leave. Seconds.
import type { AbilityWeights } from "../../src/routing/ability/ability-weights.ts";
import { STEM_BUCKETS } from "../../src/routing/ability/document.ts";
import { type OwnHead, TRAIT_TERMS } from "../../src/routing/ability/own-head.ts";
import { solveSymmetric, zeros } from "../lib/matrix.ts";
import { quantise } from "../lib/quantise.ts";
import { type Document, documentOf } from "./documents.ts";
import { fitContent } from "./fit-content.ts";
import { fitRange, fitTraitLine, traitsOf } from "./fit-trait-line.ts";
import { fitWords } from "./fit-words.ts";

/** One prompt with what the operator's models scored on it. */
export interface OwnRow {
  readonly prompt: string;
  /** Subject; null: all such rows share one. */
  readonly domain: string | null;
  /** 0..1 by canonical name. */
  readonly scores: ReadonlyMap<string, number>;
}

/** More subjects than this are folded into one: the tables must stay small. */
const MAX_CLASSES = 64;
/** Rows by which a subject's mean is pulled to the mean of all. Found by cross-validation on MMLU's subjects. */
const TABLE_PULL = 15;
/** What one word counts for. Found by cross-validation. */
const EVIDENCE = 0.3;
/** Ridge of the words' own share, in rows of unit length. */
const STEM_RIDGE = 8;
/** With subjects the words' own share is mostly said twice. */
const STEM_SHARE_BESIDE_SUBJECTS = 0.2;
/** Without subjects words and build say much the same of a prompt: each is believed half. */
const STEM_SHARE_ALONE = 0.6;
const TRAIT_SHARE_BESIDE_SUBJECTS = 0.3;
const TRAIT_SHARE_ALONE = 0.6;
/** Rows the ridge is fitted on: its cost grows with the third power. */
const MAX_RIDGE_ROWS = 2_000;

export function fitOwn(rows: readonly OwnRow[], base: Pick<AbilityWeights, "kinds">): OwnHead {
  const models = modelsOf(rows);
  const documents = rows.map((row) => documentOf(row.prompt));
  const { labels, classes } = labelsOf(rows);
  const subjects = fitWords({ documents, labels, classes, evidence: EVIDENCE });
  const table = fitTable(rows, { models, labels, classes });
  const head = { subjects, models, table };
  const content = fitContent(
    rows.map(({ prompt }) => prompt),
    documents,
    base,
  );
  return { ...head, content, ...fitStems(rows, documents, head), ...fitTraits(rows, head) };
}

/** The tables grow with the models; those with the most rows are kept. */
const MAX_MODELS = 32;

function modelsOf(rows: readonly OwnRow[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { scores } of rows)
    for (const name of scores.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  const byCount = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return byCount
    .slice(0, MAX_MODELS)
    .map(([name]) => name)
    .sort();
}

function labelsOf(rows: readonly OwnRow[]): { readonly labels: Uint8Array; readonly classes: number } {
  const counts = new Map<string, number>();
  for (const { domain } of rows) counts.set(domain ?? "", (counts.get(domain ?? "") ?? 0) + 1);
  const kept = [...counts.entries()]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, MAX_CLASSES);
  const numbers = new Map(kept.map(([domain], number) => [domain, number]));
  const labels = Uint8Array.from(rows, ({ domain }) => numbers.get(domain ?? "") ?? MAX_CLASSES - 1);
  return { labels, classes: Math.max(1, kept.length) };
}

interface TableShape {
  readonly models: readonly string[];
  readonly labels: Uint8Array;
  readonly classes: number;
}

function fitTable(rows: readonly OwnRow[], { models, labels, classes }: TableShape): Float32Array {
  const table = new Float32Array(classes * models.length);
  for (const [m, model] of models.entries()) {
    const sums = new Float64Array(classes);
    const sizes = new Float64Array(classes);
    for (const [row, { scores }] of rows.entries()) {
      const score = scores.get(model);
      const label = labels[row] ?? 0;
      if (score === undefined) continue;
      sums[label] = (sums[label] ?? 0) + score;
      sizes[label] = (sizes[label] ?? 0) + 1;
    }
    const size = sizes.reduce((sum, one) => sum + one, 0);
    const mean = sums.reduce((sum, one) => sum + one, 0) / Math.max(1, size);
    for (let c = 0; c < classes; c++) {
      table[c * models.length + m] = ((sums[c] ?? 0) + TABLE_PULL * mean) / ((sizes[c] ?? 0) + TABLE_PULL);
    }
  }
  return table;
}

type Subjects = Pick<OwnHead, "subjects" | "models" | "table">;

/** Kernel ridge over documents, turned back into one number per bucket and model. */
function fitStems(
  rows: readonly OwnRow[],
  documents: readonly Document[],
  head: Subjects,
): Pick<OwnHead, "stems" | "stemScale"> {
  const width = head.models.length;
  const n = Math.min(rows.length, MAX_RIDGE_ROWS);
  const step = rows.length / n;
  const chosen = Array.from({ length: n }, (_, i) => Math.floor(i * step));
  const kernel = zeros(n, n);
  const residuals = zeros(n, width);
  const dense = new Float64Array(STEM_BUCKETS);
  const means = head.models.map((model) => meanScore(rows, model));
  for (const [i, row] of chosen.entries()) {
    spread(dense, documents[row], 1);
    for (let j = 0; j <= i; j++) {
      const value = along(dense, documents[chosen[j] ?? 0]);
      kernel.data[i * n + j] = value;
      kernel.data[j * n + i] = value;
    }
    kernel.data[i * n + i] = (kernel.data[i * n + i] ?? 0) + STEM_RIDGE;
    spread(dense, documents[row], 0);
    for (const [m, model] of head.models.entries()) {
      const score = rows[row]?.scores.get(model);
      residuals.data[i * width + m] = score === undefined ? 0 : score - (means[m] ?? 0);
    }
  }
  const duals = solveSymmetric(kernel, residuals);
  const share = head.subjects.classes > 1 ? STEM_SHARE_BESIDE_SUBJECTS : STEM_SHARE_ALONE;
  const weights = new Float32Array(STEM_BUCKETS * width);
  for (const [i, row] of chosen.entries()) {
    const document = documents[row];
    document?.buckets.forEach((bucket, k) => {
      for (let m = 0; m < width; m++) {
        const at = bucket * width + m;
        weights[at] =
          (weights[at] ?? 0) + share * (document.weights[k] ?? 0) * (duals.data[i * width + m] ?? 0);
      }
    });
  }
  const { data, scale } = quantise(weights);
  return { stems: data, stemScale: scale };
}

function fitTraits(rows: readonly OwnRow[], head: Subjects): Pick<OwnHead, "range" | "traitLines"> {
  const traits = traitsOf(rows.map(({ prompt }) => prompt));
  const range = fitRange(traits);
  const share = head.subjects.classes > 1 ? TRAIT_SHARE_BESIDE_SUBJECTS : TRAIT_SHARE_ALONE;
  const traitLines = new Float32Array(head.models.length * TRAIT_TERMS);
  for (const [m, model] of head.models.entries()) {
    const mean = meanScore(rows, model);
    const scores = rows.map((row) => (row.scores.get(model) ?? mean) - mean);
    const line = fitTraitLine(traits, scores, range);
    traitLines.set(
      line.map((weight) => share * weight),
      m * TRAIT_TERMS,
    );
  }
  return { range, traitLines };
}

function meanScore(rows: readonly OwnRow[], model: string): number {
  const scores = rows.flatMap((row) => row.scores.get(model) ?? []);
  return scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
}

function spread(dense: Float64Array, document: Document | undefined, factor: 0 | 1): void {
  document?.buckets.forEach((bucket, k) => {
    dense[bucket] = factor * (document.weights[k] ?? 0);
  });
}

function along(dense: Float64Array, document: Document | undefined): number {
  let sum = 0;
  if (document === undefined) return sum;
  for (let k = 0; k < document.buckets.length; k++) {
    sum += (dense[document.buckets[k] ?? 0] ?? 0) * (document.weights[k] ?? 0);
  }
  return sum;
}
