// The probability that a model's answer is good, from the catalog's `ability` where given, else from
// its size. A logistic model in the manner of item response theory; knows no prices and no origins.
import type { Model } from "../domain/catalog.ts";
import type { Complexity, Profile, RoutingTask } from "../domain/route.ts";
import { ROUTING_TASKS, TASK_GROUPS } from "../domain/route.ts";

export interface Quality {
  /** 0..1. */
  readonly value: number;
  readonly source: "ability" | "size" | "prior";
}

/** Below this confidence the fine task is a guess, and the mean over its group is used. */
const UNSURE = 0.35;

export function predictQuality(model: Model, profile: Profile): Quality {
  const ability = abilityFor(model, profile);
  if (ability !== null) {
    const logit = Math.log(ability / (1 - ability)) + ABILITY_SHIFT[profile.complexity];
    return { value: bounded(sigmoid(logit)), source: "ability" };
  }
  const { ease, slope } = TASK_CURVES[profile.task];
  const logit = SMALL_MODEL_LOGIT[profile.complexity] + ease + slope * strengthOf(model);
  return { value: bounded(sigmoid(logit)), source: model.parameters_b === null ? "prior" : "size" };
}

/**
 * Complexity is defined by consequence (an 8B model succeeds with p >= 0.8 on simple, <= 0.45 on
 * complex prompts), so its logit under each complexity is given by definition.
 */
const SMALL_MODEL_LOGIT = { simple: 1.75, medium: 0.55, complex: -0.55 } as const satisfies Record<
  Complexity,
  number
>;

/** `ability` is what a model achieves on the task's medium prompts; the other two shift it. */
const ABILITY_SHIFT = {
  simple: SMALL_MODEL_LOGIT.simple - SMALL_MODEL_LOGIT.medium,
  medium: 0,
  complex: SMALL_MODEL_LOGIT.complex - SMALL_MODEL_LOGIT.medium,
} as const satisfies Record<Complexity, number>;

interface TaskCurve {
  /** How much easier than the average task for a small model, in logits; within ±0.35. */
  readonly ease: number;
  /** How much size helps: steep where small models fail, flat where all write well. */
  readonly slope: number;
}

const TASK_CURVES: Readonly<Record<RoutingTask, TaskCurve>> = {
  chat: { ease: 0.3, slope: 0.5 },
  open_qa: { ease: 0, slope: 0.9 },
  closed_qa: { ease: 0.2, slope: 0.7 },
  summarization: { ease: 0.3, slope: 0.5 },
  translation: { ease: 0.1, slope: 0.8 },
  extraction: { ease: 0.2, slope: 0.6 },
  classification: { ease: 0.2, slope: 0.6 },
  rewriting: { ease: 0.3, slope: 0.5 },
  creative_writing: { ease: 0.1, slope: 0.7 },
  brainstorming: { ease: 0.3, slope: 0.5 },
  code_generation: { ease: -0.2, slope: 1.1 },
  code_debug_explain: { ease: -0.15, slope: 1.0 },
  math: { ease: -0.3, slope: 1.2 },
  reasoning: { ease: -0.3, slope: 1.1 },
  analysis: { ease: 0, slope: 0.8 },
  planning_agentic: { ease: -0.25, slope: 1.0 },
};

/** The size against which strengths are measured: what the definition of complexity calls small. */
const SMALL_PARAMETERS_B = 8;
/** Each e-fold of size is worth about half a logit in public evaluations of model families. */
const STRENGTH_PER_E_FOLD = 0.55;
/** Gains saturate: beyond about 440B, and below about 0.1B, size says nothing more. */
const STRONGEST = 2.2;
const WEAKEST = -2.5;

function strengthOf(model: Model): number {
  if (model.parameters_b === null) return 0;
  const folds = Math.log(Math.max(0.01, model.parameters_b) / SMALL_PARAMETERS_B);
  return Math.min(STRONGEST, Math.max(WEAKEST, STRENGTH_PER_E_FOLD * folds));
}

function abilityFor(model: Model, profile: Profile): number | null {
  if (profile.confidence >= UNSURE) return ownAbility(model, profile.task);
  let sum = 0;
  let count = 0;
  for (const task of ROUTING_TASKS) {
    if (TASK_GROUPS[task] !== profile.group) continue;
    const ability = ownAbility(model, task);
    if (ability === null) continue;
    sum += ability;
    count++;
  }
  return count === 0 ? null : sum / count;
}

/** Keeps logits finite: an operator's 0 or 1 is a judgement, not a certainty. */
const LEAST_ABILITY = 0.02;

function ownAbility(model: Model, task: RoutingTask): number | null {
  const stated = Object.hasOwn(model.ability, task) ? model.ability[task] : undefined;
  if (stated === undefined) return null;
  return Math.min(1 - LEAST_ABILITY, Math.max(LEAST_ABILITY, stated));
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** Four places: finer differences are noise, and equal abilities must compare equal. */
function bounded(probability: number): number {
  return Math.round(Math.min(0.99, Math.max(0.01, probability)) * 10_000) / 10_000;
}
