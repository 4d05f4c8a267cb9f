// Text to hashed tokens in one pass over character codes, without a string in between: lower case,
// accents folded, words of spaced scripts, single characters of scripts without spaces, shapes of numbers.
// Knows no language and no task; the same text gives the same hashes everywhere and for ever.

/** Scratch that is filled again for every text. */
export interface Tokens {
  /** Folded character codes of all tokens, one after the other. */
  readonly codes: Uint16Array;
  /** Token i is codes[starts[i]] .. codes[starts[i + 1] - 1]. */
  readonly starts: Uint16Array;
  readonly hashes: Uint32Array;
  /** Of the first HEAD_CODES codes, to find stems by; 0 for shorter tokens. */
  readonly heads: Uint32Array;
  readonly kinds: Uint8Array;
  /** 1: the token opens a sentence or a line. */
  readonly opens: Uint8Array;
  count: number;
}

export const WORD = 0;
export const NUMBER = 1;
/** One character of Chinese, Japanese, Thai and their like. */
export const DENSE = 2;

/** Tokens of one text; what a longer text says is said by then. */
export const MAX_TOKENS = 600;
/** The rest of an endless word says nothing. */
const MAX_WORD_CODES = 24;

export function createTokens(): Tokens {
  return {
    codes: new Uint16Array(MAX_TOKENS * MAX_WORD_CODES),
    starts: new Uint16Array(MAX_TOKENS + 1),
    hashes: new Uint32Array(MAX_TOKENS),
    heads: new Uint32Array(MAX_TOKENS),
    kinds: new Uint8Array(MAX_TOKENS),
    opens: new Uint8Array(MAX_TOKENS),
    count: 0,
  };
}

/** Reads at most `most` tokens of `text`; time does not grow with what follows. */
export function scanTokens(text: string, into: Tokens, most = MAX_TOKENS): void {
  const { codes, starts } = into;
  const limit = Math.min(most, MAX_TOKENS);
  // Spaces and marks are no tokens: this bounds the time on a text of nothing else.
  const end = Math.min(text.length, limit * MAX_WORD_CODES);
  into.count = 0;
  starts[0] = 0;
  let at = 0;
  let start = 0;
  let open = WORD;
  let opens = 1;
  let hash = HASH_BASIS;
  let head = 0;
  for (let i = 0; i <= end && into.count < limit; i++) {
    // Behind the last character stands a space, so that the last token is closed as all others are.
    const raw = i < end ? text.charCodeAt(i) : 0x20;
    const kind = raw < RAW_KINDS.length ? (RAW_KINDS[raw] ?? SPACE) : kindBeyond(raw);
    if (kind === SILENT) continue;
    if (at > start && (kind !== open || kind === DENSE)) {
      closeToken(into, at, open === NUMBER ? mix(0x30, at - start) : mix(hash, at - start));
      into.heads[into.count] = head;
      into.kinds[into.count] = open;
      into.opens[into.count++] = opens;
      opens = 0;
      start = at;
      hash = HASH_BASIS;
      head = 0;
      if (into.count >= limit) return;
    }
    if (kind === STOP) opens = 1;
    if (kind > DENSE) continue;
    open = kind;
    const code = raw < FOLD.length ? (FOLD[raw] ?? 0) : raw;
    const length = at - start;
    // "pleeeease": nobody means three of a letter; a number keeps its length.
    const isThird = length >= 2 && kind === WORD && codes[at - 1] === code && codes[at - 2] === code;
    if (isThird || length >= MAX_WORD_CODES) continue;
    codes[at++] = code;
    hash = extendHash(hash, code);
    if (length === HEAD_CODES - 1) head = headOf(hash);
  }
}

/** Shorter beginnings would match half a dictionary. */
export const HEAD_CODES = 3;

