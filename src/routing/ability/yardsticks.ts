// How often a small model and a strong one succeed at each kind of prompt, and which kinds tell anything by it.
// Found once per weights. Knows no prompts.
import { sigmoid } from "../../lib/curves.ts";
import type { AbilityWeights } from "./ability-weights.ts";
import { SMALL_PARAMETERS_B } from "./small-model.ts";
import { strengthOfSize } from "./strength.ts";

export interface Yardsticks {
  readonly small: Yardstick;
  readonly strong: Yardstick;
  /** 1 for each kind whose outcomes tell how hard a prompt of it is, else 0. */
  readonly telling: Uint8Array;
}

export interface Yardstick {
  readonly strength: number;
  /** Of success, per kind. */
  readonly logits: Float64Array;
}

/** Whose success is meant: models that answered most benchmarks, or where the weights do not know them, a size. */
interface Measure {
  readonly names: readonly string[];
  readonly parametersB: number;
}
const SMALL: Measure = {
  names: ["llama-3.1-8b-instruct", "gemma-2-9b-it"],
  parametersB: SMALL_PARAMETERS_B,
};
/** By size: a frontier model of open weights. */
const STRONG: Measure = { names: ["llama-3.1-70b-instruct", "gpt-4-1106-preview"], parametersB: 500 };

/**
 * Where even the strongest models are marked right this seldom, the marking says more of its own strictness than
 * of the prompts: exact matches of free answers are such.
 */
const LEAST_TELLING = 0.4;

export function readYardsticks(weights: AbilityWeights): Yardsticks {
  const strong = yardstick(weights, STRONG);
  // The last kind is everything else.
  const telling = Uint8Array.from(strong.logits, (logit, kind) =>
    Number(kind < strong.logits.length - 1 && sigmoid(logit) >= LEAST_TELLING),
  );
  return { small: yardstick(weights, SMALL), strong, telling };
}

function yardstick(weights: AbilityWeights, measure: Measure): Yardstick {
  const strength = strengthOfSize(measure.parametersB);
  const rows = measure.names.flatMap((name) => weights.rows.get(name) ?? []);
  const logits = Float64Array.from(weights.kindNames, (_, kind) =>
    logitAt(weights, kind, { strength, rows }),
  );
  return { strength, logits };
}

interface Place {
  readonly strength: number;
  readonly rows: readonly number[];
}

/** Of the named models that the weights know, on average. */
function logitAt(weights: AbilityWeights, kind: number, { strength, rows }: Place): number {
  const { ease, slope, logits, kindNames } = weights;
  if (rows.length === 0) return (ease[kind] ?? 0) + (slope[kind] ?? 0) * strength;
  const sum = rows.reduce((total, row) => total + (logits[row * kindNames.length + kind] ?? 0), 0);
  return sum / rows.length;
}

/**
 * Outcomes are of exams, and hardly any traffic is: a prompt must look ten times as much like an exam's as like
 * any other before its outcomes say as much as everything else.
 */
const GENERAL_ODDS = 10;

/** How much of a prompt is of no kind whose outcomes tell how hard it is, 0..1; `kinds`: how much it is of each. */
export function generalShareOf(kinds: Float32Array, { telling }: Yardsticks): number {
  let told = 0;
  for (let kind = 0; kind < kinds.length; kind++) told += (telling[kind] ?? 0) * (kinds[kind] ?? 0);
  const odds = GENERAL_ODDS * Math.max(0, 1 - told);
  return told === 0 ? 1 : odds / (odds + told);
}
