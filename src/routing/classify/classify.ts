// What a prompt asks for: task, complexity, confidence, expected length. Pure, total and bounded;
// the scoring behind it can be exchanged without anything outside this folder noticing.
// Deliberately knows no model, key or policy: a prompt can only ever describe itself.
import type { Capability } from "../../domain/catalog.ts";
import type { PromptView } from "../../domain/inference.ts";
import { estimateInputTokens } from "../../domain/price.ts";
import { type Profile, type RoutingTask, TASK_GROUPS } from "../../domain/route.ts";
import type { Ability } from "../ability/ability.ts";
import { complexityByConsequence } from "../ability/consequence.ts";
import { complexityOf } from "./complexity.ts";
import { readFeatures } from "./features.ts";
import { findTask } from "./find-task.ts";
import { expectedOutputTokens } from "./output-length.ts";

export interface ClassifyOptions {
  /** What the caller says it is; then there is nothing to be unsure of. */
  readonly task?: RoutingTask | null;
  /** The caller's ceiling per choice. */
  readonly maxOutputTokens?: number | null;
  /** Has read this prompt; without it the rules alone say how hard it is. */
  readonly ability?: Ability | null;
}

export function classify(
  prompt: PromptView,
  needs: readonly Capability[],
  options: ClassifyOptions = {},
): Profile {
  const features = readFeatures(prompt);
  const given = options.task ?? null;
  const { task, confidence } = given === null ? findTask(features, needs) : { task: given, confidence: 1 };
  const ruled = complexityOf(task, features, needs);
  const ability = options.ability ?? null;
  const complexity = ability === null ? ruled : complexityByConsequence(ability, ruled);
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
