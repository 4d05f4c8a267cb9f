// Multinomial logistic regression on sparse rows by Adagrad: one thread, seconds, same bytes every time.
// Knows nothing of prompts: rows of numbers, classes and weights.
import { softmax } from "../../src/lib/curves.ts";
import { createRandom, type Random } from "./random.ts";

/** Rows in compressed form: row r is entries starts[r] .. starts[r + 1] - 1. */
export interface SparseRows {
  readonly starts: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** What one training row counts for. */
export interface Example {
  readonly row: number;
  /** Probability of each class: one-hot where the label is sure. */
  readonly label: number;
  readonly weight: number;
}

export interface FitOptions {
  readonly columns: number;
  readonly classes: number;
  readonly passes: number;
  readonly rate: number;
  /** L2 pull towards zero per visit of a weight. */
  readonly decay: number;
  /** Share of the label given to all classes alike: labels are sometimes wrong. */
  readonly smoothing: number;
  /** Share of a row's entries that each visit leaves out, so that no weight can lean on another. */
  readonly dropout: number;
  /** The result is the mean of the weights after each of the last so many passes. */
  readonly averagedPasses: number;
  readonly seed: number;
}

export interface LinearModel {
  readonly classes: number;
  /** columns x classes, row-major. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

export function fitLinear(rows: SparseRows, examples: readonly Example[], options: FitOptions): LinearModel {
  const { columns, classes, passes, seed } = options;
  const model = { classes, weights: new Float32Array(columns * classes), bias: new Float32Array(classes) };
  const state: State = {
    model,
    // A first step of the full rate on every weight would be too long where a column comes once.
    squares: new Float32Array(columns * classes).fill(FIRST_SQUARE),
    biasSquares: new Float32Array(classes).fill(1),
    errors: new Float64Array(classes),
    thin: scratchRow(rows),
    options,
  };
  const averaged = { classes, weights: new Float32Array(columns * classes), bias: new Float32Array(classes) };
  const random = createRandom(seed);
  const order = Uint32Array.from(examples.keys());
  for (let pass = 0; pass < passes; pass++) {
    random.shuffle(order);
    for (const at of order) {
      const example = examples[at];
      if (example !== undefined) visit(state, thinned(rows, example.row, state, random), example);
    }
    if (pass >= passes - options.averagedPasses) addModel(averaged, model, 1 / options.averagedPasses);
  }
  return averaged;
}

/** Adds `share` of a model's weights to another's: the mean of linear models is one linear model. */
export function addModel(to: LinearModel, from: LinearModel, share: number): void {
  for (let i = 0; i < to.weights.length; i++) {
    to.weights[i] = (to.weights[i] ?? 0) + share * (from.weights[i] ?? 0);
  }
  for (let c = 0; c < to.bias.length; c++) to.bias[c] = (to.bias[c] ?? 0) + share * (from.bias[c] ?? 0);
}

/** One row as a set of its own, some of its entries left out. */
function thinned(rows: SparseRows, row: number, { thin, options }: State, random: Random): SparseRows {
  const start = rows.starts[row] ?? 0;
  const end = rows.starts[row + 1] ?? 0;
  let count = 0;
  for (let i = start; i < end; i++) {
    if (options.dropout > 0 && random.next() < options.dropout) continue;
    thin.indices[count] = rows.indices[i] ?? 0;
    thin.values[count++] = rows.values[i] ?? 0;
  }
  thin.starts[1] = count;
  return thin;
}

const FIRST_SQUARE = 0.05;

interface State {
  readonly model: LinearModel;
  /** Sums of squared gradients. */
  readonly squares: Float32Array;
  readonly biasSquares: Float32Array;
  readonly errors: Float64Array;
  /** The one row in hand. */
  readonly thin: SparseRows;
  readonly options: FitOptions;
}

function scratchRow({ starts }: SparseRows): SparseRows {
  let most = 0;
  for (let row = 0; row + 1 < starts.length; row++) {
    most = Math.max(most, (starts[row + 1] ?? 0) - (starts[row] ?? 0));
  }
  return { starts: new Uint32Array(2), indices: new Uint32Array(most), values: new Float32Array(most) };
}

/** `rows` hold this example alone. */
function visit(state: State, rows: SparseRows, example: Example): void {
  const { model, squares, biasSquares, errors, options } = state;
  const { classes, weights, bias } = model;
  predictInto(model, rows, 0, errors);
  const even = options.smoothing / classes;
  for (let c = 0; c < classes; c++) {
    const wanted = even + (c === example.label ? 1 - options.smoothing : 0);
    errors[c] = ((errors[c] ?? 0) - wanted) * example.weight;
  }
  const end = rows.starts[1] ?? 0;
  for (let i = 0; i < end; i++) {
    const base = (rows.indices[i] ?? 0) * classes;
    const value = rows.values[i] ?? 0;
    for (let c = 0; c < classes; c++) {
      const at = base + c;
      const weight = weights[at] as number;
      const gradient = (errors[c] as number) * value + options.decay * weight * example.weight;
      const square = (squares[at] as number) + gradient * gradient;
      squares[at] = square;
      weights[at] = weight - (options.rate * gradient) / Math.sqrt(square);
    }
  }
  for (let c = 0; c < classes; c++) {
    const gradient = errors[c] ?? 0;
    biasSquares[c] = (biasSquares[c] ?? 0) + gradient * gradient;
    bias[c] = (bias[c] ?? 0) - (options.rate * gradient) / Math.sqrt(biasSquares[c] ?? 1);
  }
}

/** Fills `into` with the probability of each class. */
export function predictInto(model: LinearModel, rows: SparseRows, row: number, into: Float64Array): void {
  logitsInto(model, rows, row, into);
  softmax(into);
}

function logitsInto(model: LinearModel, rows: SparseRows, row: number, into: Float64Array): void {
  const { classes, weights, bias } = model;
  for (let c = 0; c < classes; c++) into[c] = bias[c] ?? 0;
  const end = rows.starts[row + 1] ?? 0;
  for (let i = rows.starts[row] ?? 0; i < end; i++) {
    const base = (rows.indices[i] ?? 0) * classes;
    const value = rows.values[i] ?? 0;
    for (let c = 0; c < classes; c++) into[c] = (into[c] as number) + (weights[base + c] as number) * value;
  }
}
