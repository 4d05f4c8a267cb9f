// The columns of one prompt, kind after kind; a column that came twice stands there twice. Lists, because
// adding up rows of bytes is cheaper than finding out which were added already. Reused scratch.

import { type Columns, columnOfId, idOf, tagOfId } from "./columns.ts";

export interface ColumnLists {
  /** The first `length` are set. */
  readonly columns: Uint32Array;
  length: number;
  /** Kind k ends before columns[ends[k]] and begins where the one before ended. */
  readonly ends: Uint16Array;
  /** What each column of the kind is multiplied with. */
  readonly factors: Float64Array;
  /** Kinds. */
  count: number;
}

/** Bound of one prompt; 1.8 kB of instruction stays below half of it. */
const MAX_ENTRIES = 8_192;
/** More kinds of features than there are. */
const MAX_KINDS = 16;

export function createColumnLists(): ColumnLists {
  return {
    columns: new Uint32Array(MAX_ENTRIES),
    length: 0,
    ends: new Uint16Array(MAX_KINDS),
    factors: new Float64Array(MAX_KINDS),
    count: 0,
  };
}

export function clearLists(lists: ColumnLists): void {
  lists.length = 0;
  lists.count = 0;
}

/** Strangers leave no trace, and what goes beyond MAX_ENTRIES is dropped. */
export function pushColumn(lists: ColumnLists, hash: number, { count, tags }: Columns): void {
  if (lists.length >= MAX_ENTRIES) return;
  const id = idOf(hash);
  if (tags === null) {
    lists.columns[lists.length++] = id;
    return;
  }
  const column = columnOfId(id, count);
  lists.columns[lists.length] = column;
  // Half are strangers, in no order a processor could foretell: counted without a branch.
  lists.length += (((tags[column] ?? 0) ^ tagOfId(id)) - 1) >>> 31;
}
