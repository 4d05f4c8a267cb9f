// Hashed n-grams of a scanned text as lists of columns: words, pairs of words, pieces of words. Pieces
// carry what words cannot: typos, endings, and languages written without spaces.
// Knows nothing of what the columns are for.
import { type ColumnLists, pushColumn } from "./column-lists.ts";
import type { Columns } from "./columns.ts";
import { DENSE, extendHash, HASH_BASIS, mix, type Tokens, WORD } from "./tokens.ts";

/** Adds the n-grams of one kind. */
export interface Adder {
  readonly lists: ColumnLists;
  readonly columns: Columns;
  /** Keeps equal n-grams of different kinds apart. */
  seed: number;
  /** N-grams of this kind so far, strangers among them. */
  added: number;
}

export function createAdder(lists: ColumnLists, columns: Columns): Adder {
  return { lists, columns, seed: 0, added: 0 };
}

/** Starts a kind of n-grams. */
export function begin(adder: Adder, seed: number): void {
  adder.seed = seed;
  adder.added = 0;
}

/** Ends it: its n-grams, however many, weigh about `weight` together (as an L2 norm). */
export function end(adder: Adder, weight: number): void {
  if (adder.added === 0) return;
  const { lists } = adder;
  lists.ends[lists.count] = lists.length;
  lists.factors[lists.count++] = weight / Math.sqrt(adder.added);
}

export function addHash(adder: Adder, hash: number): void {
  adder.added++;
  pushColumn(adder.lists, mix(hash, adder.seed), adder.columns);
}

/** Tokens `from` to `to` - 1 of a text. */
export interface Stretch {
  readonly tokens: Tokens;
  readonly from: number;
  readonly to: number;
}

export function addWords(adder: Adder, { tokens, from, to }: Stretch): void {
  for (let i = from; i < to; i++) addHash(adder, tokens.hashes[i] ?? 0);
}

/** Stands before the first word of a sentence. */
const OPENING = 0x5e;

/** Neighbours, never across the end of a sentence; its first word pairs with the opening. */
export function addPairs(adder: Adder, { tokens, from, to }: Stretch): void {
  for (let i = from; i < to; i++) {
    const isFirst = i === 0 || tokens.opens[i] === 1;
    const before = isFirst ? OPENING : (tokens.hashes[i - 1] ?? 0);
    addHash(adder, mix(before, tokens.hashes[i] ?? 0));
  }
}

/** Short enough to survive a typo elsewhere in the word. */
const LEAST_PIECE = 3;
const MOST_PIECE = LEAST_PIECE + 1;

/** Pieces of every word, its edges counted; in scripts without spaces runs of two to four characters. */
export function addPieces(adder: Adder, stretch: Stretch): void {
  const { tokens } = stretch;
  for (let i = stretch.from; i < stretch.to; i++) {
    if (tokens.kinds[i] === DENSE) addRuns(adder, stretch, i);
    else if (tokens.kinds[i] === WORD) addPiecesOf(adder, tokens, i);
  }
}

/** Characters of one "word" of a script without spaces. */
const MAX_RUN = 4;

function addRuns(adder: Adder, { tokens, to }: Stretch, at: number): void {
  let hash = tokens.hashes[at] ?? 0;
  const last = Math.min(to, at + MAX_RUN);
  for (let i = at + 1; i < last; i++) {
    if (tokens.kinds[i] !== DENSE || tokens.opens[i] === 1) return;
    hash = mix(hash, tokens.hashes[i] ?? 0);
    addHash(adder, hash);
  }
}

const EDGE = 1;
/** A word between its edges, as codes; the longest word and two edges fit. */
const PADDED = new Uint16Array(32);

/** Every three and four codes in a row, the word's edges counted as codes. */
function addPiecesOf(adder: Adder, { codes, starts }: Tokens, at: number): void {
  const start = starts[at] ?? 0;
  const length = (starts[at + 1] ?? 0) - start + 2;
  PADDED[0] = EDGE;
  for (let i = 1; i < length - 1; i++) PADDED[i] = codes[start + i - 1] ?? 0;
  PADDED[length - 1] = EDGE;
  for (let from = 0; from + LEAST_PIECE <= length; from++) {
    let hash = HASH_BASIS;
    for (let i = from; i < from + LEAST_PIECE; i++) hash = extendHash(hash, PADDED[i] ?? 0);
    addHash(adder, mix(hash, LEAST_PIECE));
    if (from + MOST_PIECE > length) return;
    addHash(adder, mix(extendHash(hash, PADDED[from + LEAST_PIECE] ?? 0), MOST_PIECE));
  }
}
