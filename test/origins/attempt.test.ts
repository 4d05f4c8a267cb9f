import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { abortLine } from "../../src/origins/abort.ts";
import { type AttemptOrder, fetchWhole, type OpenStream, openStream } from "../../src/origins/attempt.ts";
import { openaiCompatible } from "../../src/origins/kinds/openai-compatible.ts";
import { isFailure } from "../../src/origins/try-target.ts";
import { sampleInference, sampleTarget } from "../domain/sample-target.ts";
import { type FakeFetch, fakePorts } from "../support/fake-ports.ts";
import {
  answering,
  DONE,
  ERROR,
  GOOD,
  hanging,
  ROLE,
  refused,
  STOP,
  silentBody,
  streaming,
  WHOLE,
  WORD,
  watched,
} from "./fake-origin.ts";

const FIRST_MS = 30_000;
const IDLE_MS = 20_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  // No attempt leaves a timer behind.
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function attemptAt(origin: FakeFetch) {
  const { fetch, isOver } = watched(origin);
  const fake = fakePorts({ fetch });
  const line = abortLine();
  const added = vi.spyOn(line.signal, "addEventListener");
  const removed = vi.spyOn(line.signal, "removeEventListener");
  const listeners = () => {
    const gone = new Set(removed.mock.calls.map(([, listener]) => listener));
    return added.mock.calls.filter(([, listener]) => !gone.has(listener)).length;
  };
  const order: AttemptOrder = {
    kind: openaiCompatible,
    call: {
      target: sampleTarget(),
      inference: sampleInference(),
      maxOutputTokens: 10,
      secret: null,
      requestId: "req_1",
      traceparent: null,
    },
    firstMs: FIRST_MS,
    idleMs: IDLE_MS,
    signal: line.signal,
  };
  const isLetGo = () => fake.fetches.every((call) => call.signal.aborted);
  return { fake, line, order, isLetGo, isOver, listeners };
}

async function opened(origin: FakeFetch) {
  const attempt = attemptAt(origin);
  const pending = openStream(attempt.fake.ports, attempt.order);
  await vi.advanceTimersByTimeAsync(0);
  const result = await pending;
  if (isFailure(result)) throw new Error(`expected a stream: ${result.code}`);
  return { ...attempt, stream: result };
}

async function rest(stream: OpenStream) {
  const kinds = stream.first.map((frame) => frame.kind as string);
  for (let frames = await stream.frames.next(); frames !== null; frames = await stream.frames.next()) {
    kinds.push(
      ...frames.map((frame) => (frame.failure === null ? frame.kind : `${frame.kind} ${frame.failure.code}`)),
    );
    if (frames.some((frame) => frame.kind === "failed")) break;
  }
  return kinds;
}

