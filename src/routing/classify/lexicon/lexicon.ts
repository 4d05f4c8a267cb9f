// The compiled word lists: which words and phrases speak for which task, and how strongly.
// Words are looked up one by one, scripts without word stems (or spaces) are searched as text;
// both are linear in the instruction. Knows nothing of the structure of a prompt.
import type { RoutingTask } from "../../../domain/route.ts";
import { fold, type Word, wordsOf } from "../words.ts";
import { ARABIC, HINDI } from "./arabic-hindi.ts";
import { CHINESE, JAPANESE, KOREAN } from "./east-asian.ts";
import { ENGLISH_MAKING } from "./english-making.ts";
import { ENGLISH_THINKING } from "./english-thinking.ts";
import { GERMAN, RUSSIAN } from "./german-russian.ts";
import { LANGUAGE_NAMES } from "./language-names.ts";
import { FRENCH, ITALIAN, PORTUGUESE, SPANISH } from "./romance.ts";
import type { Row } from "./row.ts";

export interface Hit {
  readonly task: RoutingTask;
  readonly weight: number;
}

/** Words that open a sentence are its verb more often than not. */
const FIRST_WORD_FACTOR = 1.5;
/** "What" and "how" open every other sentence; standing first makes them no stronger. */
const LEAST_STRENGTHENED = 2;
/** Words of the longest phrase in the lists. */
const MAX_PHRASE_WORDS = 4;
/** A stem shorter than this would match half the dictionary. */
const MIN_STEM_CHARS = 3;
const MAX_STEM_CHARS = 12;

/** English words occur in every language's prompts ("Python", "email"); others are mere look-alikes. */
const ENGLISH_ABROAD_FACTOR = 0.6;
const FOREIGN_FACTOR = 0.3;

/** Each phrase speaks once, however often it is repeated. */
export function findHits(words: readonly Word[], instruction: string, language: string): readonly Hit[] {
  const hits = new Map<Entry, number>();
  for (let i = 0; i < words.length; i++) findAt(words, i, hits);
  if (hasDenseScript(instruction)) findFragments(fold(instruction), hits);
  const found: Hit[] = [];
  for (const [entry, weight] of hits) {
    found.push({ task: entry.task, weight: weight * languageFactor(entry.language, language) });
  }
  return found;
}

function findFragments(text: string, hits: Map<Entry, number>): void {
  for (const entry of INDEX.fragments) {
    if (text.includes(entry.phrase)) hits.set(entry, entry.weight);
  }
}

function languageFactor(of: string, language: string): number {
  if (of === language || of === ANY || language === "und") return 1;
  return of === "en" ? ENGLISH_ABROAD_FACTOR : FOREIGN_FACTOR;
}

interface Entry {
  readonly language: string;
  readonly phrase: string;
  readonly task: RoutingTask;
  readonly weight: number;
}

interface Index {
  readonly phrases: ReadonlyMap<string, readonly Entry[]>;
  readonly stems: ReadonlyMap<string, readonly Entry[]>;
  readonly fragments: readonly Entry[];
  /** First words of the phrases, first letters of the stems. */
  readonly phraseHeads: ReadonlySet<string>;
  readonly stemHeads: ReadonlySet<string>;
}

function findAt(words: readonly Word[], at: number, hits: Map<Entry, number>): void {
  const first = words[at];
  if (first === undefined) return;
  const longest = longestPhraseAt(words, at);
  add(longest, first, hits);
  // Most words begin no stem: one look-up instead of ten.
  if (!INDEX.stemHeads.has(first.text.slice(0, MIN_STEM_CHARS))) return;
  const reach = Math.min(first.text.length, MAX_STEM_CHARS);
  for (let length = MIN_STEM_CHARS; length <= reach; length++) {
    add(INDEX.stems.get(first.text.slice(0, length)), first, hits);
  }
}

/** "how do you say" is not also a "how do" and a "how": the longest phrase speaks alone. */
function longestPhraseAt(words: readonly Word[], at: number): readonly Entry[] | undefined {
  let longest: readonly Entry[] | undefined;
  let phrase = "";
  if (!INDEX.phraseHeads.has(words[at]?.text ?? "")) return longest;
  for (let length = 0; length < MAX_PHRASE_WORDS; length++) {
    const word = words[at + length];
    if (word === undefined || (length > 0 && word.isFirst)) break;
    phrase = length === 0 ? word.text : `${phrase} ${word.text}`;
    longest = INDEX.phrases.get(phrase) ?? longest;
  }
  return longest;
}

function add(entries: readonly Entry[] | undefined, first: Word, hits: Map<Entry, number>): void {
  for (const entry of entries ?? []) {
    const factor = first.isFirst && entry.weight >= LEAST_STRENGTHENED ? FIRST_WORD_FACTOR : 1;
    hits.set(entry, Math.max(hits.get(entry) ?? 0, entry.weight * factor));
  }
}

/** Rows that belong to no one language. */
const ANY = "any";

const INDEX: Index = compile([
  ["en", ENGLISH_MAKING],
  ["en", ENGLISH_THINKING],
  ["es", SPANISH],
  ["fr", FRENCH],
  ["pt", PORTUGUESE],
  ["it", ITALIAN],
  ["de", GERMAN],
  ["ru", RUSSIAN],
  ["zh", CHINESE],
  ["ja", JAPANESE],
  ["ko", KOREAN],
  ["ar", ARABIC],
  ["hi", HINDI],
  [ANY, LANGUAGE_NAMES],
]);

function compile(lists: readonly (readonly [string, readonly Row[]])[]): Index {
  const index: Growing = {
    phrases: new Map(),
    stems: new Map(),
    fragments: [],
    phraseHeads: new Set(),
    stemHeads: new Set(),
  };
  for (const [language, rows] of lists) {
    for (const [task, weight, list] of rows) {
      for (const item of list.split("|")) addEntry(index, item.trim(), { language, task, weight });
    }
  }
  return index;
}

interface Growing {
  readonly phrases: Map<string, Entry[]>;
  readonly stems: Map<string, Entry[]>;
  readonly fragments: Entry[];
  readonly phraseHeads: Set<string>;
  readonly stemHeads: Set<string>;
}

function addEntry(index: Growing, written: string, entry: Omit<Entry, "phrase">): void {
  if (hasDenseScript(written)) {
    index.fragments.push({ ...entry, phrase: fold(written) });
    return;
  }
  const phrase = wordsOf(written)
    .map((word) => word.text)
    .join(" ");
  const isStem = written.endsWith("*");
  if (isStem) index.stemHeads.add(phrase.slice(0, MIN_STEM_CHARS));
  else index.phraseHeads.add(phrase.split(" ")[0] ?? "");
  const target = isStem ? index.stems : index.phrases;
  target.set(phrase, [...(target.get(phrase) ?? []), { ...entry, phrase }]);
}

/** Arabic, Devanagari, kana, Han and Hangul: clitics or no spaces, so phrases are found inside words. */
function hasDenseScript(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x3040 && code <= 0xd7a3) return true;
    if (code >= 0x600 && code <= 0x97f) return true;
  }
  return false;
}
