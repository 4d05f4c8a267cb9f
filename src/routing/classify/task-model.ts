// The trained task model: a linear layer of signed bytes over the prompt's sparse vector, with the rules'
// scores as a prior. Gives a probability per task; knows nothing of how the vector was made.
import { ROUTING_TASKS } from "../../domain/route.ts";
import type { Container } from "../weights/container.ts";
import type { Columns } from "./columns.ts";
import type { ConceptTable } from "./concepts.ts";
import type { SparseVector } from "./sparse-vector.ts";
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
  seen: { readonly vector: SparseVector; readonly scores: TaskScores },
  weights: TaskWeights,
  into: Float64Array,
): void {
  addVector(seen.vector, weights, into);
  for (const [rule, task] of ROUTING_TASKS.entries()) {
    const value = ruleValue(seen.scores[task]);
    if (value === 0) continue;
    for (let t = 0; t < TASK_COUNT; t++) {
      into[t] = (into[t] ?? 0) + value * (weights.rules[rule * TASK_COUNT + t] ?? 0);
    }
  }
  softmax(into);
}

function addVector(
  { indices, values, length }: SparseVector,
  weights: TaskWeights,
  into: Float64Array,
): void {
  const { matrix, scales, bias } = weights;
  into.fill(0);
  for (let i = 0; i < length; i++) {
    const row = (indices[i] ?? 0) * TASK_COUNT;
    const value = values[i] ?? 0;
    for (let t = 0; t < TASK_COUNT; t++) into[t] = (into[t] ?? 0) + value * (matrix[row + t] ?? 0);
  }
  for (let t = 0; t < TASK_COUNT; t++) into[t] = (into[t] ?? 0) * (scales[t] ?? 0) + (bias[t] ?? 0);
}

function softmax(logits: Float64Array): void {
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) most = Math.max(most, logit);
  let sum = 0;
  for (let t = 0; t < logits.length; t++) {
    const power = Math.exp((logits[t] ?? 0) - most);
    logits[t] = power;
    sum += power;
  }
  for (let t = 0; t < logits.length; t++) logits[t] = (logits[t] ?? 0) / sum;
}