describe("a stream", () => {
  it("opens with its first frame and goes on to its end", async () => {
    const { stream, isLetGo } = await opened(streaming(GOOD));
    expect(stream.first).toHaveLength(1);
    expect(isLetGo()).toBe(false);
    expect(await rest(stream)).toEqual(["content", "content", "content", "done"]);
    expect(await stream.frames.next()).toBeNull();
    stream.frames.close();
    expect(isLetGo()).toBe(true);
  });

  it("gives several frames of one chunk together, and one of several chunks once", async () => {
    const { stream } = await opened(streaming([ROLE + WORD, STOP.slice(0, 20), STOP.slice(20) + DONE]));
    expect(stream.first).toHaveLength(2);
    expect((await stream.frames.next())?.map((frame) => frame.kind)).toEqual(["content", "done"]);
    stream.frames.close();
  });

  it("whose first chunk goes on behind [DONE] with an error is good all the same", async () => {
    const { stream } = await opened(streaming([GOOD.join("") + ERROR]));
    expect(stream.first.map(({ kind }) => kind)).toEqual(["content", "content", "content", "done", "failed"]);
    stream.frames.close();
  });

  it("that breaks off mid-way ends in a frame that says so, in our words", async () => {
    const { stream } = await opened(streaming([ROLE, WORD], { ending: "break" }));
    const frames = await rest(stream);
    expect(frames).toEqual(["content", "content", "failed upstream_disconnected"]);
    stream.frames.close();
  });

  it("that is cut within an event ends in a failed frame, not in half an event", async () => {
    const { stream } = await opened(streaming([ROLE, WORD.slice(0, 40)]));
    expect(await rest(stream)).toEqual(["content", "failed upstream_disconnected"]);
    stream.frames.close();
  });

  it("that lacks its last blank line loses nothing", async () => {
    const { stream } = await opened(streaming([ROLE, WORD, STOP.trimEnd()]));
    expect(await rest(stream)).toEqual(["content", "content", "content"]);
    stream.frames.close();
  });

  it("with an error in its middle ends there", async () => {
    const { stream } = await opened(streaming([ROLE, ERROR, WORD]));
    expect(await rest(stream)).toEqual(["content", "failed upstream_disconnected"]);
    stream.frames.close();
  });

  it("with an event of 2 MiB ends in a failed frame", async () => {
    const { stream } = await opened(streaming([ROLE, `data: "${"x".repeat(2 * 1024 * 1024)}"\n\n`]));
    expect(await rest(stream)).toEqual(["content", "failed upstream_disconnected"]);
    stream.frames.close();
  });

  it("that falls silent is cut after its idle time", async () => {
    const { stream, isLetGo } = await opened(streaming([ROLE], { ending: "hang" }));
    const next = stream.frames.next();
    await vi.advanceTimersByTimeAsync(IDLE_MS - 1);
    expect(isLetGo()).toBe(false);
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    expect((await next)?.[0]?.failure).toMatchObject({ code: "upstream_timeout", isRetryable: false });
    expect(isLetGo()).toBe(true);
    stream.frames.close();
  });

  it("is not silent while its reader takes its time", async () => {
    const { stream, isLetGo } = await opened(streaming(GOOD));
    for (const kind of ["content", "content", "done"]) {
      await vi.advanceTimersByTimeAsync(10 * IDLE_MS);
      expect(isLetGo()).toBe(false);
      expect((await stream.frames.next())?.map((frame) => frame.kind)).toEqual([kind]);
    }
    stream.frames.close();
  });

  it("that trickles is not silent", async () => {
    const attempt = attemptAt(streaming(GOOD, { ending: "end", waitMs: IDLE_MS - 1 }));
    const pending = openStream(attempt.fake.ports, attempt.order);
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    const stream = await pending;
    if (isFailure(stream)) throw new Error("expected a stream");
    const read = rest(stream);
    await vi.advanceTimersByTimeAsync(5 * IDLE_MS);
    expect(await read).toEqual(["content", "content", "content", "done"]);
    stream.frames.close();
  });

  it("may be closed at any time, and twice", async () => {
    const { stream, isLetGo } = await opened(streaming([ROLE], { ending: "hang" }));
    const next = stream.frames.next();
    stream.frames.close();
    stream.frames.close();
    await next;
    expect(isLetGo()).toBe(true);
  });

  it.each(["caller", "revoked", "total"] as const)(
    "is cut mid-way by %s, down to the socket",
    async (reason) => {
      const { stream, line, isLetGo } = await opened(streaming([ROLE], { ending: "hang" }));
      const next = stream.frames.next();
      line.abort(reason);
      expect(isLetGo()).toBe(true);
      const code = { caller: "client_closed_request", revoked: "key_revoked", total: "upstream_timeout" }[
        reason
      ];
      expect((await next)?.[0]?.failure?.code).toBe(code);
      stream.frames.close();
    },
  );
});

