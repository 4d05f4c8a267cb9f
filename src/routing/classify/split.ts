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
  /** How pasted prose begins and ends: instructions hide there when all is one long paragraph. */
  readonly proseHead: string;
  readonly proseTail: string;
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
  const lines = labelled(bounded(sampled.split("\n")));
  const asked: string[] = [];
  const pasted: Tally = { prose: 0, code: 0, table: 0, codeLines: 0, head: "", tail: "" };
  for (const line of lines) {
    if (line.kind === "asked") asked.push(line.text);
    else count(pasted, line.kind, line.text);
  }
  const quotes = withoutQuotations(asked.join("\n"));
  if (quotes.removed.length > 0) count(pasted, "prose", quotes.removed);
  return finished(quotes.text, pasted);
}

/** Lines looked at, from both ends: 8,000 characters can be 8,000 lines. */
const MAX_LINES = 500;

function bounded(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES / 2), ...lines.slice(-MAX_LINES / 2)];
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
  tail: string;
}

/** A sentence or two at either end of the pasted prose. */
const EDGE_CHARS = 250;

function count(tally: Tally, kind: Exclude<PayloadKind, "none">, text: string): void {
  tally[kind] += text.length;
  if (kind === "code" && text.length > 0) tally.codeLines++;
  if (kind !== "prose" || text.length === 0) return;
  if (tally.head.length === 0) tally.head = text.slice(0, EDGE_CHARS);
  tally.tail = text.slice(-EDGE_CHARS);
}

function finished(instruction: string, pasted: Tally): Split {
  const { prose, code, table } = pasted;
  const payloadChars = prose + code + table;
  let payloadKind: PayloadKind = "none";
  if (payloadChars > 0) payloadKind = "prose";
  // A little code among much prose is still a question about code.
  if (code > 0 && code * 3 >= prose) payloadKind = "code";
  else if (table > 0 && table >= prose) payloadKind = "table";
  return {
    instruction,
    payloadKind,
    payloadChars,
    codeLines: pasted.codeLines,
    proseHead: pasted.head,
    proseTail: pasted.tail,
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
  const looks = texts.map((text) => ({ isCode: isCodeLine(text), isTable: isTableLine(text) }));
  const hasCode = looks.filter((look) => look.isCode).length >= LEAST_CODE_LINES;
  const hasTable = looks.filter((look) => look.isTable).length >= LEAST_TABLE_LINES;
  const lines: Line[] = [];
  let fence: Exclude<PayloadKind, "none"> | null = null;
  for (const [index, text] of texts.entries()) {
    const start = text.trimStart();
    if (start.startsWith("```") || start.startsWith("~~~")) {
      fence = fence === null ? fenceKind(text) : null;
      continue;
    }
    const look = looks[index];
    let kind: Line["kind"] = hasShort && isLong(text) ? "prose" : "asked";
    if (fence !== null) kind = fence;
    else if (text.startsWith(">")) kind = "prose";
    else if (hasCode && look?.isCode) kind = "code";
    else if (hasTable && look?.isTable) kind = "table";
    lines.push({ text, kind });
  }
  return lines;
}

/** One line that looks like code is a formula or an accident; so are two rows with commas. */
const LEAST_CODE_LINES = 2;
const LEAST_TABLE_LINES = 3;

function fenceKind(opening: string): Exclude<PayloadKind, "none"> {
  switch (opening.trim().slice(3).trim().toLowerCase()) {
    case "csv":
    case "tsv":
      return "table";
    case "text":
    case "txt":
    case "markdown":
    case "md":
      return "prose";
    default:
      return "code";
  }
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
