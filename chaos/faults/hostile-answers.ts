// What the hostile origin says: one short answer as a stream and as a whole, cut, split, drowned or followed by
// rubbish. Bytes alone; which of them callers must not see is said where rows are.
import { chunk } from "../../test/support/foreign-origin.ts";
import type { Mode } from "./case.ts";
import { type HostileAnswer, headOf } from "./hostile-origin.ts";

export const SPOKEN = "Hé🦜 says the origin";

const words = SPOKEN.split(/(?= )/).map((content) => chunk({ delta: { content }, finish_reason: null }));
const usage = { prompt_tokens: 9, completion_tokens: words.length, total_tokens: 9 + words.length };
const EVENTS = [
  chunk({ delta: { role: "assistant", content: "" }, finish_reason: null }),
  ...words,
  chunk({ delta: {}, finish_reason: "stop" }),
  chunk(null, { usage }),
  "[DONE]",
].map((data) => `data: ${data}\n\n`);
const [ROLE = ""] = EVENTS;
/** An event that ends with its connection is whole without the two line ends behind it. */
const BEGUN_AT = Buffer.byteLength(ROLE) - 2;
/** Everything a caller needs: what is cut off behind it is no loss. */
const FINISH = EVENTS[words.length + 1] ?? "";
const FINISHED_AT = Buffer.byteLength(EVENTS.slice(0, words.length + 2).join("")) - 2;

export const STREAM = Buffer.from(EVENTS.join(""));
const WHOLE = JSON.stringify({
  id: "theirs",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "theirs",
  choices: [{ index: 0, message: { role: "assistant", content: SPOKEN }, finish_reason: "stop" }],
  usage,
});
const WHOLE_BYTES = Buffer.from(WHOLE);

/** Without a length: it ends with the connection. */
export const EVENT_STREAM = headOf(200, { "content-type": "text/event-stream" });
const JSON_HEAD = headOf(200, {
  "content-type": "application/json",
  "content-length": String(WHOLE_BYTES.length),
});
const OPEN_JSON_HEAD = headOf(200, { "content-type": "application/json" });

export function well(mode: Mode): HostileAnswer {
  return said(mode === "streamed" ? [EVENT_STREAM, STREAM] : [JSON_HEAD, WHOLE_BYTES]);
}

function said(pieces: readonly (string | Uint8Array)[], more: Partial<HostileAnswer> = {}): HostileAnswer {
  return { bytes: () => pieces, end: "fin", ...more };
}

/** Where the answer breaks off, in bytes of its body. */
export interface Cut {
  readonly at: number;
  readonly how: "fin" | "rst";
}

/** Whole answers are cut with and without the length that would give them away. */
export function cut(mode: Mode, { at, how }: Cut): HostileAnswer {
  const head = mode === "streamed" ? EVENT_STREAM : at % 2 === 0 ? JSON_HEAD : OPEN_JSON_HEAD;
  return said([head, (mode === "streamed" ? STREAM : WHOLE_BYTES).subarray(0, at)], { end: how });
}

export const bodyLength = (mode: Mode) => (mode === "streamed" ? STREAM : WHOLE_BYTES).length;

/** What a cut leaves: nothing that was good, the beginning of an answer, or all of it. */
export function leftBy(mode: Mode, { at }: Cut): "nothing" | "beginning" | "all" {
  if (mode === "whole") return at >= WHOLE_BYTES.length ? "all" : "nothing";
  if (at >= FINISHED_AT) return "all";
  return at >= BEGUN_AT ? "beginning" : "nothing";
}

/** Every byte of the event that decides whether a stream is whole, and the first behind it. */
export const CUTS_OF_THE_FINISH = Array.from(
  { length: Buffer.byteLength(FINISH) + 1 },
  (_, at) => FINISHED_AT + 3 - Buffer.byteLength(FINISH) + at,
);

export const silent: HostileAnswer = said([], { end: "hold" });
export const silentBehindHead = (mode: Mode) =>
  said([mode === "streamed" ? EVENT_STREAM : JSON_HEAD], { end: "hold" });
