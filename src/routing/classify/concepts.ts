// Finds concepts ("to write", "a recipe", "why") in a scanned text, whatever its language: what is
// learned of a concept in one language then holds in all. The words stand in train/concepts/; here is
// only their hash table. Knows no task.
import { DENSE, hashCodes, mix, type Tokens, WORD } from "./tokens.ts";

/** Open addressing; the same key may stand in several slots, one per concept. */
export interface ConceptTable {
  /** 0: an empty slot. The length is a power of two. */
  readonly keys: Uint32Array;
  readonly concepts: Uint8Array;
}

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
/** Shorter stems would match half a dictionary; Arabic, Indic and Korean ones are denser. */
export const LEAST_STEM = 3;
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
    if (tokens.kinds[i] === WORD) findStems(tokens, i, { table, into });
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
  lookUp(key, at, search);
  for (let i = at + 1; i < last; i++) {
    if (isDense && tokens.kinds[i] !== DENSE) return;
    key = mix(key, tokens.hashes[i] ?? 0);
    lookUp(key, at, search);
  }
}

function findStems(tokens: Tokens, at: number, search: Search): void {
  const { codes } = tokens;
  const start = tokens.starts[at] ?? 0;
  const end = tokens.starts[at + 1] ?? 0;
  const first = codes[start] ?? 0;
  if (!isAgglutinated(first)) {
    const reach = Math.min(end, start + MOST_STEM);
    for (let to = start + LEAST_STEM; to <= reach; to++) lookUp(stemKey(codes, start, to), at, search);
    return;
  }
  // Clitics before, endings behind: any word of the lists may stand inside this one.
  const offsets = isArabic(first) ? MAX_CLITIC_CODES : 0;
  for (let from = start; from <= start + offsets; from++) {
    const reach = Math.min(end, from + MOST_STEM);
    for (let to = from + LEAST_STEM_AGGLUTINATED; to <= reach; to++) {
      lookUp(stemKey(codes, from, to), at, search);
      if (to - from >= LEAST_STEM || !isArabic(first)) lookUp(hashCodes(codes, from, to), at, search);
    }
  }
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
