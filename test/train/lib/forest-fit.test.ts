import { describe, expect, it } from "vitest";
import { addForest } from "../../../src/routing/ability/forest.ts";
import { type ForestData, fitForest } from "../../../train/lib/forest-fit.ts";
import { createRandom } from "../../../train/lib/random.ts";

const OPTIONS = { trees: 60, leaves: 8, rate: 0.2, ridge: 1, leastRows: 5 };
const ROWS = 400;
const random = createRandom(1);
const features = Float32Array.from({ length: ROWS * 3 }, () => random.next());
const at = (row: number, column: number) => features[row * 3 + column] ?? 0;

/** Squared error: outputs are a step of the first feature and a product of the first two. */
const wanted = Float64Array.from({ length: ROWS * 2 }, (_, i) => {
  const row = Math.floor(i / 2);
  return i % 2 === 0 ? Number(at(row, 0) > 0.5) : Number(at(row, 0) > 0.5 === at(row, 1) > 0.5);
});

const data: ForestData = {
  rows: ROWS,
  columns: 3,
  outputs: 2,
  features,
  slopesAt: (predictions) => ({
    gradients: predictions.map((value, i) => value - (wanted[i] ?? 0)),
    curvatures: new Float64Array(ROWS * 2).fill(1),
  }),
};

function errorOf(forest: ReturnType<typeof fitForest>): number {
  let sum = 0;
  for (let row = 0; row < ROWS; row++) {
    const into = new Float32Array(2);
    addForest(forest, features.subarray(row * 3, row * 3 + 3), into);
    for (let k = 0; k < 2; k++) sum += ((into[k] ?? 0) - (wanted[row * 2 + k] ?? 0)) ** 2;
  }
  return sum / (ROWS * 2);
}

describe("fitForest", () => {
  it("learns a step and an interaction, through the runtime's own evaluation in bytes", () => {
    expect(errorOf(fitForest(data, OPTIONS))).toBeLessThan(0.02);
  });

  it("gives the same bytes for the same rows", () => {
    expect(fitForest(data, OPTIONS)).toEqual(fitForest(data, OPTIONS));
  });

  it("grows nothing where no split holds enough rows", () => {
    const forest = fitForest(data, { ...OPTIONS, leastRows: ROWS });
    expect(forest.trees).toBe(0);
    const into = new Float32Array(2);
    addForest(forest, features, into);
    expect([...into]).toEqual([0, 0]);
  });

  it("keeps children pointing forward, so that evaluation ends", () => {
    const { trees, nodes, children } = fitForest(data, OPTIONS);
    for (let tree = 0; tree < trees; tree++) {
      for (let node = 0; node < nodes; node++) {
        for (let side = 0; side < 2; side++) {
          const child = children[(tree * nodes + node) * 2 + side] ?? -1;
          expect(child < 0 || child > node).toBe(true);
        }
      }
    }
  });
});
