// How a prompt is built: lengths, numbers, conditions, formulas, options. One bounded pass over its
// characters and one over its words; what the counts mean for a model is learned, not written here.
import { hashCodes, type Tokens, WORD } from "../classify/tokens.ts";

export const TRAITS = [
  "chars",
  "words",
  "sentences",
  "words-per-sentence",
  "word-length",
  "numbers",
  "decimals",
  "longest-number",
  "dollars",
  "percents",
  "names",
  "commas",
  "math-signs",
  "backslashes",
  "code-signs",
  "lines",
  "questions",
  "ends-with-question",
  "blanks",
  "options",
  "option-length",
  "numeric-options",
  "stem-chars",
  "quotes",
  "foreign",
  "fractions",
  "comparisons",
  "conditions",
  "each",
  "numerals",
  "negations",
  "code-words",
  "statements",
  "long-words",
  "burden",
] as const;
export const TRAIT_COUNT = TRAITS.length;

/** Fills `into` (TRAIT_COUNT long); `tokens` are those of the same text. */
export function readTraits(text: string, tokens: Tokens, into: Float32Array): void {
  COUNTS.fill(0);
  countCharacters(text);
  countWords(tokens);
  const chars = Math.min(text.length, MAX_CHARS);
  const words = Math.max(1, tokens.count);
  const sentences = Math.max(1, count(SENTENCES));
  const options = count(OPTIONS);
  const stemChars = options > 0 ? count(STEM_CHARS) : chars;
  const values = [
    Math.log1p(chars),
    Math.log1p(words),
    Math.sqrt(sentences),
    Math.log(words / sentences),
    chars / words,
    Math.log1p(count(NUMBERS)),
    Math.sqrt(count(DECIMALS)),
    Math.min(12, count(LONGEST_NUMBER)),
    Math.sqrt(count(DOLLARS)),
    Math.sqrt(count(PERCENTS)),
    Math.sqrt(count(NAMES)),
    Math.sqrt(count(COMMAS)),
    Math.sqrt(count(MATH_SIGNS)),
    Math.sqrt(count(BACKSLASHES)),
    Math.sqrt(count(CODE_SIGNS)),
    Math.log1p(count(LINES)),
    Math.sqrt(count(QUESTIONS)),
    text.slice(-LAST_CHARS).trimEnd().endsWith("?") ? 1 : 0,
    Math.min(3, count(BLANKS)),
    Math.min(12, options),
    options > 0 ? Math.log1p((chars - stemChars) / options) : 0,
    options > 0 ? count(NUMERIC_OPTIONS) / options : 0,
    Math.log1p(stemChars),
    Math.sqrt(count(QUOTES)),
    count(FOREIGN) / Math.max(1, chars),
    Math.sqrt(count(FIRST_GROUP)),
    Math.sqrt(count(FIRST_GROUP + 1)),
    Math.sqrt(count(FIRST_GROUP + 2)),
    Math.sqrt(count(FIRST_GROUP + 3)),
    Math.sqrt(count(FIRST_GROUP + 4)),
    Math.sqrt(count(FIRST_GROUP + 5)),
    Math.sqrt(count(FIRST_GROUP + 6)),
    Math.sqrt(count(FIRST_GROUP + 7)),
    count(LONG_WORDS) / words,
    Math.log1p(words) + BURDEN_PER_RELATION * relations(),
  ];
  into.set(values);
}

/** The burden of a word problem: how much is told, and how much of it must be related to something else. */
const BURDEN_PER_RELATION = 0.2;

function relations(): number {
  return (
    Math.sqrt(count(FIRST_GROUP)) +
    Math.sqrt(count(FIRST_GROUP + 1)) +
    Math.sqrt(count(FIRST_GROUP + 2)) +
    Math.sqrt(count(NAMES))
  );
}

/** A page or two; what a longer prompt adds is its length, which stops counting here too. */
const MAX_CHARS = 6_000;
/** Where the last mark is looked for; more blanks than that end no question. */
const LAST_CHARS = 64;

const SENTENCES = 0;
const NUMBERS = 1;
const DECIMALS = 2;
const LONGEST_NUMBER = 3;
const DOLLARS = 4;
const PERCENTS = 5;
const NAMES = 6;
const COMMAS = 7;
const MATH_SIGNS = 8;
const BACKSLASHES = 9;
const CODE_SIGNS = 10;
const LINES = 11;
const QUESTIONS = 12;
const BLANKS = 13;
const OPTIONS = 14;
const NUMERIC_OPTIONS = 15;
const STEM_CHARS = 16;
const QUOTES = 17;
const FOREIGN = 18;
const LONG_WORDS = 19;
/** One per group of GROUPS, in its order. */
const FIRST_GROUP = 20;

