// Everything the classifier knows of a prompt, gathered in one bounded pass: a 1 MB prompt, one
// endless word or binary cost the same as a page. Sees text and counts only; judges nothing.
import type { PromptView } from "../../domain/inference.ts";
import { TASK_GROUPS } from "../../domain/route.ts";
import { announced } from "./announced.ts";
import { guessLanguage } from "./language.ts";
import { findHits, type Hit } from "./lexicon/lexicon.ts";
import { countSigns, type Signs } from "./signs.ts";
import { type PayloadKind, type Split, sample, split } from "./split.ts";
import { createTokens, scanTokens, type Tokens } from "./tokens.ts";

export interface Features {
  /** ISO 639-1 or "und". */
  readonly language: string;
  readonly instruction: string;
  /** The instruction, scanned: shared scratch, valid until the next prompt is read. */
  readonly asked: Tokens;
  /** Of the instruction. */
  readonly hits: readonly Hit[];
  /** Of the pasted prose's first and last words, read only where the instruction says too little. */
  readonly edgeHits: readonly Hit[];
  /** Of the system text: what the assistant is for. */
  readonly systemHits: readonly Hit[];
  readonly signs: Signs;
  /** How the pasted prose begins and ends; empty where none is. */
  readonly edges: string;
  readonly payloadKind: PayloadKind;
  readonly payloadChars: number;
  readonly codeLines: number;
}

/** Head and tail of a long instruction: the verb stands in one of them. */
const MAX_INSTRUCTION_CHARS = 1_800;
const INSTRUCTION_HEAD_CHARS = 1_200;
/** A system text says what it is for in its first lines. */
const MAX_SYSTEM_CHARS = 500;
/** Below this many letters of instruction the pasted text tells the language better. */
const LEAST_LETTERS = 4;
/** About two lines. */
const EDGE_CHARS = 120;
/** An instruction with a word of this weight has said what it wants. */
const TELLING_WEIGHT = 2.5;

/** Filled again for every prompt: the scan is the dearest part of reading one, and all readers share it. */
const ASKED = createTokens();
const BESIDE = createTokens();

export function readFeatures(prompt: PromptView): Features {
  const parts = split(sample(prompt.text));
  const asked = readAsked(bothEnds(parts.instruction.trim()), parts);
  const { instruction, language, hits } = asked;
  const isTold = hits.some((hit) => hit.weight >= TELLING_WEIGHT);
  const edges = isTold ? "" : `${parts.proseHead}\n${parts.proseTail}`;
  const system = prompt.system.slice(0, MAX_SYSTEM_CHARS);
  const isPasted = parts.payloadKind !== "none";
  return {
    language,
    instruction,
    asked: ASKED,
    hits,
    edgeHits: edges.length < LEAST_LETTERS ? [] : hitsBeside(edges, language),
    systemHits: system.length === 0 ? [] : hitsBeside(system, language),
    signs: countSigns(`${instruction}\n${isPasted ? parts.proseTail : asked.text}`),
    edges:
      parts.payloadKind === "prose"
        ? `${parts.proseHead.slice(0, EDGE_CHARS)}\n${parts.proseTail.slice(-EDGE_CHARS)}`
        : "",
    payloadKind: !isPasted && asked.text.length > 0 ? "prose" : parts.payloadKind,
    payloadChars: hiddenChars(prompt.text) + parts.payloadChars + asked.text.length,
    codeLines: parts.codeLines,
  };
}

interface Asked {
  readonly instruction: string;
  /** The text after the colon, when the instruction works on one. */
  readonly text: string;
  readonly language: string;
  readonly hits: readonly Hit[];
}

function readAsked(instruction: string, parts: Split): Asked {
  const { head, tail } = announced(instruction);
  // Where a pasted text was found already, a colon announces that one.
  if (tail.length > 0 && parts.payloadKind === "none") {
    const short = readWords(head, parts);
    if (short.hits.some(asksForText)) return { ...short, instruction: head, text: tail };
  }
  return { ...readWords(instruction, parts), instruction, text: "" };
}

/** Leaves the tokens in ASKED. */
function readWords(instruction: string, parts: Split): Pick<Asked, "language" | "hits"> {
  scanTokens(instruction, ASKED);
  const language = languageOf(instruction, parts);
  return { language, hits: findHits(ASKED, instruction, language) };
}

function languageOf(instruction: string, parts: Split): string {
  if (instruction.length >= LEAST_LETTERS) return guessLanguage(instruction, ASKED);
  scanTokens(parts.proseHead, BESIDE);
  return guessLanguage(parts.proseHead, BESIDE);
}

function hitsBeside(text: string, language: string): readonly Hit[] {
  scanTokens(text, BESIDE);
  return findHits(BESIDE, text, language);
}

/** The tasks that work on a given text; behind "Write a story:" stands more instruction. */
function asksForText({ task, weight }: Hit): boolean {
  const group = TASK_GROUPS[task];
  return weight >= TELLING_WEIGHT && (group === "text_transform" || task === "closed_qa");
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
