// Word lists compiled for scanned text: what a word, a phrase or a word's beginning stands for, found by
// hash. One byte table turns nearly all words away before anything dearer is asked. Knows no list's meaning.
import { createTokens, HEAD_CODES, hashCodes, mix, scanTokens, type Tokens, WORD } from "./tokens.ts";

export interface WordTable<V> {
  /** By the low bits of a hash: which kinds of entry may begin here. */
  readonly marks: Uint8Array;
  readonly phrases: ReadonlyMap<number, readonly V[]>;
  readonly stems: ReadonlyMap<number, readonly V[]>;
}

/** Words of the longest phrase. */
const MAX_PHRASE_WORDS = 4;
const MAX_STEM_CODES = 12;

/** Marks per entry, at least: one in eight words is looked up in vain. The tables share a small cache. */
const MARKS_PER_ENTRY = 8;
const BEGINS_PHRASE = 1;
const BEGINS_STEM = 2;

/** `written`: a word, words in a row, or a stem with a trailing `*`. */
export function buildWordTable<V>(entries: readonly (readonly [written: string, value: V])[]): WordTable<V> {
  let markCount = 1;
  while (markCount < entries.length * MARKS_PER_ENTRY) markCount *= 2;
  const marks = new Uint8Array(markCount);
  const phrases = new Map<number, V[]>();
  const stems = new Map<number, V[]>();
  const tokens = createTokens();
  for (const [written, value] of entries) {
    scanTokens(written, tokens);
    if (tokens.count === 0) continue;
    if (written.endsWith("*")) {
      mark(marks, tokens.heads[0] ?? 0, BEGINS_STEM);
      put(stems, hashCodes(tokens.codes, 0, tokens.starts[1] ?? 0), value);
    } else {
      mark(marks, tokens.hashes[0] ?? 0, BEGINS_PHRASE);
      put(phrases, phraseHash(tokens), value);
    }
  }
  return { marks, phrases, stems };
}

/** "how do you say" is not also a "how do" and a "how": the longest phrase speaks alone. */
export function longestPhraseAt<V>(
  table: WordTable<V>,
  tokens: Tokens,
  at: number,
): readonly V[] | undefined {
  let hash = tokens.hashes[at] ?? 0;
  if (!isMarked(table.marks, hash, BEGINS_PHRASE)) return undefined;
  let longest = table.phrases.get(smallKey(hash));
  const last = Math.min(tokens.count, at + MAX_PHRASE_WORDS);
  for (let i = at + 1; i < last && tokens.opens[i] === 0; i++) {
    hash = mix(hash, tokens.hashes[i] ?? 0);
    longest = table.phrases.get(smallKey(hash)) ?? longest;
  }
  return longest;
}

/** What every stem stands for that the word begins with, the longest last. */
export function stemsAt<V>(table: WordTable<V>, tokens: Tokens, at: number): readonly V[] {
  if (!beginsStem(table, tokens, at)) return [];
  const found: V[] = [];
  const start = tokens.starts[at] ?? 0;
  const end = Math.min(tokens.starts[at + 1] ?? 0, start + MAX_STEM_CODES);
  for (let to = start + HEAD_CODES; to <= end; to++) {
    const values = table.stems.get(smallKey(hashCodes(tokens.codes, start, to)));
    if (values !== undefined) found.push(...values);
  }
  return found;
}

/** What the word alone stands for, or the longest of its stems; undefined for most. */
export function valueAt<V>(table: WordTable<V>, tokens: Tokens, at: number): V | undefined {
  const hash = tokens.hashes[at] ?? 0;
  const word = isMarked(table.marks, hash, BEGINS_PHRASE) ? table.phrases.get(smallKey(hash)) : undefined;
  return word === undefined ? stemsAt(table, tokens, at).at(-1) : word[0];
}

function beginsStem<V>({ marks }: WordTable<V>, { kinds, heads }: Tokens, at: number): boolean {
  return kinds[at] === WORD && isMarked(marks, heads[at] ?? 0, BEGINS_STEM);
}

function phraseHash(tokens: Tokens): number {
  let hash = tokens.hashes[0] ?? 0;
  for (let i = 1; i < tokens.count; i++) hash = mix(hash, tokens.hashes[i] ?? 0);
  return hash;
}

function mark(marks: Uint8Array, hash: number, kind: number): void {
  const at = hash & (marks.length - 1);
  marks[at] = (marks[at] ?? 0) | kind;
}

function isMarked(marks: Uint8Array, hash: number, kind: number): boolean {
  return ((marks[hash & (marks.length - 1)] ?? 0) & kind) !== 0;
}

/** Thirty bits are a small integer in every build of V8: a key without an allocation. */
function smallKey(hash: number): number {
  return hash >>> 2;
}

function put<V>(map: Map<number, V[]>, hash: number, value: V): void {
  const key = smallKey(hash);
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