/** The words whose number shows what must be kept in mind; any other language shows it otherwise. */
const GROUPS: readonly string[] = [
  "half halves third thirds quarter quarters fourth fifth twice times double triple thrice percent",
  "more less fewer than older younger taller longer shorter larger smaller faster slower as difference",
  "if unless when after before until then instead but however only except given suppose assume",
  "each every per apiece both all altogether total remaining left rest",
  "one two three four five six seven eight nine ten eleven twelve dozen hundred",
  "not no never neither nor cannot least false incorrect wrong without",
  "def return function class import list string array python int print code self const var",
  "statement statements scenario following true premise conclusion argument theorem prove",
];

const COUNTS = new Float64Array(FIRST_GROUP + GROUPS.length);

function count(what: number): number {
  return COUNTS[what] ?? 0;
}

function bump(what: number): void {
  COUNTS[what] = (COUNTS[what] ?? 0) + 1;
}

interface Run {
  digits: number;
  letters: number;
  /** The open word began with a capital within a sentence. */
  isName: boolean;
  afterStop: boolean;
}

function countCharacters(text: string): void {
  const run: Run = { digits: 0, letters: 0, isName: false, afterStop: true };
  const end = Math.min(text.length, MAX_CHARS);
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x30 && code <= 0x39) {
      run.digits++;
      continue;
    }
    if (run.digits > 0) closeNumber(run, text, i);
    if ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) {
      if (run.letters === 0) run.isName = code < 0x60 && !run.afterStop;
      run.letters++;
      continue;
    }
    if (run.letters > 0) closeWord(run);
    if (code === 0x20) continue;
    if (code === 0x0a) newLine(text, i, run);
    else sign(code, run);
  }
  if (run.digits > 0) closeNumber(run, text, end);
  if (run.letters > 0) closeWord(run);
}

function closeNumber(run: Run, text: string, at: number): void {
  bump(NUMBERS);
  COUNTS[LONGEST_NUMBER] = Math.max(count(LONGEST_NUMBER), run.digits);
  if (text.charCodeAt(at) === 0x2e && isDigit(text.charCodeAt(at + 1))) bump(DECIMALS);
  run.digits = 0;
  run.afterStop = false;
}

/** "I" is no name, and neither is "A" of an option. */
const LEAST_NAME_LETTERS = 2;

function closeWord(run: Run): void {
  if (run.isName && run.letters >= LEAST_NAME_LETTERS) bump(NAMES);
  run.letters = 0;
  run.afterStop = false;
}

function newLine(text: string, at: number, run: Run): void {
  bump(LINES);
  run.afterStop = true;
  const letter = text.charCodeAt(at + 1);
  const mark = text.charCodeAt(at + 2);
  // "A. " to "J) ": the answers of a multiple choice.
  if (letter < 0x41 || letter > 0x4a || (mark !== 0x2e && mark !== 0x29)) return;
  if (count(OPTIONS) === 0) COUNTS[STEM_CHARS] = at;
  bump(OPTIONS);
  const first = text.charCodeAt(at + 4);
  if (isDigit(first) || first === 0x2d || first === 0x24) bump(NUMERIC_OPTIONS);
}

function sign(code: number, run: Run): void {
  if (code > 0x7f) {
    bump(FOREIGN);
    return;
  }
  const what = SIGNS[code] ?? NOTHING;
  if (what === NOTHING) return;
  bump(what);
  if (what === SENTENCES || what === QUESTIONS) run.afterStop = true;
  if (what === QUESTIONS) bump(SENTENCES);
}

const NOTHING = 255;
const SIGNS = signTable();

function signTable(): Uint8Array {
  const table = new Uint8Array(0x80).fill(NOTHING);
  const fill = (signs: string, what: number) => {
    for (const one of signs) table[one.charCodeAt(0)] = what;
  };
  fill(".!", SENTENCES);
  fill("?", QUESTIONS);
  fill("$", DOLLARS);
  fill("%", PERCENTS);
  fill(",;", COMMAS);
  fill("=+^*/<>", MATH_SIGNS);
  fill("\\", BACKSLASHES);
  fill("{}[]`|&#", CODE_SIGNS);
  fill("_", BLANKS);
  fill('"', QUOTES);
  return table;
}

/** Letters from which a word is long: terms and Latin words rather than everyday ones. */
const LONG_WORD_CODES = 9;
const GROUP_OF = groupTable();

function countWords(tokens: Tokens): void {
  for (let i = 0; i < tokens.count; i++) {
    if (tokens.kinds[i] !== WORD) continue;
    const group = GROUP_OF.get(tokens.hashes[i] ?? 0);
    if (group !== undefined) bump(FIRST_GROUP + group);
    if ((tokens.starts[i + 1] ?? 0) - (tokens.starts[i] ?? 0) >= LONG_WORD_CODES) bump(LONG_WORDS);
  }
}

function groupTable(): ReadonlyMap<number, number> {
  const table = new Map<number, number>();
  for (const [group, words] of GROUPS.entries()) {
    for (const word of words.split(" ")) {
      const codes = Uint16Array.from(word, (letter) => letter.charCodeAt(0));
      table.set(hashCodes(codes, 0, codes.length), group);
    }
  }
  return table;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
