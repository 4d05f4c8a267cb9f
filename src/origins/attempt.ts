// One attempt at one target: the call, its time limits and its frames. It decides nothing about what comes
// next; every way to fail is a Failure. The caller's leaving reaches the origin through `signal`.
import type { Failure, Frame } from "../domain/frame.ts";
import type { Ports } from "../domain/ports.ts";
import { type ChunkReader, chunkReader } from "../lib/chunk-reader.ts";
import { readMessage } from "../lib/read-limited.ts";
import { SseOverflow, type SseParser, sseParser } from "../lib/sse.ts";
import { type AbortReason, abortLine, failureOfAbort } from "./abort.ts";
import { disconnected } from "./kinds/failures.ts";
import type { Call, Kind, Whole } from "./kinds/kind.ts";
import { reach } from "./reach.ts";

export interface AttemptOrder {
  readonly kind: Kind;
  readonly call: Call;
  /** To the first frame of a stream, or to the headers of a whole answer. */
  readonly firstMs: number;
  readonly idleMs: number;
  /** Of the whole walk; its reason is an AbortReason. */
  readonly signal: AbortSignal;
}

export interface OpenStream {
  /** At least one, none of them failed. */
  readonly first: readonly Frame[];
  readonly frames: FrameReader;
}

export interface FrameReader {
  /** Frames of the next chunk, at least one; null at the end of the body. Failures are frames. */
  next(): Promise<readonly Frame[] | null>;
  /** Lets the origin go, whatever state it is in. */
  close(): void;
}

/** One line of an event stream; a longer one is no answer of any model. */
const MAX_EVENT_LENGTH = 1024 * 1024;
/** A whole answer: 8 choices of a million characters fit several times. */
const MAX_WHOLE_BYTES = 32 * 1024 * 1024;
/** Of an error's body only its kind is read. */
const MAX_ERROR_BYTES = 64 * 1024;
const ERROR_BODY_TIMEOUT_MS = 5_000;

const UTF8 = new TextDecoder();

/** Resolves when the first frame has been read and found good, so that a bad one can still fail over. */
export async function openStream(ports: Ports, order: AttemptOrder): Promise<OpenStream | Failure> {
  const refusal = order.kind.refusalOf(order.call);
  if (refusal !== null) return refusal;
  const line = abortLine(order.signal);
  const takeBack = ports.after(order.firstMs, () => line.abort("ttft"));
  try {
    const response = await call(ports, order, line.signal);
    if (!response.ok || response.body === null) {
      return await failedAnswer(ports, order, response).finally(() => line.abort("done"));
    }
    const frames = frameReader(ports, order, { line, body: response.body });
    const first = await frames.next();
    const failure = first === null ? disconnected("The origin sent an empty stream.") : firstFault(first);
    if (failure === null && first !== null) return { first, frames };
    frames.close();
    return failure ?? disconnected("The origin sent an empty stream.");
  } catch (cause) {
    line.abort("done");
    return failureOfThrow(line.signal, cause);
  } finally {
    takeBack();
  }
}

/** The whole answer, read and checked, with the origin's own GPU time when it tells. */
export async function fetchWhole(ports: Ports, order: AttemptOrder): Promise<Whole | Failure> {
  const refusal = order.kind.refusalOf(order.call);
  if (refusal !== null) return refusal;
  const line = abortLine(order.signal);
  const takeBack = ports.after(order.firstMs, () => line.abort("ttft"));
  let hasBegun = false;
  try {
    const response = await call(ports, order, line.signal);
    if (!response.ok) return await failedAnswer(ports, order, response).finally(() => line.abort("done"));
    // The one timer above bounds headers and body alike.
    const limits = { maxBytes: MAX_WHOLE_BYTES, timeoutMs: null, mayKeep: ports.room.take };
    hasBegun = true;
    const body = await readMessage(response, limits);
    if (body.kind !== "whole") {
      line.abort("done");
      return body.kind === "no-room" ? NO_ROOM : disconnected("The origin's answer is too large.");
    }
    const answer = { bytes: body.bytes, headers: response.headers, nowS: Math.floor(ports.now() / 1000) };
    const whole = order.kind.readWhole(answer, order.call);
    return "kind" in whole ? withGpuTime(whole, response.headers) : whole;
  } catch (cause) {
    const failure = hasBegun ? midAnswerFailure(line.signal, cause) : failureOfThrow(line.signal, cause);
    line.abort("done");
    return failure;
  } finally {
    takeBack();
    line.detach();
  }
}

function call(ports: Ports, order: AttemptOrder, signal: AbortSignal): Promise<Response> {
  return reach(ports, order.kind.toRequest(order.call), signal);
}

