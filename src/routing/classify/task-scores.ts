// Scores the 16 tasks of a prompt: what its words say, then what its shape says. Additive and linear,
// so that a learned model can take this function's place without anything else changing.
import type { Capability } from "../../domain/catalog.ts";
import { ROUTING_TASKS, type RoutingTask } from "../../domain/route.ts";
import type { Features } from "./features.ts";
import { shapeRules } from "./shape-rules.ts";

export type TaskScores = Readonly<Record<RoutingTask, number>>;

/** What the assistant is for matters less than what is asked of it now. */
const SYSTEM_FACTOR = 0.35;
/** At the edge of a pasted text a word may belong to the text. */
const EDGE_FACTOR = 0.8;
/** A second word for the same task says less than the first, a third less again. */
const REPEAT_FACTOR = 0.45;

export function scoreTasks(features: Features, needs: readonly Capability[]): TaskScores {
  const scores = zeros();
  addHits(scores, features.hits, 1);
  addHits(scores, features.edgeHits, EDGE_FACTOR);
  addHits(scores, features.systemHits, SYSTEM_FACTOR);
  for (const [task, points] of shapeRules(features, needs)) scores[task] += points;
  return scores;
}

function addHits(scores: Record<RoutingTask, number>, hits: Features["hits"], factor: number): void {
  const strongestFirst = [...hits].sort((a, b) => b.weight - a.weight);
  const seen = zeros();
  for (const { task, weight } of strongestFirst) {
    scores[task] += weight * factor * REPEAT_FACTOR ** seen[task];
    seen[task]++;
  }
}

function zeros(): Record<RoutingTask, number> {
  const scores: Partial<Record<RoutingTask, number>> = {};
  for (const task of ROUTING_TASKS) scores[task] = 0;
  // Every task was just set.
  return scores as Record<RoutingTask, number>;
}
