// Gradient-boosted trees with several outputs per leaf, grown best leaf first over histograms (after
// Friedman 2001 and Ke et al. 2017). Knows rows of features and their gradients, no prompts.
import type { Forest } from "../../src/routing/ability/forest.ts";

/** Gradient and curvature of the loss, rows × outputs, at the present predictions. */
export interface Slopes {
  readonly gradients: Float64Array;
  readonly curvatures: Float64Array;
}

export interface ForestData {
  readonly rows: number;
  readonly columns: number;
  readonly outputs: number;
  /** Row-major rows × columns. */
  readonly features: Float32Array;
  /** Slopes at `predictions` (rows × outputs). */
  readonly slopesAt: (predictions: Float64Array) => Slopes;
}

interface ForestOptions {
  readonly trees: number;
  readonly leaves: number;
  readonly rate: number;
  /** Curvature imagined in every leaf at value 0: pulls small leaves to nothing. */
  readonly ridge: number;
  readonly leastRows: number;
}

/** Values of a feature are told apart no finer than this many shares of the rows. */
const BINS = 32;

export function fitForest(data: ForestData, options: ForestOptions): Forest {
  const binned = binFeatures(data);
  const predictions = new Float64Array(data.rows * data.outputs);
  const inner = options.leaves - 1;
  const grown: Grown[] = [];
  for (let t = 0; t < options.trees; t++) {
    const tree = growTree(data, binned, { ...options, slopes: data.slopesAt(predictions) });
    for (const [number, leaf] of tree.leaves.entries()) {
      for (const row of leaf.rows) {
        for (let k = 0; k < data.outputs; k++) {
          const at = row * data.outputs + k;
          predictions[at] = (predictions[at] ?? 0) + (tree.values[number * data.outputs + k] ?? 0);
        }
      }
    }
    grown.push(tree);
  }
  return pack(grown, { inner, outputs: data.outputs });
}

interface Binned {
  /** Column-major: bin of each row. */
  readonly bins: Uint8Array;
  /** columns × BINS: the largest value of a bin. */
  readonly edges: Float32Array;
}

function binFeatures({ rows, columns, features }: ForestData): Binned {
  const bins = new Uint8Array(rows * columns);
  const edges = new Float32Array(columns * BINS).fill(Number.POSITIVE_INFINITY);
  for (let column = 0; column < columns; column++) {
    const values = Float32Array.from({ length: rows }, (_, row) => features[row * columns + column] ?? 0);
    const distinct = Float32Array.from(new Set(values)).sort();
    const ordered = distinct.length <= BINS ? distinct : values.slice().sort();
    for (let bin = 0; bin < BINS - 1; bin++) {
      const at = distinct.length <= BINS ? bin : Math.floor(((bin + 1) * rows) / BINS) - 1;
      edges[column * BINS + bin] = ordered[at] ?? Number.POSITIVE_INFINITY;
    }
    for (let row = 0; row < rows; row++) {
      let bin = 0;
      while (bin < BINS - 1 && (values[row] ?? 0) > (edges[column * BINS + bin] ?? 0)) bin++;
      bins[column * rows + row] = bin;
    }
  }
  return { bins, edges };
}

interface Leaf {
  readonly rows: Uint32Array;
  readonly split: Split | null;
  /** Inner node whose child this is, and the side; -1 for the root. */
  readonly parent: number;
  readonly side: 0 | 1;
}

interface Split {
  readonly gain: number;
  readonly column: number;
  readonly bin: number;
}

interface Grown {
  readonly nodes: readonly { readonly column: number; readonly threshold: number }[];
  readonly children: Int8Array;
  readonly leaves: readonly Leaf[];
  readonly values: Float64Array;
}

type Growing = ForestOptions & { readonly slopes: Slopes };

function growTree(data: ForestData, binned: Binned, growing: Growing): Grown {
  const nodes: { column: number; threshold: number }[] = [];
  const children = new Int8Array(2 * (growing.leaves - 1)).fill(-1);
  const root = Uint32Array.from({ length: data.rows }, (_, row) => row);
  const leaves: Leaf[] = [
    { rows: root, split: bestSplit(data, binned, { ...growing, rows: root }), parent: -1, side: 0 },
  ];
  while (leaves.length < growing.leaves) {
    const at = mostGain(leaves);
    const leaf = leaves[at];
    if (leaf === undefined || leaf.split === null) break;
    const { column, bin } = leaf.split;
    const node = nodes.push({ column, threshold: binned.edges[column * BINS + bin] ?? 0 }) - 1;
    if (leaf.parent >= 0) children[2 * leaf.parent + leaf.side] = node;
    const isRight = (row: number) => (binned.bins[column * data.rows + row] ?? 0) > bin;
    const sides = [leaf.rows.filter((row) => !isRight(row)), leaf.rows.filter(isRight)] as const;
    const grow = (side: 0 | 1): Leaf => ({
      rows: sides[side],
      split: bestSplit(data, binned, { ...growing, rows: sides[side] }),
      parent: node,
      side,
    });
    leaves[at] = grow(0);
    leaves.push(grow(1));
  }
  for (const [number, leaf] of leaves.entries()) {
    if (leaf.parent >= 0) children[2 * leaf.parent + leaf.side] = -1 - number;
  }
  return { nodes, children, leaves, values: leafValues(data, leaves, growing) };
}

