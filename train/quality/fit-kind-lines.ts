// Fits each kind's line from traits to levels by a few Newton steps of ridge logistic regression, within
// the kind: what all prompts of a kind share is the abilities' business.
import type { KindLines } from "../../src/routing/ability/kind-lines.ts";
import { TRAIT_COUNT, TRAITS } from "../../src/routing/ability/traits.ts";
import type { Slopes } from "../lib/forest-fit.ts";
import { gram, type Matrix, solveSymmetric, zeros } from "../lib/matrix.ts";

interface LinesInputs {
  readonly kinds: number;
  readonly levels: number;
  /** Kind of each row. */
  readonly labels: ArrayLike<number>;
  /** Row-major; the traits stand first in each of `width` columns. */
  readonly features: Float32Array;
  readonly width: number;
  /** Slopes of the loss at levels, rows × levels. */
  readonly slopesAt: (levels: Float64Array) => Slopes;
}

/** Logistic loss is nearly quadratic at these small levels. */
const STEPS = 3;
/** Curvature imagined at 0 for each trait, per level: some hundred prompts must agree before one counts. */
const TRAIT_RIDGES = [400, 1_500] as const;
/** The burden was thought of before it was measured, and is believed at once. */
const BURDEN_RIDGE = 2;
const BURDEN = TRAITS.indexOf("burden");

export function fitKindLines(inputs: LinesInputs): {
  readonly lines: KindLines;
  readonly fitted: Float64Array;
} {
  const { kinds, levels, labels } = inputs;
  const rowsOf = Array.from({ length: kinds }, (): number[] => []);
  for (let row = 0; row < labels.length; row++) rowsOf[labels[row] ?? 0]?.push(row);
  const scales = rowsOf.map((rows) => standardise(inputs, rows));
  const coefficients = new Float64Array(kinds * levels * TRAIT_COUNT);
  const fitted = new Float64Array(labels.length * levels);
  for (let step = 0; step < STEPS; step++) {
    const slopes = inputs.slopesAt(fitted);
    for (const [kind, rows] of rowsOf.entries()) {
      const scale = scales[kind];
      if (scale === undefined || rows.length === 0) continue;
      for (let level = 0; level < levels; level++) {
        const own = coefficients.subarray((kind * levels + level) * TRAIT_COUNT).subarray(0, TRAIT_COUNT);
        newtonStep(scale.values, own, { ...slopesOfRows(slopes, rows, { level, levels }), level });
        for (const [at, row] of rows.entries()) fitted[row * levels + level] = dot(scale.values, at, own);
      }
    }
  }
  return { lines: { levels, weights: unscaled(coefficients, scales, levels) }, fitted };
}

interface Scale {
  readonly values: Matrix;
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/** A trait that hardly varies within the kind must not be blown up. */
const LEAST_DEVIATION = 0.05;

function standardise({ features, width }: LinesInputs, rows: readonly number[]): Scale {
  const values = zeros(rows.length, TRAIT_COUNT);
  const means = new Float64Array(TRAIT_COUNT);
  const deviations = new Float64Array(TRAIT_COUNT);
  for (let trait = 0; trait < TRAIT_COUNT; trait++) {
    let sum = 0;
    let squares = 0;
    for (const row of rows) {
      const value = features[row * width + trait] ?? 0;
      sum += value;
      squares += value * value;
    }
    const mean = sum / Math.max(1, rows.length);
    const deviation = Math.sqrt(Math.max(0, squares / Math.max(1, rows.length) - mean * mean));
    means[trait] = mean;
    deviations[trait] = Math.max(LEAST_DEVIATION, deviation);
    for (const [at, row] of rows.entries()) {
      values.data[at * TRAIT_COUNT + trait] =
        ((features[row * width + trait] ?? 0) - mean) / Math.max(LEAST_DEVIATION, deviation);
    }
  }
  return { values, means, deviations };
}

interface RowSlopes {
  readonly level: number;
  readonly gradients: Float64Array;
  readonly curvatures: Float64Array;
}

function slopesOfRows(
  { gradients, curvatures }: Slopes,
  rows: readonly number[],
  { level, levels }: { readonly level: number; readonly levels: number },
): Omit<RowSlopes, "level"> {
  return {
    gradients: Float64Array.from(rows, (row) => gradients[row * levels + level] ?? 0),
    curvatures: Float64Array.from(rows, (row) => curvatures[row * levels + level] ?? 0),
  };
}

function newtonStep(values: Matrix, own: Float64Array, { gradients, curvatures, level }: RowSlopes): void {
  const hessian = gram(values, 0, curvatures);
  const slope = zeros(TRAIT_COUNT, 1);
  for (let trait = 0; trait < TRAIT_COUNT; trait++) {
    const ridge = trait === BURDEN ? BURDEN_RIDGE : (TRAIT_RIDGES[level] ?? TRAIT_RIDGES[1]);
    hessian.data[trait * (TRAIT_COUNT + 1)] = (hessian.data[trait * (TRAIT_COUNT + 1)] ?? 0) + ridge;
    slope.data[trait] = ridge * (own[trait] ?? 0);
  }
  for (let at = 0; at < values.rows; at++) {
    for (let trait = 0; trait < TRAIT_COUNT; trait++) {
      slope.data[trait] =
        (slope.data[trait] ?? 0) + (gradients[at] ?? 0) * (values.data[at * TRAIT_COUNT + trait] ?? 0);
    }
  }
  const step = solveSymmetric(hessian, slope);
  for (let trait = 0; trait < TRAIT_COUNT; trait++) own[trait] = (own[trait] ?? 0) - (step.data[trait] ?? 0);
}

function dot(values: Matrix, row: number, own: Float64Array): number {
  let sum = 0;
  for (let trait = 0; trait < TRAIT_COUNT; trait++) {
    sum += (values.data[row * TRAIT_COUNT + trait] ?? 0) * (own[trait] ?? 0);
  }
  return sum;
}

function unscaled(coefficients: Float64Array, scales: readonly Scale[], levels: number): Float32Array {
  const weights = new Float32Array(scales.length * levels * (TRAIT_COUNT + 1));
  for (const [kind, { means, deviations }] of scales.entries()) {
    for (let level = 0; level < levels; level++) {
      const from = (kind * levels + level) * TRAIT_COUNT;
      const to = (kind * levels + level) * (TRAIT_COUNT + 1);
      let constant = 0;
      for (let trait = 0; trait < TRAIT_COUNT; trait++) {
        const weight = (coefficients[from + trait] ?? 0) / (deviations[trait] ?? 1);
        weights[to + trait] = weight;
        constant -= weight * (means[trait] ?? 0);
      }
      weights[to + TRAIT_COUNT] = constant;
    }
  }
  return weights;
}
