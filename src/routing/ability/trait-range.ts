// How an operator's prompts are built, and how far another one lies from that. Knows no models.
import { TRAIT_COUNT } from "./traits.ts";

export interface TraitRange {
  readonly means: Float32Array;
  /** One over the deviation. */
  readonly rates: Float32Array;
  /** Mean squared distance within which all but the oddest of them lie. */
  readonly reach: number;
}

/** 1 within the reach, falling to 0 at FARTHEST times that. */
export function likeness(traits: Float32Array, range: TraitRange): number {
  const distance = traitDistance(traits, range) / range.reach;
  return Math.min(1, Math.max(0, (FARTHEST - distance) / (FARTHEST - 1)));
}

const FARTHEST = 3;

/** Mean squared distance over the traits, in deviations; `traits` may hold more behind them. */
export function traitDistance(traits: Float32Array, range: Pick<TraitRange, "means" | "rates">): number {
  let sum = 0;
  for (let trait = 0; trait < TRAIT_COUNT; trait++) sum += deviationOf(traits, range, trait) ** 2;
  return sum / TRAIT_COUNT;
}

/** How many deviations from the mean. */
export function deviationOf(
  traits: Float32Array,
  { means, rates }: Pick<TraitRange, "means" | "rates">,
  trait: number,
): number {
  return ((traits[trait] ?? 0) - (means[trait] ?? 0)) * (rates[trait] ?? 0);
}
