// What a fault does to an answer before it is written: another status, other frames, other counts.
// Pure; faults of the connection (resets, silence, slowness, line ends) are wire.ts's business.
import { type Answer, type Frame, textAnswer, type WholeAnswer } from "./answer.ts";
import type { Fault, FaultKind } from "./faults.ts";
import { isObject, type JsonObject, listAt } from "./json-object.ts";
import { type Family, internalError, loading, refusal } from "./refusals.ts";
import { frameBytes } from "./sse-frame.ts";

export function faultyAnswer(answer: Answer, fault: Fault, family: Family): Answer {
  return EFFECTS[fault.kind](answer, fault, family);
}

type Effect = (answer: Answer, fault: Fault, family: Family) => Answer;

const untouched: Effect = (answer) => answer;

const inFrames: Effect = (answer, fault, family) =>
  answer.kind === "whole"
    ? faultyWhole(answer, fault, family)
    : { ...answer, frames: () => faultyFrames(answer.frames, fault) };

const EFFECTS: Readonly<Record<FaultKind, Effect>> = {
  refuse: untouched,
  hang: untouched,
  hang_after_headers: untouched,
  die: untouched,
  end: untouched,
  slow: untouched,
  crlf: untouched,
  split: untouched,
  status_429: statusFault({ status: 429, type: "TooManyRequestsError", message: "Too many requests" }),
  status_503: statusFault({ status: 503, type: "ServiceUnavailableError", message: "No GPU is free" }),
  status_500: (_, __, family) => internalError(family),
  loading: (answer, fault, family) =>
    loading(family, fault.model ?? answer.work?.servedAs ?? "requested", LOADING_MS),
  garbage: () => textAnswer(200, GARBAGE_PAGE, "text/html; charset=utf-8"),
  garbage_frame: inFrames,
  error_event: inFrames,
  no_done: inFrames,
  no_usage: inFrames,
  usage_beside_finish: inFrames,
  empty_role: inFrames,
  long_line: inFrames,
  absurd_usage: inFrames,
};

/** What Hugging Face's own API says of most models. */
const LOADING_MS = 20_000;

/** What a proxy in front of a dead server tends to send with status 200. */
const GARBAGE_PAGE =
  "<!doctype html><html><head><title>Welcome to nginx!</title></head><body>It works!</body></html>\n";

