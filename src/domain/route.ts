// Profile: what the classifier saw. Route: ranked targets with reasons. Candidate: one row of the
// explanation. How they are found is src/routing/'s business.
import type { Model, Target } from "./catalog.ts";
import type { DecisionId } from "./ids.ts";
import type { Mode } from "./inference.ts";
import type { MicroUsd } from "./money.ts";

export const ROUTING_TASKS = [
  "chat",
  "open_qa",
  "closed_qa",
  "summarization",
  "translation",
  "extraction",
  "classification",
  "rewriting",
  "creative_writing",
  "brainstorming",
  "code_generation",
  "code_debug_explain",
  "math",
  "reasoning",
  "analysis",
  "planning_agentic",
] as const;
export type RoutingTask = (typeof ROUTING_TASKS)[number];

export const TASK_GROUPS = {
  chat: "chat",
  open_qa: "qa",
  closed_qa: "qa",
  summarization: "text_transform",
  translation: "text_transform",
  extraction: "text_transform",
  classification: "text_transform",
  rewriting: "text_transform",
  creative_writing: "generate",
  brainstorming: "generate",
  code_generation: "code",
  code_debug_explain: "code",
  math: "math_reason",
  reasoning: "math_reason",
  analysis: "analysis_plan",
  planning_agentic: "analysis_plan",
} as const satisfies Record<RoutingTask, string>;
export type TaskGroup = (typeof TASK_GROUPS)[RoutingTask];

export type Complexity = "simple" | "medium" | "complex";

export interface Profile {
  readonly task: RoutingTask;
  readonly group: TaskGroup;
  readonly complexity: Complexity;
  /** 0..1: how sure the classifier is of the task. */
  readonly confidence: number;
  /** ISO 639-1, "und" when undetermined. */
  readonly language: string;
  readonly needs: readonly string[];
  readonly inputTokens: number;
  readonly expectedOutputTokens: number;
}

/** One target as routing saw it: raw numbers, score, and why it was left out, if it was. */
export interface Candidate {
  readonly target: Target;
  /** Probability, 0..1, that this model's answer is good. */
  readonly quality: number;
  readonly costMicroUsd: MicroUsd;
  readonly ttftMs: number;
  readonly totalMs: number;
  /** Higher is better; comparable within one route and mode only. */
  readonly score: number;
  readonly reasons: readonly string[];
  /** null: it is in the route. */
  readonly excludedBy: string | null;
}

export interface Route {
  readonly decisionId: DecisionId;
  /** true when `model` was "auto": the profile decided. */
  readonly isSmart: boolean;
  /** null where the caller named the model: nothing was classified. */
  readonly profile: Profile | null;
  readonly optimize: Mode;
  /** Best first; never empty. */
  readonly targets: readonly Target[];
  /** Best first, then the excluded ones. */
  readonly candidates: readonly Candidate[];
  /** Of all that fit, by predicted quality; null where the caller named the model. */
  readonly bestModel: Model | null;
  /** The region no attempt may leave; null when none is pinned. */
  readonly pinnedRegion: string | null;
  /** One sentence. */
  readonly reason: string;
  readonly fallback: boolean;
}
