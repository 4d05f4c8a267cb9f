// Decides the task of a prompt and how sure that is: by the trained model where weights are installed,
// by the rules alone where not. Keeps the scratch of the installed model.
import type { Capability } from "../../domain/catalog.ts";
import { ROUTING_TASKS, type RoutingTask } from "../../domain/route.ts";
import { softmax } from "../../lib/curves.ts";
import { installedWeights } from "../weights/weights.ts";
import type { Features } from "./features.ts";
import { createTaskReader, readTaskFeatures, type TaskReader } from "./task-features.ts";
import { TASK_COUNT, type TaskWeights, taskProbabilities } from "./task-model.ts";
import { scoreTasks, type TaskScores } from "./task-scores.ts";

export interface FoundTask {
  readonly task: RoutingTask;
  /** Probability of the task, 0..1, two decimals. */
  readonly confidence: number;
}

export function findTask(features: Features, needs: readonly Capability[]): FoundTask {
  const scores = scoreTasks(features, needs);
  const weights = installedWeights()?.task;
  return surest(weights === undefined ? byRules(scores) : byModel({ features, scores }, weights));
}

const PROBABILITIES = new Float64Array(TASK_COUNT);

/** Points of difference that make one task e times as likely as another. */
const RULE_SCALE = 1.3;

function byRules(scores: TaskScores): Float64Array {
  for (const [t, task] of ROUTING_TASKS.entries()) PROBABILITIES[t] = scores[task] / RULE_SCALE;
  softmax(PROBABILITIES);
  return PROBABILITIES;
}

let reader: { readonly of: TaskWeights; readonly reader: TaskReader } | null = null;

function byModel(
  seen: { readonly features: Features; readonly scores: TaskScores },
  weights: TaskWeights,
): Float64Array {
  if (reader?.of !== weights) {
    reader = { of: weights, reader: createTaskReader(weights.columns, weights.concepts) };
  }
  const lists = readTaskFeatures(seen.features, reader.reader);
  taskProbabilities({ lists, scores: seen.scores }, weights, PROBABILITIES);
  return PROBABILITIES;
}

function surest(probabilities: Float64Array): FoundTask {
  let task: RoutingTask = "open_qa";
  let most = -1;
  for (const [t, one] of ROUTING_TASKS.entries()) {
    const probability = probabilities[t] ?? 0;
    // Ties go to the task listed first: the order of ROUTING_TASKS, never chance.
    if (probability > most) {
      most = probability;
      task = one;
    }
  }
  return { task, confidence: Math.round(most * 100) / 100 };
}
