// Sums the leaves that a row of features reaches in a small forest. Knows nothing of what is summed.

/** Trees side by side: tree t's nodes stand at t × nodes. */
export interface Forest {
  readonly trees: number;
  /** Inner nodes per tree; a tree of them has one leaf more. */
  readonly nodes: number;
  readonly outputs: number;
  /** Feature an inner node looks at. */
  readonly features: Uint8Array;
  /** Go left when the feature is at most this. */
  readonly thresholds: Float32Array;
  /** trees × nodes × 2, left then right: an inner node's number, or -1 - the leaf's number. */
  readonly children: Int8Array;
  /** trees × (nodes + 1) × outputs. */
  readonly leaves: Int8Array;
  readonly leafScale: number;
}

/** Adds the forest's outputs to `into` (outputs long). */
export function addForest(forest: Forest, features: Float32Array, into: Float32Array): void {
  const { trees, nodes, outputs, leaves, leafScale } = forest;
  for (let tree = 0; tree < trees; tree++) {
    const leaf = leafOf(forest, tree * nodes, features);
    const at = (tree * (nodes + 1) + leaf) * outputs;
    for (let k = 0; k < outputs; k++) into[k] = (into[k] ?? 0) + (leaves[at + k] ?? 0) * leafScale;
  }
}

/** Nodes only point forward, so at most `nodes` steps are taken. */
function leafOf(forest: Forest, base: number, values: Float32Array): number {
  const { features, thresholds, children, nodes } = forest;
  let node = 0;
  for (let step = 0; step < nodes; step++) {
    const at = base + node;
    const isRight = (values[features[at] ?? 0] ?? 0) > (thresholds[at] ?? 0);
    const next = children[2 * at + (isRight ? 1 : 0)] ?? -1;
    if (next < 0) return -1 - next;
    node = next;
  }
  return 0;
}
