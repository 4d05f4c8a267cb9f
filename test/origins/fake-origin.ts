// Origins that misbehave on purpose, as functions for the fetch port. Like the platform's own fetch they follow the
// request's signal: while headers are awaited and while the body is read.
import type { FakeFetch } from "../support/fake-ports.ts";

const encoder = new TextEncoder();

const chunk = (choice: object, more: object = {}) =>
  JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", choices: [choice], ...more });

/** Events of a good answer. */
export const ROLE = `data: ${chunk({ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null })}\n\n`;
export const WORD = `data: ${chunk({ index: 0, delta: { content: "Hi" }, finish_reason: null })}\n\n`;
export const STOP = `data: ${chunk({ index: 0, delta: {}, finish_reason: "stop" })}\n\n`;
export const DONE = "data: [DONE]\n\n";
export const ERROR = 'data: {"error":{"message":"CANARY http://10.0.0.1 sk-canary","code":500}}\n\n';
export const GOOD = [ROLE, WORD, STOP, DONE] as const;

export const WHOLE = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "Hi there" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
});

/** Nobody listens. */
export const refused: FakeFetch = () => Promise.reject(new TypeError("connect ECONNREFUSED 10.0.0.1:9101"));

/** Accepts the connection and never answers. */
export const hanging: FakeFetch = (_, init) => untilAborted(init.signal);

export interface BodyEnd {
  /** What the body does after its chunks. */
  readonly ending: "end" | "break" | "hang";
}

/** 200 with these chunks, each after a wait. */
export function streaming(
  chunks: readonly (string | Uint8Array)[],
  { ending, waitMs = 0 }: BodyEnd & { readonly waitMs?: number } = { ending: "end" },
): FakeFetch {
  return async (_, init) => {
    const body = bodyOf(chunks, { ending, waitMs, signal: init.signal ?? null });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
}

export function answering(status: number, body: string, headers: Record<string, string> = {}): FakeFetch {
  return (_, init) =>
    init.signal?.aborted === true
      ? Promise.reject(init.signal.reason)
      : Promise.resolve(new Response(body === "" ? null : body, { status, headers }));
}

/** Headers at once, and a body that never comes. */
export function silentBody(status: number): FakeFetch {
  return async (_, init) =>
    new Response(bodyOf([], { ending: "hang", waitMs: 0, signal: init.signal ?? null }), { status });
}

/** One origin after another. The last one answers for good. */
export function inTurn(...origins: readonly FakeFetch[]): FakeFetch {
  let turn = 0;
  return (url, init) => {
    const origin = origins[Math.min(turn++, origins.length - 1)];
    if (origin === undefined) throw new Error("an origin is needed");
    return origin(url, init);
  };
}

export interface WatchedOrigin {
  readonly fetch: FakeFetch;
  /** Every call was cut, refused, or answered with a body that was read to its end: no socket is kept for it. */
  isOver(): boolean;
  /** Calls that waited for their headers at the same time, at most. */
  mostAwaited(): number;
  calledAtMs(): readonly number[];
}

export function watched(origin: FakeFetch): WatchedOrigin {
  const calls: { readonly signal: AbortSignal | null; readonly atMs: number; isRead: boolean }[] = [];
  let awaited = 0;
  let mostAwaited = 0;
  return {
    async fetch(url, init) {
      const call = { signal: init.signal ?? null, atMs: Date.now(), isRead: false };
      calls.push(call);
      mostAwaited = Math.max(mostAwaited, ++awaited);
      const response = await origin(url, init)
        .catch((cause: unknown) => {
          call.isRead = true;
          throw cause;
        })
        .finally(() => awaited--);
      const { status, headers, body } = response;
      call.isRead = body === null;
      const reading = new TransformStream<Uint8Array, Uint8Array>({
        flush() {
          call.isRead = true;
        },
      });
      return new Response(body?.pipeThrough(reading) ?? null, { status, headers });
    },
    mostAwaited: () => mostAwaited,
    calledAtMs: () => calls.map(({ atMs }) => atMs),
    isOver: () => calls.every(({ signal, isRead }) => isRead || signal?.aborted === true),
  };
}

interface BodyPlan extends BodyEnd {
  readonly waitMs: number;
  readonly signal: AbortSignal | null;
}

function bodyOf(chunks: readonly (string | Uint8Array)[], plan: BodyPlan): ReadableStream<Uint8Array> {
  const left = chunks.map((each) => (typeof each === "string" ? encoder.encode(each) : each));
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        plan.signal?.addEventListener("abort", () => failQuietly(controller, plan.signal?.reason), {
          once: true,
        });
      },
      async pull(controller) {
        if (plan.waitMs > 0) await new Promise((resolve) => setTimeout(resolve, plan.waitMs));
        if (plan.signal?.aborted === true) return;
        const next = left.shift();
        if (next !== undefined) controller.enqueue(next);
        else if (plan.ending === "end") controller.close();
        else if (plan.ending === "break") controller.error(new TypeError("ECONNRESET 10.0.0.1"));
        else await new Promise<void>(() => undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/** A stream that was closed or cancelled before cannot fail any more. */
function failQuietly(controller: ReadableStreamDefaultController<Uint8Array>, reason: unknown): void {
  try {
    controller.error(reason);
  } catch {
    // Already over.
  }
}

function untilAborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted === true) reject(signal.reason);
    else signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
