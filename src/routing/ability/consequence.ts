// Complexity by consequence: would a small model succeed, and would a strong one do much better? Where
// the prompt resembles none of those with outcomes, what the rules read from its structure stands.
import type { Complexity } from "../../domain/route.ts";
import type { Ability } from "./ability.ts";
import { SMALL_MODEL_LOGIT, SMALL_PARAMETERS_B } from "./small-model.ts";
import { levelShare, strengthOfSize } from "./strength.ts";

/** From routing.md: simple where a small model succeeds this often, complex where no oftener than that, ... */
const SIMPLE_FROM = 0.8;
const COMPLEX_TO = 0.45;
/** ... or where a strong one gains this much. */
const COMPLEX_GAP = 0.25;
/** Whose success is meant: models that answered most benchmarks, or where the weights do not know them, a size. */
interface Yardstick {
  readonly names: readonly string[];
  readonly parametersB: number;
}
const SMALL: Yardstick = {
  names: ["llama-3.1-8b-instruct", "gemma-2-9b-it"],
  parametersB: SMALL_PARAMETERS_B,
};
/** By size: a frontier model of open weights. */
const STRONG: Yardstick = { names: ["llama-3.1-70b-instruct", "gpt-4-1106-preview"], parametersB: 500 };
/** Where only the rules speak, a strong model halves the small one's failures. */
const STRONG_FAILURES = 0.5;

/** `ability` has read the prompt; `ruled` is what the rules made of it. */
export function complexityByConsequence(ability: Ability, ruled: Complexity): Complexity {
  const general = generalShare(ability);
  const ruledSmall = 1 / (1 + Math.exp(-SMALL_MODEL_LOGIT[ruled]));
  const ruledStrong = 1 - STRONG_FAILURES * (1 - ruledSmall);
  const small = general * ruledSmall + (1 - general) * successOf(ability, SMALL);
  const strong = general * ruledStrong + (1 - general) * successOf(ability, STRONG);
  if (small <= COMPLEX_TO || strong - small >= COMPLEX_GAP) return "complex";
  return small >= SIMPLE_FROM ? "simple" : "medium";
}

/**
 * Outcomes are of exams, and hardly any traffic is: a prompt must look ten times as much like an exam's as like
 * any other before its outcomes say as much as everything else.
 */
const GENERAL_ODDS = 10;

/** How much of the prompt is of no kind whose outcomes tell how hard it is; 0..1. */
export function generalShare({ demand, weights }: Ability): number {
  let telling = 0;
  for (let kind = 0; kind < demand.kinds.length - 1; kind++) {
    if (tells(weights, kind)) telling += demand.kinds[kind] ?? 0;
  }
  const odds = GENERAL_ODDS * Math.max(0, 1 - telling);
  return telling === 0 ? 1 : odds / (odds + telling);
}

/** Success on the kinds the prompt resembles, 0..1; 1/2 where it resembles none. */
function successOf({ demand, weights }: Ability, measure: Yardstick): number {
  const strength = strengthOfSize(measure.parametersB);
  const [common = 0, spread = 0] = demand.levels;
  const beyond = LEVEL_TRUST * (common + levelShare(strength) * spread);
  let success = 0;
  let telling = 0;
  for (let kind = 0; kind < demand.kinds.length - 1; kind++) {
    const share = demand.kinds[kind] ?? 0;
    if (share === 0 || !tells(weights, kind)) continue;
    telling += share;
    success += share * sigmoid(logitAt(weights, kind, measure) + beyond);
  }
  return telling === 0 ? 0.5 : success / telling;
}

/** Of the named models that the weights know, on average. */
function logitAt(weights: Ability["weights"], kind: number, { names, parametersB }: Yardstick): number {
  const kinds = weights.kindNames.length;
  let sum = 0;
  let known = 0;
  for (const name of names) {
    const row = weights.rows.get(name);
    if (row === undefined) continue;
    sum += weights.logits[row * kinds + kind] ?? 0;
    known++;
  }
  return known === 0 ? lineOf(weights, kind, strengthOfSize(parametersB)) : sum / known;
}

/** As for the quality of one model: what a prompt's build says was learned within the kinds. */
const LEVEL_TRUST = 0.6;

/**
 * Where even the strongest models are marked right this seldom, the marking says more of its own strictness than
 * of the prompts: exact matches of free answers are such.
 */
const LEAST_TELLING = 0.4;

function tells(weights: Ability["weights"], kind: number): boolean {
  return sigmoid(logitAt(weights, kind, STRONG)) >= LEAST_TELLING;
}

function lineOf({ ease, slope }: Ability["weights"], kind: number, strength: number): number {
  return (ease[kind] ?? 0) + (slope[kind] ?? 0) * strength;
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
