// Complexity by consequence: would a small model succeed, and would a strong one do much better? Where
// the prompt resembles none of those with outcomes, what the rules read from its structure stands.
import type { Complexity } from "../../domain/route.ts";
import { type Ability, qualityOf } from "./ability.ts";
import { SMALL_MODEL_LOGIT, SMALL_PARAMETERS_B } from "./small-model.ts";

/** From routing.md: simple where a small model succeeds this often, complex where no oftener than that, ... */
const SIMPLE_FROM = 0.8;
const COMPLEX_TO = 0.45;
/** ... or where a strong one gains this much. */
const COMPLEX_GAP = 0.25;
/** A frontier model of open weights. */
const STRONG_PARAMETERS_B = 500;
/** Where only the rules speak, a strong model halves the small one's failures. */
const STRONG_FAILURES = 0.5;

/** `ability` has read the prompt; `ruled` is what the rules made of it. */
export function complexityByConsequence(ability: Ability, ruled: Complexity): Complexity {
  const general = generalShare(ability);
  const ruledSmall = 1 / (1 + Math.exp(-SMALL_MODEL_LOGIT[ruled]));
  const ruledStrong = 1 - STRONG_FAILURES * (1 - ruledSmall);
  const mixed = (byRules: number, parametersB: number) =>
    general * byRules + (1 - general) * qualityOf(ability, { name: "", parametersB });
  const small = mixed(ruledSmall, SMALL_PARAMETERS_B);
  const strong = mixed(ruledStrong, STRONG_PARAMETERS_B);
  if (small <= COMPLEX_TO || strong - small >= COMPLEX_GAP) return "complex";
  return small >= SIMPLE_FROM ? "simple" : "medium";
}

/** Probability that the prompt is of none of the kinds with outcomes: the last class. */
export function generalShare({ demand }: Ability): number {
  return demand.kinds[demand.kinds.length - 1] ?? 0;
}
