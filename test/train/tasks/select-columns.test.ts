import { expect, it } from "vitest";
import { createColumnLists, pushColumn } from "../../../src/routing/classify/column-lists.ts";
import { ID_COUNT } from "../../../src/routing/classify/columns.ts";
import type { SparseRows } from "../../../train/lib/linear-fit.ts";
import { compact, selectColumns } from "../../../train/tasks/select-columns.ts";

// Two columns for all ids: the lower half of them shares one, the upper half the other.
const COUNT = 2;
const LOW_RARE = 5;
const LOW_COMMON = 9;
const HIGH_ONCE = ID_COUNT - 3;
const RULE = ID_COUNT + 1;

const ROWS: SparseRows = {
  starts: Uint32Array.of(0, 3, 6, 8),
  indices: Uint32Array.of(LOW_RARE, LOW_COMMON, RULE, LOW_RARE, LOW_COMMON, HIGH_ONCE, LOW_COMMON, RULE),
  values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
};
const EXAMPLES = [0, 1, 2].map((row) => ({ row, label: 0, weight: 1 }));

it("gives a shared column to the commonest n-gram and none to one met once", () => {
  const { ids } = selectColumns(ROWS, EXAMPLES, COUNT);
  expect([...ids]).toEqual([LOW_COMMON, -1]);
});

it("finds the chosen n-gram by its hash and no other", () => {
  const { tags, count } = selectColumns(ROWS, EXAMPLES, COUNT);
  const hashOf = (id: number) => (id << 8) >>> 0;
  const lists = createColumnLists();
  for (const id of [LOW_RARE, LOW_COMMON, HIGH_ONCE]) pushColumn(lists, hashOf(id), { count, tags });
  expect([...lists.columns.subarray(0, lists.length)]).toEqual([0]);
});

it("drops strangers from the rows and keeps what lies beyond the ids", () => {
  const compacted = compact(ROWS, selectColumns(ROWS, EXAMPLES, COUNT));
  expect([...compacted.starts]).toEqual([0, 2, 3, 5]);
  expect([...compacted.indices]).toEqual([0, COUNT + 1, 0, 0, COUNT + 1]);
  expect([...compacted.values]).toEqual([2, 3, 5, 7, 8]);
});
