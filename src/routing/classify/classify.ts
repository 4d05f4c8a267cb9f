// What a prompt asks for: task, complexity, confidence, expected length. Pure, total and bounded;
// the scoring behind it can be exchanged without anything outside this folder noticing.
// Deliberately knows no model, key or policy: a prompt can only ever describe itself.
import type { Capability } from "../../domain/catalog.ts";
import type { PromptView } from "../../domain/inference.ts";
import { estimateInputTokens } from "../../domain/price.ts";
import { type Profile, ROUTING_TASKS, type RoutingTask, TASK_GROUPS } from "../../domain/route.ts";
import { complexityOf } from "./complexity.ts";
import { readFeatures } from "./features.ts";
import { expectedOutputTokens } from "./output-length.ts";
import { scoreTasks, type TaskScores } from "./task-scores.ts";

export interface ClassifyOptions {
  /** What the caller says it is; then there is nothing to be unsure of. */
  readonly task?: RoutingTask | null;
  /** The caller's ceiling per choice. */
  readonly maxOutputTokens?: number | null;
}

export function classify(
  prompt: PromptView,
  needs: readonly Capability[],
  options: ClassifyOptions = {},
): Profile {
  const features = readFeatures(prompt);
  const given = options.task ?? null;
  const found: Found = given === null ? decide(scoreTasks(features, needs)) : { task: given, confidence: 1 };
  const { task, confidence } = found;
  const complexity = complexityOf(task, features, needs);
  const ceiling = options.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  return {
    task,
    group: TASK_GROUPS[task],
    complexity,
    confidence,
    language: features.language,
    needs,
    inputTokens: estimateInputTokens(prompt.size),
    expectedOutputTokens: Math.min(ceiling, expectedOutputTokens(task, complexity, features)),
  };
}

interface Found {
  readonly task: RoutingTask;
  readonly confidence: number;
}

/** Ties go to the task listed first: the order of ROUTING_TASKS, never chance. */
function decide(scores: TaskScores): Found {
  let task: RoutingTask = "open_qa";
  let best = Number.NEGATIVE_INFINITY;
  let second = Number.NEGATIVE_INFINITY;
  for (const one of ROUTING_TASKS) {
    const score = scores[one];
    if (score > best) {
      second = best;
      best = score;
      task = one;
    } else if (score > second) {
      second = score;
    }
  }
  return { task, confidence: confidenceOf(best - second) };
}

/** A coin's toss between two near tasks already beats one in sixteen; rules are never certain. */
const LEAST_CONFIDENCE = 0.25;
const MOST_CONFIDENCE = 0.92;
/** Margin, in points, over which two thirds of the remaining doubt goes away. */
const MARGIN_SCALE = 2;

function confidenceOf(margin: number): number {
  const certainty = 1 - Math.exp(-Math.max(0, margin) / MARGIN_SCALE);
  return Math.round((LEAST_CONFIDENCE + (MOST_CONFIDENCE - LEAST_CONFIDENCE) * certainty) * 100) / 100;
}
