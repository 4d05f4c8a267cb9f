// What the build of an operator's prompts says of their models' scores: a ridge on traits and their
// squares, for numbers, lengths and options can hurt at both ends. And how far their prompts reach.
import { createStems, readStems } from "../../src/routing/ability/document.ts";
import { TRAIT_TERMS, traitTerms } from "../../src/routing/ability/own-head.ts";
import { type TraitRange, traitDistance } from "../../src/routing/ability/trait-range.ts";
import { readTraits, TRAIT_COUNT } from "../../src/routing/ability/traits.ts";
import { gram, solveSymmetric, zeros } from "../lib/matrix.ts";

/** A trait all prompts share must not make one that differs a little infinitely far. */
const LEAST_DEVIATION = 0.1;
/** The oddest of a hundred own prompts may lie outside the reach. */
const REACH_SHARE = 0.99;
/** Rows by which each term is pulled to nothing. Found by cross-validation on MMLU. */
const RIDGE = 100;

export function traitsOf(prompts: readonly string[]): readonly Float32Array[] {
  const stems = createStems();
  return prompts.map((prompt) => {
    const values = new Float32Array(TRAIT_COUNT);
    readStems(prompt, stems);
    readTraits(prompt, stems.tokens, values);
    return values;
  });
}

export function fitRange(traits: readonly Float32Array[]): TraitRange {
  const means = new Float32Array(TRAIT_COUNT);
  const rates = new Float32Array(TRAIT_COUNT);
  for (let trait = 0; trait < TRAIT_COUNT; trait++) {
    const values = traits.map((one) => one[trait] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    means[trait] = mean;
    rates[trait] = 1 / Math.max(LEAST_DEVIATION, Math.sqrt(variance));
  }
  const distances = Float32Array.from(traits, (one) => traitDistance(one, { means, rates })).sort();
  const reach = distances[Math.floor(REACH_SHARE * (distances.length - 1))] ?? 1;
  return { means, rates, reach: Math.max(reach, Number.EPSILON) };
}

/** One model's weights, TRAIT_TERMS long; `scores` are its deviations from its mean, per row. */
export function fitTraitLine(
  traits: readonly Float32Array[],
  scores: readonly number[],
  range: TraitRange,
): Float64Array {
  const terms = zeros(traits.length, TRAIT_TERMS);
  const slope = zeros(TRAIT_TERMS, 1);
  const scratch = new Float32Array(TRAIT_TERMS);
  for (const [row, values] of traits.entries()) {
    traitTerms(values, range, scratch);
    terms.data.set(scratch, row * TRAIT_TERMS);
    for (let term = 0; term < TRAIT_TERMS; term++) {
      slope.data[term] = (slope.data[term] ?? 0) + (scratch[term] ?? 0) * (scores[row] ?? 0);
    }
  }
  return solveSymmetric(gram(terms, RIDGE), slope).data;
}
