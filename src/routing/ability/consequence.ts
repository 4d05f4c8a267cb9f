// Complexity by consequence: would a small model succeed, and would a strong one do much better? Where
// the prompt resembles none of those with outcomes, what the rules read from its structure stands.
import type { Complexity } from "../../domain/route.ts";
import { sigmoid } from "../../lib/curves.ts";
import { type Ability, LEVEL_TRUST } from "./ability.ts";
import { SMALL_MODEL_LOGIT } from "./small-model.ts";
import { levelShare } from "./strength.ts";
import type { Yardstick } from "./yardsticks.ts";

/** Simple where a small model succeeds this often, complex where no oftener than that, ... */
const SIMPLE_FROM = 0.8;
const COMPLEX_TO = 0.45;
/** ... or where a strong one gains this much. */
const COMPLEX_GAP = 0.25;
/** Where only the rules speak, a strong model halves the small one's failures. */
const STRONG_FAILURES = 0.5;

/** `ability` has read the prompt; `ruled` is what the rules made of it. */
export function complexityByConsequence(ability: Ability, ruled: Complexity): Complexity {
  const { generalShare: general, yardsticks } = ability;
  const ruledSmall = sigmoid(SMALL_MODEL_LOGIT[ruled]);
  const ruledStrong = 1 - STRONG_FAILURES * (1 - ruledSmall);
  const small = general * ruledSmall + (1 - general) * successOf(ability, yardsticks.small);
  const strong = general * ruledStrong + (1 - general) * successOf(ability, yardsticks.strong);
  if (small <= COMPLEX_TO || strong - small >= COMPLEX_GAP) return "complex";
  return small >= SIMPLE_FROM ? "simple" : "medium";
}

/** Success on the kinds the prompt resembles, 0..1; 1/2 where it resembles none. */
function successOf({ demand, yardsticks }: Ability, { strength, logits }: Yardstick): number {
  const [common = 0, spread = 0] = demand.levels;
  const beyond = LEVEL_TRUST * (common + levelShare(strength) * spread);
  let success = 0;
  let told = 0;
  for (let kind = 0; kind < logits.length; kind++) {
    const share = (yardsticks.telling[kind] ?? 0) * (demand.kinds[kind] ?? 0);
    if (share === 0) continue;
    told += share;
    success += share * sigmoid((logits[kind] ?? 0) + beyond);
  }
  return told === 0 ? 0.5 : success / told;
}