describe("a stream that does not open", () => {
  async function failureOf(origin: FakeFetch, passMs = 0) {
    const attempt = attemptAt(origin);
    const pending = openStream(attempt.fake.ports, attempt.order);
    await vi.advanceTimersByTimeAsync(passMs);
    const result = await pending;
    if (!isFailure(result)) throw new Error("expected a failure");
    expect(attempt.isLetGo()).toBe(true);
    expect(JSON.stringify(result)).not.toMatch(/canary|10\.0\.0\.1|ECONN/i);
    return { code: result.code, isRetryable: result.isRetryable };
  }
  const again = (code: string) => ({ code, isRetryable: true });

  it.each<[string, FakeFetch, string]>([
    ["refuses the connection", refused, "upstream_failed"],
    ["answers 200 with a page", answering(200, "<html>CANARY</html>"), "upstream_disconnected"],
    ["answers 200 with a JSON error", answering(200, '{"error":"CANARY"}'), "upstream_disconnected"],
    ["answers 200 with nothing", answering(200, ""), "upstream_failed"],
    ["answers 200 with an empty body", streaming([]), "upstream_disconnected"],
    ["answers 200 with blank lines", streaming(["\n\n\n", ": ping\n\n"]), "upstream_disconnected"],
    ["begins with an error", streaming([ERROR, ...GOOD]), "upstream_disconnected"],
    ["begins with half an event", streaming(["data: {"]), "upstream_disconnected"],
    ["begins with a good and a bad frame at once", streaming([ROLE + ERROR]), "upstream_disconnected"],
    ["begins with [DONE]", streaming([DONE]), "upstream_disconnected"],
    ["breaks off before its first event", streaming([], { ending: "break" }), "upstream_disconnected"],
    [
      "begins with an endless line",
      streaming(Array(40).fill("x".repeat(64 * 1024))),
      "upstream_disconnected",
    ],
    ["redirects", answering(302, "", { location: "http://10.0.0.1/" }), "upstream_failed"],
    ["is overloaded", answering(429, '{"error":"CANARY"}'), "overloaded"],
    ["is broken", answering(500, "CANARY"), "upstream_failed"],
    ["fails with a body of 1 MiB", answering(500, "CANARY".repeat(200_000)), "upstream_failed"],
  ])("because the origin %s", async (_, origin, code) => {
    expect(await failureOf(origin)).toEqual(again(code));
  });

  it("because the request is wrong is not tried elsewhere", async () => {
    expect(await failureOf(answering(400, "{}"))).toEqual({ code: "invalid_value", isRetryable: false });
  });

  it.each<[string, FakeFetch]>([
    ["never answers", hanging],
    ["sends headers and nothing else", silentBody(200)],
    [
      "sends comments and nothing else",
      streaming(Array(60).fill(": ping\n\n"), { ending: "hang", waitMs: 1_000 }),
    ],
  ])("because the origin %s is cut after its time to the first frame", async (_, origin) => {
    expect(await failureOf(origin, FIRST_MS)).toEqual(again("upstream_timeout"));
  });

  it("because of an error whose body never comes is not waited for", async () => {
    expect(await failureOf(silentBody(503), 5_000)).toEqual(again("overloaded"));
  });

  it.each<[string, FakeFetch]>([
    ["before its headers", hanging],
    ["before its first frame", silentBody(200)],
    ["within the body of an error", silentBody(500)],
  ])("because the caller left %s is cut at once, down to the socket", async (_, origin) => {
    const { fake, order, line, isLetGo } = attemptAt(origin);
    const pending = openStream(fake.ports, order);
    await vi.advanceTimersByTimeAsync(100);
    line.abort("caller");
    expect(isLetGo()).toBe(true);
    expect(await pending).toMatchObject({ code: "client_closed_request", isRetryable: false });
  });
});

describe("a whole answer", () => {
  async function whole(origin: FakeFetch, passMs = 0) {
    const attempt = attemptAt(origin);
    const pending = fetchWhole(attempt.fake.ports, attempt.order);
    await vi.advanceTimersByTimeAsync(passMs);
    const result = await pending;
    expect(attempt.isOver()).toBe(true);
    expect(attempt.listeners()).toBe(0);
    return result;
  }

  it("is its text and its usage", async () => {
    expect(await whole(answering(200, WHOLE))).toMatchObject({
      kind: "whole",
      text: WHOLE,
      usage: { outputTokens: 2 },
    });
  });

  it("takes GPU time from its header, where that can be true", async () => {
    const gpuMs = async (value: string) => {
      const answer = await whole(answering(200, WHOLE, { "x-gpu-ms": value }));
      return "kind" in answer ? answer.usage?.gpuMs : null;
    };
    expect(await gpuMs("1234")).toBe(1_234);
    for (const value of ["0", "-1", "many", "1e400", ""]) expect(await gpuMs(value)).toBe(0);
  });

  it.each<[string, FakeFetch, string]>([
    ["a page", answering(200, "<html>"), "upstream_disconnected"],
    ["nothing", answering(200, ""), "upstream_disconnected"],
    ["half an answer", streaming([WHOLE.slice(0, 30)]), "upstream_disconnected"],
    ["a refused connection", refused, "upstream_failed"],
    [
      "a connection that breaks",
      streaming([WHOLE.slice(0, 30)], { ending: "break" }),
      "upstream_disconnected",
    ],
    ["an error", answering(500, "{}"), "upstream_failed"],
  ])("that is %s is a failure, and another may be asked", async (_, origin, code) => {
    expect(await whole(origin)).toMatchObject({ code, isRetryable: true });
  });

  it("that never comes is cut", async () => {
    expect(await whole(hanging, FIRST_MS)).toMatchObject({ code: "upstream_timeout", isRetryable: true });
    expect(await whole(silentBody(200), FIRST_MS)).toMatchObject({ isRetryable: true });
  });

  it.each<[string, FakeFetch]>([
    ["before its headers", hanging],
    ["within its body", silentBody(200)],
  ])("is cut when the caller leaves %s, down to the socket", async (_, origin) => {
    const { fake, order, line, isLetGo } = attemptAt(origin);
    const pending = fetchWhole(fake.ports, order);
    await vi.advanceTimersByTimeAsync(100);
    line.abort("caller");
    expect(isLetGo()).toBe(true);
    expect(await pending).toMatchObject({ code: "client_closed_request" });
  });
});
