// The ability model of this isolate, set once with the weights; null until then. Decisions are made one
// after another, so one scratch serves them all.
import type { Container } from "../weights/container.ts";
import { type Ability, createAbility, readPrompt } from "./ability.ts";
import { readAbilityWeights } from "./ability-weights.ts";

let installed: Ability | null = null;

export function installAbility(container: Container | null): void {
  installed = container === null ? null : createAbility(readAbilityWeights(container));
}

/** What this prompt demands, to be used before the next one is read; null without weights. */
export function abilityFor(text: string): Ability | null {
  if (installed !== null) readPrompt(installed, text);
  return installed;
}
