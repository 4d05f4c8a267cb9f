// Deterministic dice: the same seed always gives the same throws, in every region and process.
// They decide what simulated models say; they are no source of secrets or of ids.

export interface Dice {
  /** 0 ≤ x < 1. */
  next(): number;
  /** An integer, 0 ≤ x < below. */
  below(below: number): number;
  pick<Item>(list: readonly Item[]): Item;
}

/** mulberry32: 32 bits of state are plenty for prose, and it costs nanoseconds. */
export function seededDice(seed: number): Dice {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  function below(limit: number): number {
    return Math.floor(next() * limit);
  }
  function pick<Item>(list: readonly Item[]): Item {
    const item = list[below(list.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }
  return { next, below, pick };
}

/** FNV-1a over UTF-16 units, then mixed so that near texts get far hashes. An unsigned 32-bit integer. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