/** Ours, not the origin's: another one's answer would be as large. */
const NO_ROOM: Failure = {
  code: "overloaded",
  message: "The answer finds no room beside the others under way: retry shortly.",
  isRetryable: false,
  status: null,
  retryAfterMs: 2_000,
};

async function failedAnswer({ after }: Ports, { kind }: AttemptOrder, response: Response): Promise<Failure> {
  const limits = { maxBytes: MAX_ERROR_BYTES, timeoutMs: ERROR_BODY_TIMEOUT_MS, after };
  const body = await readMessage(response, limits);
  const text = body.kind === "whole" ? UTF8.decode(body.bytes) : "";
  return kind.readFailure({ status: response.status, headers: response.headers, text });
}

function failureOfThrow(signal: AbortSignal, cause: unknown): Failure {
  if (signal.aborted && signal.reason !== "done") return failureOfAbort(signal.reason as AbortReason); // abortLine sets no other
  if (cause instanceof SseOverflow) return disconnected("The origin sent an event that is too long.");
  return {
    code: "upstream_failed",
    message: "The model's server could not be reached: retry.",
    isRetryable: true,
    status: null,
    retryAfterMs: null,
  };
}

/** A frame that fails, or an end without any content, before anything was sent to the caller. */
function firstFault(frames: readonly Frame[]): Failure | null {
  if (frames[0]?.kind === "done") return disconnected("The origin ended without an answer.");
  // What comes behind the end is nobody's business, an error neither.
  const end = frames.find(({ kind }) => kind === "failed" || kind === "done");
  return end?.kind === "failed" ? end.failure : null;
}

interface OpenBody {
  readonly line: ReturnType<typeof abortLine>;
  readonly body: ReadableStream<Uint8Array>;
}

function frameReader(ports: Ports, order: AttemptOrder, { line, body }: OpenBody): FrameReader {
  const reader = chunkReader(body);
  const parser = sseParser(MAX_EVENT_LENGTH);
  const read = order.kind.frameReader(order.call, Math.floor(ports.now() / 1000));
  // Only a pending read counts as silence: a slow caller is not the origin's fault.
  const silence = silenceWatch(ports, order.idleMs, () => line.abort("idle"));
  // Behind its headers an origin may keep a request queued: up to the first frame the time to it is the limit.
  let isOpen = false;
  return {
    async next() {
      if (isOpen) silence.begin();
      try {
        const frames = await readFrames(reader, parser, read);
        isOpen = true;
        return frames;
      } catch (cause) {
        return [failedFrame(midAnswerFailure(line.signal, cause))];
      } finally {
        silence.pause();
      }
    },
    close() {
      silence.end();
      line.abort("done");
      // Already errored or closed is as good as cancelled.
      reader.cancel().catch(() => undefined);
    },
  };
}

async function readFrames(
  reader: ChunkReader,
  parser: SseParser,
  read: (data: string) => Frame,
): Promise<readonly Frame[] | null> {
  for (;;) {
    const chunk = await reader.read();
    const events = chunk === null ? parser.end() : parser.push(chunk);
    if (events.length > 0) return events.map(read);
    if (chunk === null) return null;
  }
}

function midAnswerFailure(signal: AbortSignal, cause: unknown): Failure {
  const failure = failureOfThrow(signal, cause);
  return failure.code === "upstream_failed"
    ? disconnected("The model's server broke off its answer.")
    : failure;
}

function failedFrame(failure: Failure): Frame {
  return {
    kind: "failed",
    text: "",
    usage: null,
    createdS: null,
    hasContent: false,
    said: null,
    finishedChoices: 0,
    failure,
  };
}

/** One timer for the whole stream: re-armed when it fires, not at every chunk. */
function silenceWatch(ports: Ports, idleMs: number, onSilence: () => void) {
  let since: number | null = null;
  let takeBack = ports.after(idleMs, check);
  function check(): void {
    const silentMs = since === null ? 0 : ports.now() - since;
    if (silentMs >= idleMs) onSilence();
    else takeBack = ports.after(idleMs - silentMs, check);
  }
  return {
    begin(): void {
      since = ports.now();
    },
    pause(): void {
      since = null;
    },
    end: () => takeBack(),
  };
}

function withGpuTime(whole: Whole, headers: Headers): Whole {
  const gpuMs = Number(headers.get("x-gpu-ms"));
  if (whole.usage === null || !Number.isSafeInteger(gpuMs) || gpuMs <= 0) return whole;
  return { ...whole, usage: { ...whole.usage, gpuMs } };
}
