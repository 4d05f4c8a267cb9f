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
const TAG_BITS = 8;
/** What is left of an id beside its tag; there can be 2 to this power of columns at most. */
const SHARED_BITS = 16;

/** Every id its own column. */
export const ALL_IDS: Columns = { count: ID_COUNT, tags: null };

export function idOf(hash: number): number {
  return hash >>> ID_SHIFT;
}

/** Of all 2^16 columns each is shared by 256 neighbours, which a tag tells apart; of fewer, by some more. */
export function columnOfId(id: number, count: number): number {
  return Math.imul(id >>> TAG_BITS, count) >>> SHARED_BITS;
}

export function tagOfId(id: number): number {
  return id & 0xff;
}
