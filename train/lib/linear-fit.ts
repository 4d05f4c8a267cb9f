// Multinomial logistic regression on sparse rows by Adagrad: one thread, seconds, same bytes every time.
// Knows nothing of prompts: rows of numbers, classes and weights.
import { createRandom } from "./random.ts";

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
    options,
  };
  const random = createRandom(seed);
  const order = Uint32Array.from(examples.keys());
  for (let pass = 0; pass < passes; pass++) {
    random.shuffle(order);
    for (const at of order) {
      const example = examples[at];
      if (example !== undefined) visit(state, rows, example);
    }
  }
  return model;
}

const FIRST_SQUARE = 0.05;

interface State {
  readonly model: LinearModel;
  /** Sums of squared gradients. */
  readonly squares: Float32Array;
  readonly biasSquares: Float32Array;
  readonly errors: Float64Array;
  readonly options: FitOptions;
}

function visit(state: State, rows: SparseRows, example: Example): void {
  const { model, squares, biasSquares, errors, options } = state;
  const { classes, weights, bias } = model;
  predictInto(model, rows, example.row, errors);
  const even = options.smoothing / classes;
  for (let c = 0; c < classes; c++) {
    const wanted = even + (c === example.label ? 1 - options.smoothing : 0);
    errors[c] = ((errors[c] ?? 0) - wanted) * example.weight;
  }
  const end = rows.starts[example.row + 1] ?? 0;
  for (let i = rows.starts[example.row] ?? 0; i < end; i++) {
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

export function logitsInto(model: LinearModel, rows: SparseRows, row: number, into: Float64Array): void {
  const { classes, weights, bias } = model;
  for (let c = 0; c < classes; c++) into[c] = bias[c] ?? 0;
  const end = rows.starts[row + 1] ?? 0;
  for (let i = rows.starts[row] ?? 0; i < end; i++) {
    const base = (rows.indices[i] ?? 0) * classes;
    const value = rows.values[i] ?? 0;
    for (let c = 0; c < classes; c++) into[c] = (into[c] as number) + (weights[base + c] as number) * value;
  }
}

export function softmax(logits: Float64Array): void {
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > most) most = logit;
  let sum = 0;
  for (let c = 0; c < logits.length; c++) {
    const power = Math.exp((logits[c] ?? 0) - most);
    logits[c] = power;
    sum += power;
  }
  for (let c = 0; c < logits.length; c++) logits[c] = (logits[c] ?? 0) / sum;
}
