// Which column of the weights an n-gram's hash has. Only n-grams that training met often enough have
// one; a tag beside each column tells them from strangers, which would otherwise vote with a stranger's weights.

export interface Columns {
  readonly count: number;
  /** One byte per column; null while training still counts: then every id is a column of its own. */
  readonly tags: Uint8Array | null;
}

/** Ids are the upper 24 bits of a hash; training counts them all before it chooses. */
export const ID_COUNT = 2 ** 24;
const ID_SHIFT = 8;

/** Every id its own column. */
export const ALL_IDS: Columns = { count: ID_COUNT, tags: null };

/** -1: a stranger. */
export function columnOf(hash: number, columns: Columns): number {
  const id = hash >>> ID_SHIFT;
  const { count, tags } = columns;
  if (tags === null) return id;
  const column = columnOfId(id, count);
  return tags[column] === tagOfId(id) ? column : -1;
}

/** Neighbouring ids share a column; few hundred do, so that a tag nearly always tells them apart. */
export function columnOfId(id: number, count: number): number {
  return Math.floor((id * count) / ID_COUNT);
}

export function tagOfId(id: number): number {
  return id & 0xff;
}