interface StatusFault {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

function statusFault(what: StatusFault): Effect {
  return (_, fault, family) => {
    const retryAfter = fault.retry_after ?? (what.status === 429 ? "1" : null);
    return refusal(family, retryAfter === null ? what : { ...what, headers: { "retry-after": retryAfter } });
  };
}

/** Whole answers: a stream that breaks in the middle is, unstreamed, an error or half a JSON text. */
function faultyWhole(answer: WholeAnswer, fault: Fault, family: Family): Answer {
  if (fault.kind === "error_event") return internalError(family);
  if (typeof answer.body !== "string") return answer;
  if (fault.kind === "garbage_frame")
    return { ...answer, body: answer.body.slice(0, answer.body.length / 2) };
  if (fault.kind !== "no_usage" && fault.kind !== "absurd_usage") return answer;
  const body: unknown = JSON.parse(answer.body);
  if (!isObject(body) || body.usage === undefined) return answer;
  const { usage: _, ...rest } = body;
  const altered = fault.kind === "no_usage" ? rest : { ...rest, usage: ABSURD_USAGE };
  return { ...answer, body: JSON.stringify(altered) };
}

/** Counts no invoice may follow: beyond exact integers, negative, and not a number. */
const ABSURD_USAGE: JsonObject = {
  prompt_tokens: 1e18,
  total_tokens: "many",
  completion_tokens: -5,
};

function* faultyFrames(frames: () => Iterable<Frame>, fault: Fault): Generator<Frame> {
  switch (fault.kind) {
    case "no_done":
      yield* without(frames(), "done");
      return;
    case "no_usage":
      yield* without(frames(), "usage");
      return;
    case "usage_beside_finish":
      yield* usageBesideFinish(frames());
      return;
    case "garbage_frame":
      yield* withInserted(frames, fault, { ...BROKEN, payload: '{"id":"chatcmpl-' });
      return;
    case "error_event":
      yield* brokenOff(frames, fault);
      return;
    case "long_line":
      yield* withInserted(frames, fault, longLine(frames()));
      return;
    default:
      for (const frame of frames()) yield altered(frame, fault);
  }
}

const BROKEN = { kind: "broken", tokens: 0, steps: 0 } as const;

/** What vLLM sends when its engine fails after the first frame. */
const ERROR_EVENT = JSON.stringify({
  error: { message: "Internal server error", type: "InternalServerError", param: null, code: 500 },
});

function* without(frames: Iterable<Frame>, kind: Frame["kind"]): Generator<Frame> {
  for (const frame of frames) if (frame.kind !== kind) yield frame;
}

/** As a Hugging Face server does it: no frame of its own for the counts. */
function* usageBesideFinish(frames: Iterable<Frame>): Generator<Frame> {
  let held: readonly Frame[] = [];
  for (const frame of frames) {
    const finish = held[0];
    if (frame.kind === "usage" && finish !== undefined) {
      held = [withUsageOf(finish, frame)];
      continue;
    }
    yield* held;
    held = frame.kind === "finish" ? [frame] : [];
    if (frame.kind !== "finish") yield frame;
  }
  yield* held;
}

function withUsageOf(finish: Frame, counts: Frame): Frame {
  if (!isObject(finish.payload) || !isObject(counts.payload)) return finish;
  return { ...finish, payload: { ...finish.payload, usage: counts.payload.usage } };
}

/** Puts a frame in where the fault begins. */
function* withInserted(frames: () => Iterable<Frame>, fault: Fault, inserted: Frame): Generator<Frame> {
  const after = breakingPoint(frames(), fault);
  let sent = 0;
  let isDue = true;
  for (const frame of frames()) {
    if (isDue && sent >= after) {
      yield inserted;
      isDue = false;
    }
    yield frame;
    sent += frameBytes(frame);
  }
}

/** vLLM ends a failed stream with the error and its usual terminator. */
function* brokenOff(frames: () => Iterable<Frame>, fault: Fault): Generator<Frame> {
  const after = breakingPoint(frames(), fault);
  let sent = 0;
  for (const frame of frames()) {
    if (sent >= after) break;
    yield frame;
    sent += frameBytes(frame);
  }
  yield { ...BROKEN, payload: ERROR_EVENT };
  yield { ...BROKEN, kind: "done", payload: "[DONE]" };
}

function breakingPoint(frames: Iterable<Frame>, fault: Fault): number {
  if (fault.after_bytes !== null) return fault.after_bytes;
  let total = 0;
  for (const frame of frames) total += frameBytes(frame);
  return total / 2;
}

/** Five times what a careful reader takes as one line. */
const LONG_LINE_BYTES = 5 * 1024 * 1024;

/** A content frame of the same stream, with a very long text. */
function longLine(frames: Iterable<Frame>): Frame {
  for (const frame of frames) {
    if (!isObject(frame.payload)) continue;
    const text = "x".repeat(LONG_LINE_BYTES);
    const isChat = frame.payload.object === "chat.completion.chunk";
    const choice = { index: 0, ...(isChat ? { delta: { content: text } } : { text }), finish_reason: null };
    return { ...BROKEN, payload: { ...frame.payload, choices: [choice] } };
  }
  return { ...BROKEN, payload: "" };
}

function altered(frame: Frame, fault: Fault): Frame {
  if (!isObject(frame.payload)) return frame;
  if (fault.kind === "absurd_usage" && frame.payload.usage !== undefined) {
    return { ...frame, payload: { ...frame.payload, usage: ABSURD_USAGE } };
  }
  if (fault.kind === "empty_role" && frame.kind === "role") {
    const choices = listAt(frame.payload, "choices").map((choice) =>
      isObject(choice) ? { ...choice, delta: { role: "", content: "" } } : choice,
    );
    return { ...frame, payload: { ...frame.payload, choices } };
  }
  return frame;
}
