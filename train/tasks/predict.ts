// Runs the router's own task model on texts, with weights that need not be installed, and scores it.
import { readFeatures } from "../../src/routing/classify/features.ts";
import { createTaskReader, readTaskFeatures } from "../../src/routing/classify/task-features.ts";
import { TASK_COUNT, type TaskWeights, taskProbabilities } from "../../src/routing/classify/task-model.ts";
import { scoreTasks } from "../../src/routing/classify/task-scores.ts";
import { promptView } from "./prompt-view.ts";
import { labelOf, type TaskRow } from "./task-rows.ts";

export interface Answer {
  readonly row: TaskRow;
  readonly task: number;
  /** Of that task. */
  readonly confidence: number;
  /** Of each task. */
  readonly probabilities: Float64Array;
}

export type Predict = (text: string) => Float64Array;

export function predictor(weights: TaskWeights): Predict {
  const reader = createTaskReader(weights.columns, weights.concepts);
  return (text) => {
    const features = readFeatures(promptView(text));
    const into = new Float64Array(TASK_COUNT);
    const lists = readTaskFeatures(features, reader);
    taskProbabilities({ lists, scores: scoreTasks(features, []) }, weights, into);
    return into;
  };
}

export function answersOf(weights: TaskWeights, rows: readonly TaskRow[]): readonly Answer[] {
  const predict = predictor(weights);
  return rows.map((row) => answerOf(row, predict(row.text)));
}

export function answerOf(row: TaskRow, probabilities: Float64Array): Answer {
  const task = bestOf(probabilities);
  return { row, task, confidence: probabilities[task] ?? 0, probabilities };
}

export function bestOf(probabilities: Float64Array): number {
  let best = 0;
  for (let t = 1; t < probabilities.length; t++) {
    if ((probabilities[t] ?? 0) > (probabilities[best] ?? 0)) best = t;
  }
  return best;
}

export function isRight(answer: Answer): boolean {
  return answer.task === labelOf(answer.row);
}

/** Share of right answers; NaN of none. */
export function accuracyOf(answers: readonly Answer[]): number {
  return answers.filter(isRight).length / answers.length;
}

/** Accuracy of the `share` the model is surest of. */
export function surestAccuracy(answers: readonly Answer[], share: number): number {
  const surest = answers.toSorted((a, b) => b.confidence - a.confidence);
  return accuracyOf(surest.slice(0, Math.floor(answers.length * share)));
}
