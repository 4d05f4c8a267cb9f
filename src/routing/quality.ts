// The probability that a model's answer is good: from the catalog's `ability` where given, from what
// outcomes taught where the prompt resembles any, else from size. Knows no prices and no origins.
import type { Model } from "../domain/catalog.ts";
import type { Complexity, Profile, RoutingTask } from "../domain/route.ts";
import { ROUTING_TASKS, TASK_GROUPS } from "../domain/route.ts";
import { sigmoid } from "../lib/curves.ts";
import { type Ability, qualityOf } from "./ability/ability.ts";
import { SMALL_MODEL_LOGIT, SMALL_PARAMETERS_B } from "./ability/small-model.ts";

export interface Quality {
  /** 0..1. */
  readonly value: number;
  /** What says most of it: the catalog's own word, outcomes of prompts alike, the model's size, or nothing known. */
  readonly source: "ability" | "outcomes" | "size" | "prior";
}

/** Below this confidence the fine task is a guess, and the mean over its group is used. */
const UNSURE = 0.35;

/** `outcomes` has read this prompt; null without weights, and where nothing was classified. */
export function predictQuality(model: Model, profile: Profile, outcomes: Ability | null = null): Quality {
  const ability = abilityFor(model, profile);
  if (ability !== null) {
    const logit = Math.log(ability / (1 - ability)) + ABILITY_SHIFT[profile.complexity];
    return { value: bounded(sigmoid(logit)), source: "ability" };
  }
  const { ease, slope } = TASK_CURVES[profile.task];
  const bySize = sigmoid(SMALL_MODEL_LOGIT[profile.complexity] + ease + slope * strengthOf(model));
  if (outcomes === null) {
    return { value: bounded(bySize), source: sizeSource(model) };
  }
  const asked = { name: model.id, parametersB: model.parameters_b, task: profile.task };
  // Nothing was measured on prompts of no kind: there the task and the size say more.
  const { generalShare: general } = outcomes;
  const value = general * bySize + (1 - general) * qualityOf(outcomes, asked);
  return { value: bounded(value), source: general > MOSTLY ? sizeSource(model) : "outcomes" };
}

function sizeSource(model: Model): "size" | "prior" {
  return model.parameters_b === null ? "prior" : "size";
}

/** What is named as the source is what says more than half. */
const MOSTLY = 0.5;

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

/** Four places: finer differences are noise, and equal abilities must compare equal. */
function bounded(probability: number): number {
  return Math.round(Math.min(0.99, Math.max(0.01, probability)) * 10_000) / 10_000;
}