function mostGain(leaves: readonly Leaf[]): number {
  let best = 0;
  for (const [at, leaf] of leaves.entries()) {
    if ((leaf.split?.gain ?? 0) > (leaves[best]?.split?.gain ?? 0)) best = at;
  }
  return best;
}

function bestSplit(
  data: ForestData,
  binned: Binned,
  growing: Growing & { readonly rows: Uint32Array },
): Split | null {
  if (growing.rows.length < 2 * growing.leastRows) return null;
  const { outputs } = data;
  const sums = new Float64Array(BINS * (2 * outputs + 1));
  let best: Split | null = null;
  for (let column = 0; column < data.columns; column++) {
    fillHistogram(sums, data, { ...growing, bins: binned.bins.subarray(column * data.rows) });
    const found = bestBin(sums, growing, outputs);
    if (found !== null && (best === null || found.gain > best.gain)) best = { ...found, column };
  }
  return best;
}

function fillHistogram(
  sums: Float64Array,
  { outputs }: ForestData,
  { rows, bins, slopes }: Growing & { readonly rows: Uint32Array; readonly bins: Uint8Array },
): void {
  const width = 2 * outputs + 1;
  sums.fill(0);
  for (const row of rows) {
    const at = (bins[row] ?? 0) * width;
    sums[at] = (sums[at] ?? 0) + 1;
    for (let k = 0; k < outputs; k++) {
      const from = row * outputs + k;
      sums[at + 1 + k] = (sums[at + 1 + k] ?? 0) + (slopes.gradients[from] ?? 0);
      sums[at + 1 + outputs + k] = (sums[at + 1 + outputs + k] ?? 0) + (slopes.curvatures[from] ?? 0);
    }
  }
}

function bestBin(
  sums: Float64Array,
  { ridge, leastRows }: Growing,
  outputs: number,
): Omit<Split, "column"> | null {
  const width = 2 * outputs + 1;
  const total = new Float64Array(width);
  for (let at = 0; at < sums.length; at++) total[at % width] = (total[at % width] ?? 0) + (sums[at] ?? 0);
  const left = new Float64Array(width);
  let best: Omit<Split, "column"> | null = null;
  const whole = worth(total, ridge, outputs);
  for (let bin = 0; bin < BINS - 1; bin++) {
    for (let k = 0; k < width; k++) left[k] = (left[k] ?? 0) + (sums[bin * width + k] ?? 0);
    const rows = left[0] ?? 0;
    if (rows < leastRows || (total[0] ?? 0) - rows < leastRows) continue;
    const right = total.map((value, k) => value - (left[k] ?? 0));
    const gain = worth(left, ridge, outputs) + worth(right, ridge, outputs) - whole;
    if (gain > (best?.gain ?? 0)) best = { gain, bin };
  }
  return best;
}

function worth(sums: Float64Array, ridge: number, outputs: number): number {
  let sum = 0;
  for (let k = 0; k < outputs; k++) sum += (sums[1 + k] ?? 0) ** 2 / ((sums[1 + outputs + k] ?? 0) + ridge);
  return sum;
}

function leafValues(
  { outputs }: ForestData,
  leaves: readonly Leaf[],
  { rate, ridge, slopes }: Growing,
): Float64Array {
  const values = new Float64Array(leaves.length * outputs);
  for (const [number, leaf] of leaves.entries()) {
    for (let k = 0; k < outputs; k++) {
      let gradient = 0;
      let curvature = ridge;
      for (const row of leaf.rows) {
        gradient += slopes.gradients[row * outputs + k] ?? 0;
        curvature += slopes.curvatures[row * outputs + k] ?? 0;
      }
      values[number * outputs + k] = (-rate * gradient) / curvature;
    }
  }
  return values;
}

function pack(
  grown: readonly Grown[],
  { inner, outputs }: { readonly inner: number; readonly outputs: number },
): Forest {
  const trees = grown.filter((tree) => tree.nodes.length > 0);
  const features = new Uint8Array(trees.length * inner);
  const thresholds = new Float32Array(trees.length * inner);
  const children = new Int8Array(trees.length * inner * 2).fill(-1);
  const values = new Float64Array(trees.length * (inner + 1) * outputs);
  for (const [t, tree] of trees.entries()) {
    for (const [node, { column, threshold }] of tree.nodes.entries()) {
      features[t * inner + node] = column;
      thresholds[t * inner + node] = threshold;
    }
    children.set(tree.children, t * inner * 2);
    values.set(tree.values, t * (inner + 1) * outputs);
  }
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-9);
  const leaves = Int8Array.from(values, (value) => Math.round((value / most) * 127));
  return {
    trees: trees.length,
    nodes: inner,
    outputs,
    features,
    thresholds,
    children,
    leaves,
    leafScale: most / 127,
  };
}
