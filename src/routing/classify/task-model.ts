// The trained task model: a linear layer of signed bytes over the prompt's columns, with the rules'
// scores as a prior. Gives a probability per task; knows nothing of how the columns were chosen.
import { ROUTING_TASKS } from "../../domain/route.ts";
import { softmax } from "../../lib/curves.ts";
import type { Container } from "../weights/container.ts";
import type { ColumnLists } from "./column-lists.ts";
import type { Columns } from "./columns.ts";
import type { ConceptTable } from "./concepts.ts";
import type { TaskScores } from "./task-scores.ts";

/** Views of the weights file. Logits come out calibrated: temperature and prior are folded in. */
export interface TaskWeights {
  readonly columns: Columns & { readonly tags: Uint8Array };
  readonly concepts: ConceptTable;
  /** columns x tasks. */
  readonly matrix: Int8Array;
  /** Of the matrix, one per task. */
  readonly scales: Float32Array;
  /** Rules x tasks. */
  readonly rules: Float32Array;
  readonly bias: Float32Array;
}

export const TASK_COUNT = ROUTING_TASKS.length;

export function readTaskWeights(container: Container): TaskWeights {
  const tags = container.section("task.tags", "uint8").data;
  return {
    columns: { count: tags.length, tags },
    concepts: {
      keys: container.section("task.conceptKeys", "uint32").data,
      concepts: container.section("task.concepts", "uint8").data,
      marks: container.section("task.conceptMarks", "uint8").data,
    },
    matrix: container.section("task.matrix", "int8").data,
    scales: container.section("task.scales", "float32").data,
    rules: container.section("task.rules", "float32").data,
    bias: container.section("task.bias", "float32").data,
  };
}

/** What the rules' points become; beyond this they say no more. */
const POINTS_PER_UNIT = 4;
const LEAST_RULE = -1;
const MOST_RULE = 2;

/** The rules' scores as features, one per task in the order of ROUTING_TASKS. */
export function ruleValue(points: number): number {
  return Math.max(LEAST_RULE, Math.min(MOST_RULE, points / POINTS_PER_UNIT));
}

/** Fills `into` with the probability of each task, in the order of ROUTING_TASKS. */
export function taskProbabilities(
  seen: { readonly lists: ColumnLists; readonly scores: TaskScores },
  weights: TaskWeights,
  into: Float64Array,
): void {
  addLists(seen.lists, weights, into);
  for (const [rule, task] of ROUTING_TASKS.entries()) {
    const value = ruleValue(seen.scores[task]);
    if (value === 0) continue;
    for (let t = 0; t < TASK_COUNT; t++) {
      into[t] = (into[t] ?? 0) + value * (weights.rules[rule * TASK_COUNT + t] ?? 0);
    }
  }
  softmax(into);
}

const SUMS = new Int32Array(TASK_COUNT);

function addLists(
  { columns, ends, factors, count }: ColumnLists,
  weights: TaskWeights,
  into: Float64Array,
): void {
  const { scales, bias } = weights;
  const words = wordsOf(weights.matrix);
  into.fill(0);
  let from = 0;
  for (let kind = 0; kind < count; kind++) {
    const to = ends[kind] ?? 0;
    addRows(words, columns.subarray(from, to));
    const factor = factors[kind] ?? 0;
    for (let t = 0; t < TASK_COUNT; t++) into[t] = (into[t] ?? 0) + factor * (SUMS[t] ?? 0);
    from = to;
  }
  for (let t = 0; t < TASK_COUNT; t++) into[t] = (into[t] ?? 0) * (scales[t] ?? 0) + (bias[t] ?? 0);
}

let viewed: { readonly of: Int8Array; readonly words: Int32Array } | null = null;

/** The same bytes, four to a word; sections begin at multiples of eight. */
function wordsOf(matrix: Int8Array): Int32Array {
  if (viewed?.of !== matrix) {
    const words = new Int32Array(matrix.buffer, matrix.byteOffset, matrix.length / 4);
    viewed = { of: matrix, words };
  }
  return viewed.words;
}

/** Signed bytes become 0 to 255, so that no borrow runs from one into its neighbour. */
const UNSIGNED = 0x80808080 | 0;
const SIGNED_ZERO = 0x80;
/** Every other byte of a word: two sums of sixteen bits side by side. */
const LANES = 0x00ff00ff;
/** 256 times 255 is the most that a lane holds. */
const ROWS_PER_FLUSH = 256;

/** Fills SUMS with the sums of the rows: sixteen bytes are four words, added two bytes at a time. */
function addRows(words: Int32Array, rows: Uint32Array): void {
  SUMS.fill(-SIGNED_ZERO * rows.length);
  for (let from = 0; from < rows.length; from += ROWS_PER_FLUSH) {
    const to = Math.min(rows.length, from + ROWS_PER_FLUSH);
    for (let word = 0; word < WORDS_PER_ROW; word++) {
      let even = 0;
      let odd = 0;
      for (let i = from; i < to; i++) {
        const bytes = (words[(rows[i] ?? 0) * WORDS_PER_ROW + word] ?? 0) ^ UNSIGNED;
        even = (even + (bytes & LANES)) | 0;
        odd = (odd + ((bytes >>> 8) & LANES)) | 0;
      }
      flush(word * 4, even, odd);
    }
  }
}

const WORDS_PER_ROW = TASK_COUNT / 4;

function flush(task: number, even: number, odd: number): void {
  SUMS[task] = (SUMS[task] ?? 0) + (even & 0xffff);
  SUMS[task + 1] = (SUMS[task + 1] ?? 0) + (odd & 0xffff);
  SUMS[task + 2] = (SUMS[task + 2] ?? 0) + (even >>> 16);
  SUMS[task + 3] = (SUMS[task + 3] ?? 0) + (odd >>> 16);
}
