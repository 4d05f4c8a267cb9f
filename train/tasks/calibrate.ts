// Finds the one temperature under which prompts of kinds the model never saw are as likely as can be.
// Fitted on natural data only: on the packs' own rows the model is right too often to learn doubt from.
import { ROUTING_TASKS } from "../../src/domain/route.ts";
import { TASK_COUNT } from "../../src/routing/classify/task-model.ts";
import type { Answer } from "./predict.ts";
import { labelOf } from "./task-rows.ts";
import { NATURAL_SHARES } from "./weighting.ts";

/** Prompts of one origin, answered by weights of temperature 1 that were trained without them. */
export interface Unseen {
  readonly answers: readonly Answer[];
  /** How often each task comes among them: evenly where they were written so, else as people ask. */
  readonly shares: "even" | "natural";
}

/** From sharp to very doubtful in steps of four percent: finer than the noise of the figure. */
const COLDEST = 0.3;
const HOTTEST = 4;
const STEP = 1.04;

/** Every origin counts the same, however many prompts it has. */
export function fitTemperature(origins: readonly Unseen[]): number {
  let best = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let temperature = COLDEST; temperature < HOTTEST; temperature *= STEP) {
    const loss = origins.reduce((sum, origin) => sum + lossAt(origin, temperature), 0);
    if (loss >= least) continue;
    least = loss;
    best = temperature;
  }
  return best;
}

/** The natural shares are in the probabilities already: taken off where they do not hold. */
function lossAt({ answers, shares }: Unseen, temperature: number): number {
  let loss = 0;
  for (const { row, probabilities } of answers) {
    let sum = 0;
    let own = 0;
    for (let t = 0; t < TASK_COUNT; t++) {
      const prior = shares === "natural" ? 1 : NATURAL_SHARES[ROUTING_TASKS[t] ?? "chat"];
      const share = ((probabilities[t] ?? 0) / prior) ** (1 / temperature);
      sum += share;
      if (t === labelOf(row)) own = share;
    }
    loss -= Math.log(Math.max(Number.MIN_VALUE, own / sum));
  }
  return loss / answers.length;
}
