// Per kind of prompt, a straight line from its traits to its levels: a long word problem is harder than
// a short one, while a long question of fact may be easier. Knows no models.
import { TRAIT_COUNT } from "./traits.ts";

export interface KindLines {
  readonly levels: number;
  /** kinds × levels × (TRAIT_COUNT + 1); the last is the constant. */
  readonly weights: Float32Array;
}

/** A kind less likely than this adds nothing one could see. */
const LEAST_PROBABILITY = 0.02;

/** Adds to `into` (levels long); `traits` may hold more behind the traits. */
export function addKindLines(
  { levels, weights }: KindLines,
  { traits, kinds }: { readonly traits: Float32Array; readonly kinds: Float32Array },
  into: Float32Array,
): void {
  for (let kind = 0; kind < kinds.length; kind++) {
    const probability = kinds[kind] ?? 0;
    if (probability < LEAST_PROBABILITY) continue;
    for (let level = 0; level < levels; level++) {
      const row = (kind * levels + level) * (TRAIT_COUNT + 1);
      let sum = weights[row + TRAIT_COUNT] ?? 0;
      for (let trait = 0; trait < TRAIT_COUNT; trait++) {
        sum += (weights[row + trait] ?? 0) * (traits[trait] ?? 0);
      }
      into[level] = (into[level] ?? 0) + probability * sum;
    }
  }
}
