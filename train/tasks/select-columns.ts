// Chooses which n-grams get a column: each column goes to the commonest of the ids that share it,
// counted by what their rows weigh. N-grams met once teach nothing but their own row.
import { columnOfId, ID_COUNT, tagOfId } from "../../src/routing/classify/columns.ts";
import type { Example, SparseRows } from "../lib/linear-fit.ts";

export interface Selection {
  readonly count: number;
  readonly tags: Uint8Array;
  /** The id each column belongs to; -1: to none. */
  readonly ids: Int32Array;
}

/** Two authored prompts, or ten of the packs. */
const LEAST_WEIGHT = 1.9;

/** `examples` give the rows to count and what each weighs. */
export function selectColumns(rows: SparseRows, examples: readonly Example[], count: number): Selection {
  const weights = new Float32Array(ID_COUNT);
  for (const { row, weight } of examples) {
    const end = rows.starts[row + 1] ?? 0;
    for (let i = rows.starts[row] ?? 0; i < end; i++) {
      const id = rows.indices[i] ?? 0;
      if (id < ID_COUNT) weights[id] = (weights[id] ?? 0) + weight;
    }
  }
  const ids = new Int32Array(count).fill(-1);
  const tags = new Uint8Array(count);
  const most = new Float32Array(count).fill(LEAST_WEIGHT);
  for (let id = 0; id < ID_COUNT; id++) {
    const weight = weights[id] ?? 0;
    const column = columnOfId(id, count);
    if (weight <= (most[column] ?? 0)) continue;
    most[column] = weight;
    ids[column] = id;
    tags[column] = tagOfId(id);
  }
  return { count, tags, ids };
}

/** The rows by column: ids without one are left out, what lies beyond the ids follows the columns. */
export function compact(rows: SparseRows, { count, ids }: Selection): SparseRows {
  const starts = new Uint32Array(rows.starts.length);
  const indices = new Uint32Array(rows.indices.length);
  const values = new Float32Array(rows.values.length);
  let at = 0;
  for (let row = 0; row + 1 < starts.length; row++) {
    const end = rows.starts[row + 1] ?? 0;
    for (let i = rows.starts[row] ?? 0; i < end; i++) {
      const id = rows.indices[i] ?? 0;
      const column = id < ID_COUNT ? columnOfId(id, count) : count + id - ID_COUNT;
      if (id < ID_COUNT && ids[column] !== id) continue;
      indices[at] = column;
      values[at++] = rows.values[i] ?? 0;
    }
    starts[row + 1] = at;
  }
  return { starts, indices: indices.subarray(0, at), values: values.subarray(0, at) };
}
