// Guesses the language of a text: by script where a script has one language, by stop words where
// several share it. ISO 639-1, "und" when there is too little to go by.
import type { Tokens } from "./tokens.ts";
import { buildWordTable, valueAt, type WordTable } from "./word-table.ts";

/** Letters looked at; more would not change the answer. */
const MAX_CHARS = 1_200;

/** `tokens` are those of `text`. */
export function guessLanguage(text: string, tokens: Tokens): string {
  const scripts = countScripts(tokens);
  const script = dominantScript(scripts);
  switch (script) {
    case null:
      return "und";
    case "latin":
      return byStopWords(tokens, LATIN_STOP_WORDS) ?? "und";
    case "han":
      return scripts.kana > 0 ? "ja" : "zh";
    case "kana":
      return "ja";
    case "cyrillic":
      return hasAny(text, "іїєґ") ? "uk" : "ru";
    case "arabic":
      if (hasAny(text, "ٹڈےں")) return "ur";
      return hasAny(text, "پچژگ") ? "fa" : "ar";
    default:
      return SINGLE_LANGUAGE[script];
  }
}

type Script = keyof typeof SINGLE_LANGUAGE | "latin" | "han" | "kana" | "cyrillic" | "arabic";

const SINGLE_LANGUAGE = {
  greek: "el",
  hebrew: "he",
  devanagari: "hi",
  bengali: "bn",
  tamil: "ta",
  telugu: "te",
  thai: "th",
  hangul: "ko",
} as const;

/** First and last code unit of each script's main block. */
const RANGES: readonly (readonly [Script, number, number])[] = [
  ["latin", 0x41, 0x24f],
  ["greek", 0x370, 0x3ff],
  ["cyrillic", 0x400, 0x52f],
  ["hebrew", 0x590, 0x5ff],
  ["arabic", 0x600, 0x6ff],
  ["devanagari", 0x900, 0x97f],
  ["bengali", 0x980, 0x9ff],
  ["tamil", 0xb80, 0xbff],
  ["telugu", 0xc00, 0xc7f],
  ["thai", 0xe00, 0xe7f],
  ["kana", 0x3040, 0x30ff],
  ["han", 0x4e00, 0x9fff],
  ["hangul", 0xac00, 0xd7a3],
];

/** One character of these says about as much as three letters. */
const DENSE_WEIGHT = 3;

type Counts = Record<Script, number>;

/** Of the letters alone, as they were scanned. */
function countScripts({ codes, starts, count }: Tokens): Counts {
  const counts: Counts = {
    latin: 0,
    greek: 0,
    cyrillic: 0,
    hebrew: 0,
    arabic: 0,
    devanagari: 0,
    bengali: 0,
    tamil: 0,
    telugu: 0,
    thai: 0,
    kana: 0,
    han: 0,
    hangul: 0,
  };
  let latin = 0;
  const end = Math.min(MAX_CHARS, count === 0 ? 0 : (starts[count] ?? 0));
  for (let i = 0; i < end; i++) {
    const code = codes[i] ?? 0;
    if (code < 0x61) continue;
    // Most text is this; the search below costs ten times as much.
    if (code < 0x80) {
      latin++;
      continue;
    }
    const range = RANGES.find(([, first, last]) => code >= first && code <= last);
    if (range !== undefined) counts[range[0]] += code >= 0x3040 ? DENSE_WEIGHT : 1;
  }
  counts.latin += latin;
  return counts;
}

function dominantScript(counts: Counts): Script | null {
  let best: Script | null = null;
  let most = 0;
  for (const [script] of RANGES) {
    if (counts[script] <= most) continue;
    best = script;
    most = counts[script];
  }
  return best;
}

function hasAny(text: string, letters: string): boolean {
  const head = text.slice(0, MAX_CHARS);
  for (const letter of letters) if (head.includes(letter)) return true;
  return false;
}

const LATIN_STOP_WORDS: WordTable<readonly string[]> = stopWordTable({
  en: "the of and to in is for with that this what how you my me are it from write a please on do can why which into translate summarize explain give make",
  es: "el los las de que y en un una por para con como cual mi este esta es del al lo se escribe dame cuales me",
  fr: "le les des du et en un une pour dans est que qui ce cette mon ma moi je vous avec sur quel quelle comment au l d",
  de: "der die das und ist ein eine einen fur mit ich mir wie was auf den dem zu von bitte nicht im schreibe diesen welche",
  pt: "o os as do da em um uma para com que e por como meu minha qual este esta isso nao voce no na dos escreva me",
  it: "il lo gli di che e un una per con come mi questo questa qual quale della del in sono nel al scrivi dei le",
  nl: "de het een en van is voor met ik mij hoe wat op niet dit deze schrijf naar mijn zijn",
  pl: "i w na nie to jest sie z do jak co dla napisz ten ta czy o jakie przez",
  tr: "ve bir bu icin ile nasil ne mi da de bana yaz olan nedir hangi",
  vi: "la cua va cho mot toi cac nhung nay trong hay bang viet nhu the khong",
  id: "yang dan di untuk dengan ini itu saya apa bagaimana buatkan dari adalah dalam tolong",
  sv: "och att det en ett som for med jag hur vad ar pa inte den skriv",
});

function stopWordTable(lists: Readonly<Record<string, string>>): WordTable<readonly string[]> {
  const index = new Map<string, string[]>();
  for (const [language, list] of Object.entries(lists)) {
    for (const word of list.split(" ")) index.set(word, [...(index.get(word) ?? []), language]);
  }
  return buildWordTable([...index]);
}

/** Words shared by many languages say less: each gives one vote, split among its languages. */
function byStopWords(tokens: Tokens, table: WordTable<readonly string[]>): string | null {
  const votes = new Map<string, number>();
  for (let i = 0; i < tokens.count; i++) {
    const languages = valueAt(table, tokens, i);
    if (languages === undefined) continue;
    for (const language of languages) {
      votes.set(language, (votes.get(language) ?? 0) + 1 / languages.length);
    }
  }
  let best: string | null = null;
  let most = 0;
  for (const [language, count] of votes) {
    if (count <= most) continue;
    best = language;
    most = count;
  }
  return best;
}
