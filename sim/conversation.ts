// Messages as a simulated model reads them: a canonical text that its answer depends on, the count
// of tokens, what was asked last, and the half answer to be continued.
import { isObject, type JsonObject, listAt, textAt } from "./json-object.ts";
import { countTokens } from "./tokens.ts";

export interface Conversation {
  /** Equal for equal conversations; without the prefill. */
  readonly canonical: string;
  /** The last user's text. */
  readonly ask: string;
  /** Whether that text is the last message, so that tools may be called for it. */
  readonly isUsersTurn: boolean;
  readonly promptTokens: number;
  /** Tokens of the turns before the last answer: a prefix cache would still hold them. */
  readonly repeatedTokens: number;
  /** The answer's beginning when it is to be continued, else empty. */
  readonly prefill: string;
  readonly lastRole: string;
}

/** Role header and end mark of each message in a chat template. */
const TEMPLATE_TOKENS = 4;
/** A picture in a vision model of this size, roughly. */
const IMAGE_TOKENS = 256;

type Continuation = "new-message" | "final-message";

export function readConversation(messages: readonly unknown[], mode: Continuation): Conversation {
  const turns = messages.filter(isObject);
  const last = turns.at(-1);
  const isContinued = mode === "final-message" && last !== undefined;
  const given = isContinued ? turns.slice(0, -1) : turns;
  const counts = turns.map(tokensOf);
  const answered = given.findLastIndex((turn) => turn.role === "assistant");
  return {
    canonical: JSON.stringify(given.map(canonicalTurn)),
    ask: textOf(given.findLast((turn) => turn.role === "user")),
    isUsersTurn: !isContinued && last?.role === "user",
    // The role header of a message being written stands in every prompt's count or in none: here in none.
    promptTokens: sum(counts) - (isContinued ? TEMPLATE_TOKENS : 0),
    repeatedTokens: sum(counts.slice(0, answered + 1)),
    prefill: isContinued ? textOf(last) : "",
    lastRole: textAt(last ?? {}, "role") ?? "assistant",
  };
}

/** A plain text and the same text as a part of a list are the same message. */
function canonicalTurn(turn: JsonObject): readonly unknown[] {
  const media = listAt(turn, "content").filter((part) => isObject(part) && part.type !== "text");
  return [turn.role, textOf(turn), media, turn.tool_calls ?? null, turn.tool_call_id ?? null];
}

function textOf(turn: JsonObject | undefined): string {
  if (turn === undefined) return "";
  const plain = textAt(turn, "content");
  if (plain !== null) return plain;
  return listAt(turn, "content")
    .map((part) => (isObject(part) ? (textAt(part, "text") ?? "") : ""))
    .join("");
}

function tokensOf(turn: JsonObject): number {
  const media = listAt(turn, "content").filter((part) => isObject(part) && part.type !== "text");
  const calls = turn.tool_calls === undefined ? 0 : countTokens(JSON.stringify(turn.tool_calls));
  return TEMPLATE_TOKENS + countTokens(textOf(turn)) + media.length * IMAGE_TOKENS + calls;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