/** `hash`: of exactly HEAD_CODES codes, not yet mixed. */
function headOf(hash: number): number {
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Which number it is hardly ever matters, how many digits it has does: their hash is their length. */
function closeToken(tokens: Tokens, end: number, hash: number): void {
  tokens.starts[tokens.count + 1] = end;
  tokens.hashes[tokens.count] = hash;
}

export const HASH_BASIS = 0x811c9dc5;

/** One step of FNV-1a; `mix` with the length ends it. */
export function extendHash(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** FNV-1a over 16-bit codes, then mixed so that the low bits can be a bucket. */
export function hashCodes(codes: Uint16Array, from: number, to: number): number {
  let hash = HASH_BASIS;
  for (let i = from; i < to; i++) hash = extendHash(hash, codes[i] ?? 0);
  return mix(hash, to - from);
}

/** Joins two hashes; the order counts. The finaliser is murmur3's. */
export function mix(first: number, second: number): number {
  let hash = Math.imul(first, 0x9e3779b1) ^ second;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const STOP = 3;
const SPACE = 4;
/** Apostrophes and vowel signs that may be left out: the word goes on. */
const SILENT = 5;

/** Beyond the scripts that have case. */
function kindBeyond(code: number): number {
  // Thai to Myanmar, then kana and Han: written without spaces.
  if (code >= 0xe00 && code < 0x10a0) return DENSE;
  if (code >= 0x2000 && code < 0x2070) return code === 0x2019 ? SILENT : SPACE;
  if (code === 0x3002 || code === 0xff1f || code === 0xff01 || code === 0xff1a) return STOP;
  if ((code >= 0x3000 && code < 0x3040) || code >= 0xff00) return SPACE;
  if (code >= 0x3040 && code < 0xa000) return DENSE;
  if (code === 0x964 || code === 0x965) return STOP;
  return WORD;
}

function foldTable(): Uint16Array {
  const table = new Uint16Array(0x700);
  for (let code = 0; code < table.length; code++) {
    const lower = String.fromCharCode(code).toLowerCase();
    const base = lower.normalize("NFD");
    // Cyrillic and Greek letters keep their marks: й is no и. Latin ones are left out by half the world.
    const folded = code < 0x250 ? base : lower;
    table[code] = folded.charCodeAt(0);
  }
  for (const [from, to] of FOLDED_ALIKE) table[from.charCodeAt(0)] = to.charCodeAt(0);
  return table;
}

const FOLDED_ALIKE = [
  ["ß", "s"],
  ["ø", "o"],
  ["Ø", "o"],
  ["ł", "l"],
  ["Ł", "l"],
  ["ı", "i"],
  ["đ", "d"],
  ["Đ", "d"],
  ["ё", "е"],
  ["Ё", "е"],
  ["أ", "ا"],
  ["إ", "ا"],
  ["آ", "ا"],
  ["ى", "ي"],
  ["ة", "ه"],
] as const;

function kindTable(): Uint8Array {
  const table = new Uint8Array(0x700).fill(WORD);
  table.fill(SPACE, 0, 0xc0);
  table.fill(WORD, 0x61, 0x7b);
  table.fill(NUMBER, 0x30, 0x3a);
  for (const code of STOPS) table[code.charCodeAt(0)] = STOP;
  // Of C++ and C#, and of names in code.
  for (const code of "+#_") table[code.charCodeAt(0)] = WORD;
  table[0x27] = SILENT;
  table[0xd7] = SPACE;
  table[0xf7] = SPACE;
  table.fill(SILENT, 0x300, 0x370);
  table.fill(SILENT, 0x64b, 0x653);
  table[0x60c] = SPACE;
  return Uint8Array.from(FOLD, (folded) => table[folded] ?? WORD);
}

const STOPS = "\n.!?:;¿¡؟";

/** Latin, Greek, Cyrillic, Hebrew, Arabic: what lower case and folding change. */
const FOLD: Uint16Array = foldTable();
/** The kind of each code before it is folded. */
const RAW_KINDS: Uint8Array = kindTable();
