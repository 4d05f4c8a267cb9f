// The compiled word lists: which words and phrases speak for which task, and how strongly.
// Words are looked up one by one, scripts without word stems (or spaces) are searched as text;
// both are linear in the instruction. Knows nothing of the structure of a prompt.
import type { RoutingTask } from "../../../domain/route.ts";
import { fold } from "../fold.ts";
import type { Tokens } from "../tokens.ts";
import { buildWordTable, longestPhraseAt, stemsAt, type WordTable } from "../word-table.ts";
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
/** English words occur in every language's prompts ("Python", "email"); others are mere look-alikes. */
const ENGLISH_ABROAD_FACTOR = 0.6;
const FOREIGN_FACTOR = 0.3;

/** Each phrase speaks once, however often it is repeated. `text` is what was scanned into `tokens`. */
export function findHits(tokens: Tokens, text: string, language: string): readonly Hit[] {
  const hits = new Map<Entry, number>();
  for (let i = 0; i < tokens.count; i++) findAt(tokens, i, hits);
  if (hasDenseScript(text)) findFragments(fold(text), hits);
  const found: Hit[] = [];
  for (const [entry, weight] of hits) {
    found.push({ task: entry.task, weight: weight * languageFactor(entry.language, language) });
  }
  return found;
}

function findAt(tokens: Tokens, at: number, hits: Map<Entry, number>): void {
  const isFirst = tokens.opens[at] === 1;
  const phrase = longestPhraseAt(INDEX.words, tokens, at);
  if (phrase !== undefined) add(phrase, isFirst, hits);
  add(stemsAt(INDEX.words, tokens, at), isFirst, hits);
}

/** Searched one by one, but only where the text has their first and last character at all. */
function findFragments(text: string, hits: Map<Entry, number>): void {
  const present = new Uint8Array(PRESENT_SIZE);
  for (let i = 0; i < text.length; i++) present[text.charCodeAt(i) & (PRESENT_SIZE - 1)] = 1;
  const has = (code: number) => present[code & (PRESENT_SIZE - 1)] === 1;
  for (const entry of INDEX.fragments) {
    const { phrase } = entry;
    if (!has(phrase.charCodeAt(0)) || !has(phrase.charCodeAt(phrase.length - 1))) continue;
    if (text.includes(phrase)) hits.set(entry, entry.weight);
  }
}

/** A power of two; characters that share a place cost a search in vain. */
const PRESENT_SIZE = 4_096;

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
  readonly words: WordTable<Entry>;
  readonly fragments: readonly Entry[];
}

function add(entries: readonly Entry[], isFirst: boolean, hits: Map<Entry, number>): void {
  for (const entry of entries) {
    const factor = isFirst && entry.weight >= LEAST_STRENGTHENED ? FIRST_WORD_FACTOR : 1;
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
  const words: (readonly [string, Entry])[] = [];
  const fragments: Entry[] = [];
  for (const [language, rows] of lists) {
    for (const [task, weight, list] of rows) {
      for (const item of list.split("|")) {
        const entry = { language, task, weight, phrase: fold(item.trim()) };
        if (hasDenseScript(item)) fragments.push(entry);
        else words.push([item.trim(), entry]);
      }
    }
  }
  return { words: buildWordTable(words), fragments };
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
