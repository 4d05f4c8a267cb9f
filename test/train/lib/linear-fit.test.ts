import { expect, it } from "vitest";
import {
  addModel,
  type Example,
  fitLinear,
  predictInto,
  type SparseRows,
} from "../../../train/lib/linear-fit.ts";

// Three rows, one column each; the third column says nothing: it comes with both labels.
const ROWS: SparseRows = {
  starts: Uint32Array.of(0, 2, 4, 5),
  indices: Uint32Array.of(0, 2, 1, 2, 2),
  values: Float32Array.of(1, 1, 1, 1, 1),
};
const OPTIONS = {
  columns: 3,
  classes: 2,
  passes: 40,
  rate: 0.3,
  decay: 0,
  smoothing: 0,
  dropout: 0,
  averagedPasses: 1,
  seed: 1,
};

function probabilityOf(label: number, row: number, examples: readonly Example[]): number {
  const into = new Float64Array(2);
  predictInto(fitLinear(ROWS, examples, OPTIONS), ROWS, row, into);
  return into[label] ?? 0;
}

it("tells apart what the columns tell apart", () => {
  const examples = [
    { row: 0, label: 0, weight: 1 },
    { row: 1, label: 1, weight: 1 },
  ];
  expect(probabilityOf(0, 0, examples)).toBeGreaterThan(0.9);
  expect(probabilityOf(1, 1, examples)).toBeGreaterThan(0.9);
  expect(probabilityOf(0, 2, examples)).toBeCloseTo(0.5, 1);
});

it("lets the heavier rows lead where the columns do not decide", () => {
  const examples = [
    { row: 2, label: 0, weight: 3 },
    { row: 2, label: 1, weight: 1 },
  ];
  expect(probabilityOf(0, 2, examples)).toBeGreaterThan(0.65);
});

it("gives the same weights for the same seed when entries are left out, others for another", () => {
  const examples = [0, 1].map((row) => ({ row, label: row, weight: 1 }));
  const fitted = (seed: number) => fitLinear(ROWS, examples, { ...OPTIONS, dropout: 0.5, seed });
  expect(fitted(1)).toEqual(fitted(1));
  expect(fitted(1)).not.toEqual(fitted(2));
});

it("adds models up in shares", () => {
  const one = { classes: 1, weights: Float32Array.of(1, 2), bias: Float32Array.of(4) };
  const sum = { classes: 1, weights: Float32Array.of(0, 1), bias: Float32Array.of(0) };
  addModel(sum, one, 0.5);
  expect(sum).toEqual({ classes: 1, weights: Float32Array.of(0.5, 2), bias: Float32Array.of(2) });
});