export const silentMidStream: HostileAnswer = said([EVENT_STREAM, ...EVENTS.slice(0, 2)], { end: "hold" });
export const late = (mode: Mode, afterMs: number): HostileAnswer => ({ ...well(mode), afterMs });

/** Byte for byte, each a write. */
export function splitAtEachByte(mode: Mode): HostileAnswer {
  const body = mode === "streamed" ? STREAM : WHOLE_BYTES;
  const pieces = Array.from(body, (_, at) => body.subarray(at, at + 1));
  return said([mode === "streamed" ? EVENT_STREAM : JSON_HEAD, ...pieces], { apartMs: 1 });
}

export const MANY = 10_000;
const one = `data: ${chunk({ delta: { content: "x" }, finish_reason: null })}\n\n`;
export const inOneChunk: HostileAnswer = said([
  EVENT_STREAM,
  ROLE + one.repeat(MANY) + EVENTS.slice(words.length + 1).join(""),
]);

/** And does not hang up either. */
export const behindDone: HostileAnswer = said(
  [
    EVENT_STREAM,
    Buffer.concat([STREAM, Buffer.from(`${one}data: {"error":{"message":"late"}}\n\ndata: [DONE]\n\n`)]),
  ],
  { end: "hold" },
);

export const LONG_LINE_BYTES = 5_000_000;
export const longLine: HostileAnswer = said(
  [
    EVENT_STREAM,
    EVENTS.slice(0, 2).join(""),
    `data: ${chunk({ delta: { content: "x".repeat(LONG_LINE_BYTES) } })}\n\n`,
  ],
  { end: "hold" },
);
/** Beyond what the router takes as one answer. */
export const longWhole: HostileAnswer = {
  *bytes() {
    yield `${OPEN_JSON_HEAD}{"choices":[{"message":{"content":"`;
    const piece = "x".repeat(1_000_000);
    for (let at = 0; at < 40; at++) yield piece;
  },
  end: "hold",
};

/** Says what nobody may hear: every error text of it. */
function telltaleError(secrets: readonly string[]): string {
  const text = `${secrets.join(" ")} Error\n    at serve (/srv/app/engine.py:10:20)`;
  return JSON.stringify({ error: { message: text, type: text, param: text, code: text } });
}

export function telltaleWhole(secrets: readonly string[]): HostileAnswer {
  const headers = { "content-type": "application/json", "x-powered-by": secrets.join(" ") };
  return said([`${headOf(500, headers)}${telltaleError(secrets)}`]);
}

/** `first`: in one segment with the beginning of the answer. */
export function telltaleStream(secrets: readonly string[], when: "first" | "later"): HostileAnswer {
  const error = `event: error\ndata: ${telltaleError(secrets)}\n\n`;
  const begun = EVENT_STREAM + EVENTS.slice(0, 2).join("");
  return when === "first"
    ? said([begun + error], { end: "hold" })
    : said([begun, error], { apartMs: LATER_MS, end: "hold" });
}

/** Long enough for the router to have passed on what came before. */
const LATER_MS = 300;

/** A frame in 20 ms until the peer leaves, or a minute is over. */
export const talking: HostileAnswer = {
  bytes: () => [EVENT_STREAM, ROLE, ...Array.from({ length: 3_000 }, () => one)],
  end: "fin",
  apartMs: 20,
};

/** 50 MB as fast as they are taken. */
export const drowning: HostileAnswer = {
  *bytes() {
    yield EVENT_STREAM + ROLE;
    const event = `data: ${chunk({ delta: { content: "x".repeat(1_000) }, finish_reason: null })}\n\n`;
    for (let sent = 0; sent < 50_000_000; sent += event.length) yield event;
  },
  end: "fin",
};

/** Open and silent behind its first words; the rest comes after so long. */
export const pausing = (ms: number): HostileAnswer => ({
  *bytes() {
    yield EVENT_STREAM + EVENTS.slice(0, 2).join("");
    yield EVENTS.slice(2).join("");
  },
  end: "fin",
  apartMs: ms,
});
