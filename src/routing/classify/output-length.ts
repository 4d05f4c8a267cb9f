// Estimates how long the answer will be: what the task usually takes, what the pasted text implies,
// and what the instruction asks for in so many words. Tokens, one choice.
import type { Complexity, RoutingTask } from "../../domain/route.ts";
import { assertNever } from "../../lib/assert-never.ts";
import type { Features } from "./features.ts";
import { NUMBER, type Tokens } from "./tokens.ts";
import { buildWordTable, valueAt, type WordTable } from "./word-table.ts";

/** Longer answers are rare and end at a limit of the model anyway. */
const MOST_TOKENS = 8_000;
const LEAST_TOKENS = 4;

export function expectedOutputTokens(task: RoutingTask, complexity: Complexity, features: Features): number {
  const asked = askedTokens(features);
  const tokens = asked ?? usualTokens(task, features) * COMPLEXITY_FACTOR[complexity];
  return Math.round(Math.min(MOST_TOKENS, Math.max(LEAST_TOKENS, tokens)));
}

const COMPLEXITY_FACTOR = { simple: 0.7, medium: 1, complex: 1.6 } as const satisfies Record<
  Complexity,
  number
>;

/** Latin letters per token, on average over languages. */
const CHARS_PER_TOKEN = 4;

/** Typical answers of instruction-tuned models; transformations follow the length of their text. */
function usualTokens(task: RoutingTask, features: Features): number {
  const textTokens = (features.payloadChars || features.instruction.length) / CHARS_PER_TOKEN;
  switch (task) {
    case "chat":
      return 60;
    case "open_qa":
      return 320;
    case "closed_qa":
      return 90;
    case "classification":
      return 20;
    case "extraction":
      return 60 + Math.min(600, textTokens * 0.2);
    case "summarization":
      return 80 + Math.min(500, textTokens * 0.2);
    case "translation":
    case "rewriting":
      return 20 + textTokens * 1.2;
    case "creative_writing":
      return 550;
    case "brainstorming":
      return 350;
    case "code_generation":
      return 500;
    case "code_debug_explain":
      return 450;
    case "math":
      return 300;
    case "reasoning":
      return 280;
    case "analysis":
      return 600;
    case "planning_agentic":
      return 500;
    default:
      return assertNever(task);
  }
}

/** Tokens of one unit, by the stems of its name in the larger languages. */
const UNITS: WordTable<number> = buildWordTable([
  ["word*", 1.4],
  ["palabra*", 1.6],
  ["mots*", 1.6],
  ["palavra*", 1.6],
  ["parol*", 1.6],
  ["wort*", 1.8],
  ["слов*", 2.2],
  ["sentence*", 25],
  ["frase*", 25],
  ["phrase*", 25],
  ["satz*", 28],
  ["paragraph*", 110],
  ["parrafo*", 110],
  ["page*", 650],
  ["line*", 14],
  ["bullet*", 25],
  ["point*", 25],
  ["idea*", 30],
  ["name*", 8],
  ["suggestion*", 30],
  ["item*", 20],
  ["example*", 60],
  ["step*", 40],
  ["question*", 30],
]);
/** Chinese and Japanese count characters: "500字". */
const TOKENS_PER_CHARACTER = 1.1;
/** Words between a number and its unit: "three short funny sentences". */
const MAX_WORDS_BETWEEN = 2;
/** "2024 words" is a length, "90210 items" is not. */
const MOST_ASKED = 5_000;

const NUMERALS: WordTable<number> = buildWordTable([
  ["one", 1],
  ["a", 1],
  ["two", 2],
  ["three", 3],
  ["four", 4],
  ["five", 5],
  ["six", 6],
  ["seven", 7],
  ["eight", 8],
  ["nine", 9],
  ["ten", 10],
  ["twenty", 20],
]);

/** A length the instruction names; null when it names none. */
function askedTokens(features: Features): number | null {
  const dense = askedCharacters(features.instruction);
  if (dense !== null) return dense * TOKENS_PER_CHARACTER;
  const { asked } = features;
  for (let i = 0; i < asked.count; i++) {
    const count = asked.kinds[i] === NUMBER ? numberAt(asked, i) : valueAt(NUMERALS, asked, i);
    if (count === undefined || count < 1 || count > MOST_ASKED) continue;
    const last = Math.min(asked.count - 1, i + MAX_WORDS_BETWEEN + 1);
    for (let ahead = i + 1; ahead <= last; ahead++) {
      const unit = valueAt(UNITS, asked, ahead);
      if (unit !== undefined) return count * unit;
    }
  }
  return null;
}

/** More digits than MOST_ASKED has are no length. */
function numberAt({ codes, starts }: Tokens, at: number): number | undefined {
  const start = starts[at] ?? 0;
  const end = starts[at + 1] ?? 0;
  if (end - start > MOST_DIGITS) return undefined;
  let number = 0;
  for (let i = start; i < end; i++) number = number * 10 + (codes[i] ?? 0) - 0x30;
  return number;
}

const MOST_DIGITS = 5;

function askedCharacters(instruction: string): number | null {
  const at = instruction.indexOf("字");
  if (at < 1) return null;
  let start = at;
  // Five digits are more than MOST_ASKED; the bound keeps a wall of digits from being read.
  while (start > 0 && at - start < 5 && isDigit(instruction[start - 1])) start--;
  const count = wholeNumber(instruction.slice(start, at));
  return count !== null && count >= 1 && count <= MOST_ASKED ? count : null;
}

function wholeNumber(text: string): number | null {
  if (text.length === 0 || text.length > 5) return null;
  for (const char of text) if (!isDigit(char)) return null;
  return Number(text);
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}
