// The labelled prompts as rows of features: who is trained on, who is held out, and a spoilt copy of
// each authored prompt. Features keep their full ids here; each fit chooses its own columns from them.
import { ROUTING_TASKS } from "../../src/domain/route.ts";
import type { ColumnLists } from "../../src/routing/classify/column-lists.ts";
import { ALL_IDS, ID_COUNT } from "../../src/routing/classify/columns.ts";
import type { ConceptTable } from "../../src/routing/classify/concepts.ts";
import { readFeatures } from "../../src/routing/classify/features.ts";
import { createTaskReader, readTaskFeatures } from "../../src/routing/classify/task-features.ts";
import { ruleValue } from "../../src/routing/classify/task-model.ts";
import { scoreTasks } from "../../src/routing/classify/task-scores.ts";
import type { SparseRows } from "../lib/linear-fit.ts";
import { addNoise, NOISES } from "../lib/noise.ts";
import { createRandom, type Random } from "../lib/random.ts";
import { add, clear, createSparseVector, type SparseVector } from "../lib/sparse-vector.ts";
import { promptView } from "./prompt-view.ts";
import { isAuthored, type TaskRow } from "./task-rows.ts";
import { MAX_ROWS_PER_CELL } from "./weighting.ts";

/** A row of training; `text` is the row's own or a spoilt copy. */
export interface Sample {
  readonly row: TaskRow;
  readonly text: string;
  readonly isNoisy: boolean;
}

export interface Corpus {
  readonly samples: readonly Sample[];
  /** Sample s is row s; ids below ID_COUNT, then one column per rule. */
  readonly features: SparseRows;
  /** Rows of the packs that no fit sees. */
  readonly heldOut: readonly TaskRow[];
}

export interface CorpusInputs {
  readonly pack: readonly TaskRow[];
  readonly authored: readonly TaskRow[];
  readonly concepts: ConceptTable;
}

const SEED = 20_240_607;

export function buildCorpus({ pack, authored, concepts }: CorpusInputs): Corpus {
  const random = createRandom(SEED);
  const { kept, heldOut } = sampled(pack, random);
  const samples: Sample[] = [];
  for (const row of [...authored, ...kept]) {
    samples.push({ row, text: row.text, isNoisy: false });
    if (isAuthored(row)) samples.push({ row, text: spoilt(row.text, random), isNoisy: true });
  }
  return { samples, features: featurise(samples, concepts), heldOut };
}

/** At most so many rows of each source are held out, every tenth. */
const MAX_HELD_OUT = 120;
const HELD_OUT_SHARE = 0.1;

function sampled(pack: readonly TaskRow[], random: Random) {
  const order = Uint32Array.from(pack.keys());
  random.shuffle(order);
  const held = new Map<string, number>();
  const cells = new Map<string, number>();
  const kept: TaskRow[] = [];
  const heldOut: TaskRow[] = [];
  for (const at of order) {
    const row = pack[at];
    if (row === undefined) continue;
    const cell = `${row.source}|${row.task}|${row.lang}`;
    if (random.next() < HELD_OUT_SHARE && (held.get(row.source) ?? 0) < MAX_HELD_OUT) {
      held.set(row.source, (held.get(row.source) ?? 0) + 1);
      heldOut.push(row);
    } else if ((cells.get(cell) ?? 0) < MAX_ROWS_PER_CELL) {
      cells.set(cell, (cells.get(cell) ?? 0) + 1);
      kept.push(row);
    }
  }
  return { kept, heldOut };
}

/** One kind of noise, and half of the time a second. */
function spoilt(text: string, random: Random): string {
  const once = addNoise(text, NOISES[random.below(NOISES.length)] ?? "typos", random);
  if (random.next() < 0.5) return once;
  return addNoise(once, NOISES[random.below(NOISES.length)] ?? "typos", random);
}

function featurise(samples: readonly Sample[], concepts: ConceptTable): SparseRows {
  const reader = createTaskReader(ALL_IDS, concepts);
  const vector = createSparseVector(ALL_IDS.count);
  const starts = new Uint32Array(samples.length + 1);
  let size = 1 << 22;
  let indices = new Uint32Array(size);
  let values = new Float32Array(size);
  let at = 0;
  for (const [s, sample] of samples.entries()) {
    const features = readFeatures(promptView(sample.text));
    addUp(readTaskFeatures(features, reader), vector);
    const { length } = vector;
    if (at + length + ROUTING_TASKS.length > size) {
      size *= 2;
      indices = grown(indices, new Uint32Array(size));
      values = grown(values, new Float32Array(size));
    }
    indices.set(vector.indices.subarray(0, length), at);
    values.set(vector.values.subarray(0, length), at);
    at += length;
    const scores = scoreTasks(features, []);
    for (const [t, task] of ROUTING_TASKS.entries()) {
      indices[at] = ID_COUNT + t;
      values[at++] = ruleValue(scores[task]);
    }
    starts[s + 1] = at;
  }
  return { starts, indices, values };
}

/** Columns that came twice, in one kind or in two, become one entry. */
function addUp({ columns, ends, factors, count }: ColumnLists, into: SparseVector): void {
  clear(into);
  let at = 0;
  for (let kind = 0; kind < count; kind++) {
    for (; at < (ends[kind] ?? 0); at++) add(into, columns[at] ?? 0, factors[kind] ?? 0);
  }
}

function grown<T extends Uint32Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
