// The distinct words of a prompt as hash buckets, with how often each occurs: what every head below
// reads. Knows no subjects and no models.
import { createTokens, hashCodes, scanTokens, type Tokens, WORD } from "../classify/tokens.ts";

/** Hash buckets of word stems; a power of two. */
export const STEM_BUCKETS = 4_096;
/** Words are told apart by their first letters: inflections fall together. */
const STEM_CODES = 6;
/** A single letter is an option's label or a variable. */
const LEAST_WORD_CODES = 2;

/** The distinct stems of one text; filled again for every text. */
export interface Stems {
  /** The first `count` are set. */
  readonly buckets: Uint16Array;
  /** How often each occurs. */
  readonly counts: Uint16Array;
  count: number;
  /** Place of a bucket in `buckets`, plus one; 0 when absent. */
  readonly places: Uint16Array;
  readonly tokens: Tokens;
}

export function createStems(): Stems {
  const tokens = createTokens();
  const most = tokens.hashes.length;
  return {
    buckets: new Uint16Array(most),
    counts: new Uint16Array(most),
    count: 0,
    places: new Uint16Array(STEM_BUCKETS),
    tokens,
  };
}

/** Bounded by the tokens that are scanned, whatever the text's length. */
export function readStems(text: string, into: Stems): void {
  for (let i = 0; i < into.count; i++) into.places[into.buckets[i] ?? 0] = 0;
  into.count = 0;
  const { tokens } = into;
  scanTokens(text, tokens);
  for (let i = 0; i < tokens.count; i++) {
    const bucket = stemOf(tokens, i);
    if (bucket < 0) continue;
    const place = into.places[bucket] ?? 0;
    if (place > 0) {
      into.counts[place - 1] = (into.counts[place - 1] ?? 0) + 1;
      continue;
    }
    into.buckets[into.count] = bucket;
    into.counts[into.count] = 1;
    into.count++;
    into.places[bucket] = into.count;
  }
}

/** -1: the token says nothing of the topic. */
function stemOf(tokens: Tokens, index: number): number {
  // A number's hash says how many digits it has; a character of a dense script is a word of its own.
  if (tokens.kinds[index] !== WORD) return (tokens.hashes[index] ?? 0) & (STEM_BUCKETS - 1);
  const from = tokens.starts[index] ?? 0;
  const to = tokens.starts[index + 1] ?? 0;
  if (to - from < LEAST_WORD_CODES) return -1;
  return hashCodes(tokens.codes, from, Math.min(to, from + STEM_CODES)) & (STEM_BUCKETS - 1);
}
