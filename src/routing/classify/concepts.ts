// Finds concepts ("to write", "a recipe", "why") in a scanned text, whatever its language: what is
// learned of a concept in one language then holds in all. The words stand in train/concepts/; here is
// only their hash table. Knows no task.
import { DENSE, extendHash, HASH_BASIS, HEAD_CODES, hashCodes, mix, type Tokens, WORD } from "./tokens.ts";

/** Open addressing; the same key may stand in several slots, one per concept. */
export interface ConceptTable {
  /** 0: an empty slot. The length is a power of two. */
  readonly keys: Uint32Array;
  readonly concepts: Uint8Array;
  /** By the low bits of a hash: which kinds of entry may begin here. The length is a power of two. */
  readonly marks: Uint8Array;
}

export const BEGINS_PHRASE = 1;
export const BEGINS_STEM = 2;

/** Concepts found, each once, in the order they were found; filled again for every text. */
export interface FoundConcepts {
  readonly concepts: Uint8Array;
  /** The token each was first found at. */
  readonly tokens: Uint16Array;
  readonly isFound: Uint8Array;
  count: number;
}

/** A request that touches more has said what it wants; the bound keeps pairs of them few. */
const MAX_FOUND = 24;

export function createFoundConcepts(): FoundConcepts {
  return {
    concepts: new Uint8Array(MAX_FOUND),
    tokens: new Uint16Array(MAX_FOUND),
    isFound: new Uint8Array(256),
    count: 0,
  };
}

/** Words of the longest phrase in the lists, and characters where words have no spaces. */
export const MAX_PHRASE_TOKENS = 3;
export const MAX_DENSE_TOKENS = 8;
/** Arabic, Indic and Korean stems may be shorter: their letters are denser. */
export const LEAST_STEM = HEAD_CODES;
const LEAST_STEM_AGGLUTINATED = 2;
const MOST_STEM = 12;
/** Articles and prepositions that Arabic writes onto the word. */
const MAX_CLITIC_CODES = 3;
/** Stems and whole words are different keys. */
const STEM_SALT = 0x5354;

export function findConcepts(tokens: Tokens, table: ConceptTable, into: FoundConcepts): void {
  for (let i = 0; i < into.count; i++) into.isFound[into.concepts[i] ?? 0] = 0;
  into.count = 0;
  for (let i = 0; i < tokens.count && into.count < MAX_FOUND; i++) {
    findPhrases(tokens, i, { table, into });
    if (tokens.kinds[i] !== WORD) continue;
    if (isAgglutinated(tokens.codes[tokens.starts[i] ?? 0] ?? 0)) findWithin(tokens, i, { table, into });
    else if (isMarked(table, tokens.heads[i] ?? 0, BEGINS_STEM)) findStems(tokens, i, { table, into });
  }
}

interface Search {
  readonly table: ConceptTable;
  readonly into: FoundConcepts;
}

/** The key of one token, or of several in a row. */
export function phraseKey(tokens: Tokens, from: number, to: number): number {
  let hash = tokens.hashes[from] ?? 0;
  for (let i = from + 1; i < to; i++) hash = mix(hash, tokens.hashes[i] ?? 0);
  return hash;
}

/** The key of a word's beginning. */
export function stemKey(codes: Uint16Array, from: number, to: number): number {
  return mix(hashCodes(codes, from, to), STEM_SALT);
}

function findPhrases(tokens: Tokens, at: number, search: Search): void {
  const isDense = tokens.kinds[at] === DENSE;
  const last = Math.min(tokens.count, at + (isDense ? MAX_DENSE_TOKENS : MAX_PHRASE_TOKENS));
  let key = tokens.hashes[at] ?? 0;
  if (!isMarked(search.table, key, BEGINS_PHRASE)) return;
  lookUp(key, at, search);
  for (let i = at + 1; i < last; i++) {
    if (isDense && tokens.kinds[i] !== DENSE) return;
    key = mix(key, tokens.hashes[i] ?? 0);
    lookUp(key, at, search);
  }
}

function findStems({ codes, starts }: Tokens, at: number, search: Search): void {
  const start = starts[at] ?? 0;
  const reach = Math.min(starts[at + 1] ?? 0, start + MOST_STEM);
  let hash = HASH_BASIS;
  for (let i = start; i < reach; i++) {
    hash = extendHash(hash, codes[i] ?? 0);
    const length = i + 1 - start;
    // What `stemKey` gives, without reading the word's beginning again.
    if (length >= LEAST_STEM) lookUp(mix(mix(hash, length), STEM_SALT), at, search);
  }
}

/** Clitics before, endings behind: any word of the lists may stand inside this one. */
function findWithin(tokens: Tokens, at: number, search: Search): void {
  const start = tokens.starts[at] ?? 0;
  const end = tokens.starts[at + 1] ?? 0;
  const offsets = isArabic(tokens.codes[start] ?? 0) ? MAX_CLITIC_CODES : 0;
  for (let from = start; from <= start + offsets; from++) findInside(tokens, { at, from, end }, search);
}

interface Inside {
  readonly at: number;
  readonly from: number;
  readonly end: number;
}

function findInside({ codes }: Tokens, { at, from, end }: Inside, search: Search): void {
  const reach = Math.min(end, from + MOST_STEM);
  const leastWord = isArabic(codes[from] ?? 0) ? LEAST_STEM : LEAST_STEM_AGGLUTINATED;
  let hash = HASH_BASIS;
  for (let i = from; i < reach; i++) {
    hash = extendHash(hash, codes[i] ?? 0);
    const length = i + 1 - from;
    if (length < LEAST_STEM_AGGLUTINATED) continue;
    const word = mix(hash, length);
    lookUp(mix(word, STEM_SALT), at, search);
    if (length >= leastWord) lookUp(word, at, search);
  }
}

function isMarked({ marks }: ConceptTable, hash: number, kind: number): boolean {
  return ((marks[hash & (marks.length - 1)] ?? 0) & kind) !== 0;
}

function lookUp(key: number, at: number, { table, into }: Search): void {
  const mask = table.keys.length - 1;
  // Half the slots are empty at least, so that this ends after a few.
  for (let slot = key & mask; table.keys[slot] !== 0; slot = (slot + 1) & mask) {
    if (table.keys[slot] === key) found(table.concepts[slot] ?? 0, at, into);
  }
}

function found(concept: number, at: number, into: FoundConcepts): void {
  if (into.isFound[concept] === 1 || into.count >= MAX_FOUND) return;
  into.isFound[concept] = 1;
  into.concepts[into.count] = concept;
  into.tokens[into.count] = at;
  into.count++;
}

function isArabic(code: number): boolean {
  return code >= 0x600 && code < 0x700;
}

/** Arabic, the Indic scripts and Hangul. */
function isAgglutinated(code: number): boolean {
  return (code >= 0x600 && code < 0xe00) || (code >= 0xac00 && code < 0xd7b0);
}
