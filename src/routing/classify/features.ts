// Everything the classifier knows of a prompt, gathered in one bounded pass: a 1 MB prompt, one
// endless word or binary cost the same as a page. Sees text and counts only; judges nothing.
import type { PromptView } from "../../domain/inference.ts";
import { guessLanguage } from "./language.ts";
import { findHits, type Hit } from "./lexicon/lexicon.ts";
import { countSigns, type Signs } from "./signs.ts";
import { type PayloadKind, sample, split } from "./split.ts";
import { type Word, wordsOf } from "./words.ts";

export interface Features {
  /** ISO 639-1 or "und". */
  readonly language: string;
  readonly instruction: string;
  readonly words: readonly Word[];
  /** Of the instruction. */
  readonly hits: readonly Hit[];
  /** Of the pasted prose's first and last words, read only where the instruction says too little. */
  readonly edgeHits: readonly Hit[];
  /** Of the system text: what the assistant is for. */
  readonly systemHits: readonly Hit[];
  readonly signs: Signs;
  readonly payloadKind: PayloadKind;
  readonly payloadChars: number;
  readonly codeLines: number;
  readonly turns: number;
  /** Of the whole request, all turns. */
  readonly totalBytes: number;
}

/** Head and tail of a long instruction: the verb stands in one of them. */
const MAX_INSTRUCTION_CHARS = 1_800;
const INSTRUCTION_HEAD_CHARS = 1_200;
/** A system text says what it is for in its first lines. */
const MAX_SYSTEM_CHARS = 500;
/** Below this many letters of instruction the pasted text tells the language better. */
const LEAST_LETTERS = 4;
/** An instruction with a word of this weight has said what it wants. */
const TELLING_WEIGHT = 2.5;

export function readFeatures(prompt: PromptView): Features {
  const parts = split(sample(prompt.text));
  const instruction = bothEnds(parts.instruction.trim());
  const words = wordsOf(instruction);
  const isTooShort = instruction.length < LEAST_LETTERS;
  const language = isTooShort
    ? guessLanguage(parts.proseHead, wordsOf(parts.proseHead))
    : guessLanguage(instruction, words);
  const hits = findHits(words, instruction, language);
  const edges = hits.some((hit) => hit.weight >= TELLING_WEIGHT)
    ? ""
    : `${parts.proseHead}\n${parts.proseTail}`;
  const system = prompt.system.slice(0, MAX_SYSTEM_CHARS);
  return {
    language,
    instruction,
    words,
    hits,
    edgeHits: edges.length < LEAST_LETTERS ? [] : findHits(wordsOf(edges), edges, language),
    systemHits: system.length === 0 ? [] : findHits(wordsOf(system), system, language),
    signs: countSigns(`${instruction}\n${parts.proseTail}`),
    payloadKind: parts.payloadKind,
    payloadChars: hiddenChars(prompt.text) + parts.payloadChars,
    codeLines: parts.codeLines,
    turns: prompt.turns,
    totalBytes: prompt.size.bytes,
  };
}

/** What was cut out of the middle of a long prompt is payload: nobody types that much. */
function hiddenChars(text: string): number {
  return text.length - Math.min(text.length, sample(text).length);
}

function bothEnds(instruction: string): string {
  if (instruction.length <= MAX_INSTRUCTION_CHARS) return instruction;
  const tailChars = MAX_INSTRUCTION_CHARS - INSTRUCTION_HEAD_CHARS;
  return `${instruction.slice(0, INSTRUCTION_HEAD_CHARS)}\n${instruction.slice(-tailChars)}`;
}
