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
    kinds: new Uint8Array(MAX_TOKENS),
    opens: new Uint8Array(MAX_TOKENS),
    count: 0,
  };
}

/** Reads at most `most` tokens of `text` from `from` on; time does not grow with what follows. */
export function scanTokens(text: string, into: Tokens, most = MAX_TOKENS): void {
  const scan: Scan = { tokens: into, at: 0, start: 0, kind: WORD, opens: 1, last: 0 };
  into.count = 0;
  const limit = Math.min(most, MAX_TOKENS);
  // Spaces and marks are no tokens: this bounds the time on a text of nothing else.
  const end = Math.min(text.length, limit * MAX_WORD_CODES);
  for (let i = 0; i < end && into.count < limit; i++) step(scan, text.charCodeAt(i));
  if (into.count < limit) close(scan);
}

interface Scan {
  readonly tokens: Tokens;
  /** Where the next code goes. */
  at: number;
  /** Where the open token begins; equal to `at` when none is open. */
  start: number;
  kind: number;
  opens: number;
  last: number;
}

function step(scan: Scan, raw: number): void {
  const code = raw < FOLD.length ? (FOLD[raw] ?? 0) : raw;
  const kind = kindOf(code);
  if (kind === DENSE) {
    close(scan);
    if (scan.tokens.count >= MAX_TOKENS) return;
    scan.kind = DENSE;
    push(scan, code);
    close(scan);
  } else if (kind === WORD || kind === NUMBER) {
    if (scan.at > scan.start && kind !== scan.kind) close(scan);
    if (scan.tokens.count >= MAX_TOKENS) return;
    scan.kind = kind;
    push(scan, code);
  } else if (kind !== SILENT) {
    close(scan);
    if (kind === STOP) scan.opens = 1;
  }
}

function push(scan: Scan, code: number): void {
  const { codes } = scan.tokens;
  if (scan.at - scan.start >= MAX_WORD_CODES) return;
  // "pleeeease": nobody means three of a letter; a number keeps its length.
  const isThird = scan.at - scan.start >= 2 && codes[scan.at - 1] === code && codes[scan.at - 2] === code;
  if (isThird && scan.kind === WORD) return;
  codes[scan.at++] = code;
}

function close(scan: Scan): void {
  const { tokens } = scan;
  if (scan.at === scan.start) return;
  const i = tokens.count;
  tokens.starts[i] = scan.start;
  tokens.starts[i + 1] = scan.at;
  tokens.kinds[i] = scan.kind;
  tokens.opens[i] = scan.opens;
  // Which number it is hardly ever matters, how many digits it has does.
  tokens.hashes[i] =
    scan.kind === NUMBER ? mix(0x30, scan.at - scan.start) : hashCodes(tokens.codes, scan.start, scan.at);
  tokens.count++;
  scan.opens = 0;
  scan.start = scan.at;
}

/** FNV-1a over 16-bit codes, then mixed so that the low bits can be a bucket. */
export function hashCodes(codes: Uint16Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (codes[i] ?? 0), 0x01000193);
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

function kindOf(code: number): number {
  if (code < KINDS.length) return KINDS[code] ?? SPACE;
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
  return table;
}

const STOPS = "\n.!?:;¿¡؟";

/** Latin, Greek, Cyrillic, Hebrew, Arabic: what lower case and folding change. */
const FOLD: Uint16Array = foldTable();
const KINDS: Uint8Array = kindTable();
