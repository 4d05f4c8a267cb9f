// Splits a prompt into what is asked and what is pasted: fences, quoted lines, code, tables, long
// paragraphs and long quotations are payload, the rest is instruction.
// One pass over at most MAX_SCANNED_CHARS; no regular expressions, nothing that can backtrack.
import { isCodeLine, isTableLine } from "./line-kinds.ts";

export type PayloadKind = "none" | "prose" | "code" | "table";

export interface Split {
  readonly instruction: string;
  readonly payloadKind: PayloadKind;
  /** Within the scanned text. */
  readonly payloadChars: number;
  readonly codeLines: number;
  /** An unfenced payload text begins or ends the prompt; its head helps to guess its language. */
  readonly payloadHead: string;
}

/** Head and tail of a long prompt: people ask before or after what they paste. */
export const MAX_SCANNED_CHARS = 8_000;
const HEAD_CHARS = 5_000;

/** The part of a text that is looked at at all; time does not grow with what lies between. */
export function sample(text: string): string {
  if (text.length <= MAX_SCANNED_CHARS) return text;
  return `${text.slice(0, HEAD_CHARS)}\n${text.slice(text.length - (MAX_SCANNED_CHARS - HEAD_CHARS))}`;
}

export function split(sampled: string): Split {
  const lines = labelled(sampled.split("\n"));
  const asked: string[] = [];
  const pasted: Tally = { prose: 0, code: 0, table: 0, codeLines: 0, head: "" };
  for (const line of lines) {
    if (line.kind === "asked") asked.push(line.text);
    else count(pasted, line.kind, line.text);
  }
  const quotes = withoutQuotations(asked.join("\n"));
  if (quotes.removed.length > 0) count(pasted, "prose", quotes.removed);
  return finished(withoutTail(quotes.text), pasted);
}

interface Line {
  readonly text: string;
  readonly kind: "asked" | Exclude<PayloadKind, "none">;
}

interface Tally {
  prose: number;
  code: number;
  table: number;
  codeLines: number;
  head: string;
}

/** Enough letters to guess a language by. */
const PAYLOAD_HEAD_CHARS = 400;

function count(tally: Tally, kind: Exclude<PayloadKind, "none">, text: string): void {
  tally[kind] += text.length;
  if (kind === "code" && text.length > 0) tally.codeLines++;
  if (tally.head.length < PAYLOAD_HEAD_CHARS) {
    tally.head += `${text.slice(0, PAYLOAD_HEAD_CHARS - tally.head.length)}\n`;
  }
}

function finished(instruction: { text: string; tail: string }, pasted: Tally): Split {
  if (instruction.tail.length > 0) count(pasted, "prose", instruction.tail);
  const { prose, code, table } = pasted;
  const payloadChars = prose + code + table;
  let payloadKind: PayloadKind = "none";
  if (payloadChars > 0) payloadKind = "prose";
  // A little code among much prose is still a question about code.
  if (code > 0 && code * 3 >= prose) payloadKind = "code";
  else if (table > 0 && table >= prose) payloadKind = "table";
  return {
    instruction: instruction.text,
    payloadKind,
    payloadChars,
    codeLines: pasted.codeLines,
    payloadHead: pasted.head,
  };
}

/** A line this long is a paragraph somebody pasted, when shorter lines beside it ask something. */
const LONG_LINE_CHARS = 280;
/** Scripts without spaces say as much in a third of the characters. */
const LONG_DENSE_LINE_CHARS = 110;
const FIRST_DENSE_CODE = 0x2e80;

function labelled(texts: readonly string[]): readonly Line[] {
  const isShort = (text: string) => text.trim().length > 3 && !isLong(text) && !text.startsWith(">");
  const hasShort = texts.some(isShort);
  const codeCount = texts.reduce((sum, text) => sum + (isCodeLine(text) ? 1 : 0), 0);
  const tableCount = texts.reduce((sum, text) => sum + (isTableLine(text) ? 1 : 0), 0);
  const lines: Line[] = [];
  let fence: Fence | null = null;
  for (const text of texts) {
    if (text.trimStart().startsWith("```") || text.trimStart().startsWith("~~~")) {
      fence = fence === null ? fenceOf(text) : null;
    } else if (fence !== null) {
      lines.push({ text, kind: fence.kind });
    } else if (text.startsWith(">")) {
      lines.push({ text, kind: "prose" });
    } else if (codeCount >= 2 && isCodeLine(text)) {
      lines.push({ text, kind: "code" });
    } else if (tableCount >= 3 && isTableLine(text)) {
      lines.push({ text, kind: "table" });
    } else {
      lines.push({ text, kind: hasShort && isLong(text) ? "prose" : "asked" });
    }
  }
  return lines;
}

interface Fence {
  readonly kind: Exclude<PayloadKind, "none">;
}

function fenceOf(opening: string): Fence {
  const tag = opening.trim().slice(3).trim().toLowerCase();
  if (tag === "csv" || tag === "tsv") return { kind: "table" };
  return { kind: tag === "text" || tag === "txt" || tag === "markdown" || tag === "md" ? "prose" : "code" };
}

function isLong(text: string): boolean {
  if (text.length >= LONG_LINE_CHARS) return true;
  return text.length >= LONG_DENSE_LINE_CHARS && text.charCodeAt(text.length >> 1) >= FIRST_DENSE_CODE;
}

/** Shorter quotations are often the very word that is asked about. */
const LONG_QUOTATION_CHARS = 40;
/** Each pair costs one search; a text with more quotations is not an instruction. */
const MAX_QUOTATIONS = 16;
const QUOTES = [
  ['"', '"'],
  ["“", "”"],
  ["«", "»"],
  ["„", "“"],
  ["「", "」"],
  ["『", "』"],
] as const;

function withoutQuotations(text: string): { text: string; removed: string } {
  let rest = text;
  let removed = "";
  for (const [open, close] of QUOTES) {
    let from = 0;
    for (let round = 0; round < MAX_QUOTATIONS; round++) {
      const start = rest.indexOf(open, from);
      const end = start < 0 ? -1 : rest.indexOf(close, start + 1);
      if (end < 0) break;
      if (end - start >= LONG_QUOTATION_CHARS) {
        removed += `${rest.slice(start + 1, end)}\n`;
        rest = `${rest.slice(0, start)} ${rest.slice(end + 1)}`;
        from = start;
      } else {
        from = end + 1;
      }
    }
  }
  return { text: rest, removed };
}

/** An instruction that announces its text: "Summarize: ...", "请翻译：……". */
const LATEST_COLON = 200;
const LEAST_TAIL_CHARS = 120;
const LEAST_DENSE_TAIL_CHARS = 45;

function withoutTail(text: string): { text: string; tail: string } {
  const head = text.slice(0, LATEST_COLON);
  const colon = head.includes("：") ? head.indexOf("：") : head.indexOf(":");
  if (colon < 6 || head.startsWith("//", colon + 1)) return { text, tail: "" };
  const tail = text.slice(colon + 1).trim();
  const isDense = tail.charCodeAt(tail.length >> 1) >= FIRST_DENSE_CODE;
  const isLongEnough = tail.length >= (isDense ? LEAST_DENSE_TAIL_CHARS : LEAST_TAIL_CHARS);
  // A list of demands after a colon is instruction, not text to work on.
  if (!isLongEnough || tail.startsWith("-") || tail.startsWith("*") || tail.startsWith("1")) {
    return { text, tail: "" };
  }
  return { text: text.slice(0, colon + 1), tail };
}
