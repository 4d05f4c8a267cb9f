import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sendStream, sendWhole } from "../../src/origins/send.ts";
import type { FakeFetch } from "../support/fake-ports.ts";
import {
  answering,
  ERROR,
  hanging,
  inTurn,
  ROLE,
  refused,
  silentBody,
  streaming,
  WHOLE,
} from "./fake-origin.ts";
import { A, at, B, expectNothingLeft, good, letGo, streamed, walkTo } from "./walk.ts";

const busy = answering(429, "{}");

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("the first target", () => {
  it("that answers well is the only one asked", async () => {
    const walk = walkTo({ origin: good });
    const { sending, result } = await streamed(walk);
    if (!("answer" in result)) throw new Error("expected an answer");
    expect(result.target).toBe(A);
    expect(sending.currentTarget()).toBe(A);
    expect(walk.hosts()).toEqual(["a"]);
    expect(walk.inFlight()).toEqual([1, 0, 0]);
    expect(sending.attempts).toMatchObject([{ origin: "a", region: "us-east", status: 200, error: null }]);
    result.answer.frames.close();
    result.release(null);
    expectNothingLeft(walk);
    expect(walk.listeners()).toBe(0);
  });

  it("is called with the secret that its row names, and with no other", async () => {
    const secrets = { ORIGIN_A: "secret-a", ORIGIN_B: "secret-b" };
    const targets = [at("a", "m", { secret: "ORIGIN_A" }), at("b", "m", { secret: "ORIGIN_NONE" })];
    const walk = walkTo({ targets, origin: inTurn(refused, refused, refused), ports: { secrets } });
    await streamed(walk, 1_000);
    const bearers = walk.fake.fetches.map(({ init }) => new Headers(init.headers).get("authorization"));
    expect(bearers).toEqual(["Bearer secret-a", null, "Bearer secret-a"]);
  });

  it("is asked for no more tokens than are paid for it", async () => {
    const walk = walkTo({ origin: inTurn(refused, good), outputLimit: (target) => (target === A ? 7 : 9) });
    const { result } = await streamed(walk);
    expect(walk.fake.fetches.map(({ body }) => (body as { max_tokens: number }).max_tokens)).toEqual([7, 9]);
    if ("answer" in result) {
      result.answer.frames.close();
      result.release(null);
    }
  });
});

describe("the next target", () => {
  it.each<[string, FakeFetch, string, number]>([
    ["refuses the connection", refused, "upstream_failed", 0],
    ["is too busy", busy, "overloaded", 0],
    ["is loading the model", answering(503, '{"error":"loading"}'), "model_loading", 0],
    ["is broken", answering(500, ""), "upstream_failed", 0],
    ["answers with a page", answering(200, "<html>"), "upstream_disconnected", 0],
    ["begins with an error", streaming([ERROR]), "upstream_disconnected", 0],
    ["breaks off before its first frame", streaming([], { ending: "break" }), "upstream_disconnected", 0],
    ["never answers", hanging, "upstream_timeout", 30_000],
    ["sends headers and nothing else", silentBody(200), "upstream_timeout", 30_000],
  ])("is asked, at once, when the first %s", async (_, origin, error, passMs) => {
    const walk = walkTo({ origin: inTurn(origin, good) });
    const { sending, result } = await streamed(walk, passMs);
    if (!("answer" in result)) throw new Error("expected an answer");
    expect(result.target).toBe(B);
    expect(walk.hosts()).toEqual(["a", "b"]);
    expect(sending.attempts.map((attempt) => attempt.error)).toEqual([error, null]);
    expect(walk.fake.fetches[0]?.signal.aborted).toBe(true);
    result.answer.frames.close();
    result.release(null);
    expectNothingLeft(walk);
  });

  it("is not asked for what no target can do", async () => {
    const walk = walkTo({ origin: inTurn(answering(400, "{}"), good) });
    expect((await streamed(walk)).failures).toEqual(["invalid_value"]);
    expect(walk.hosts()).toEqual(["a"]);
    expectNothingLeft(walk);
  });

  it("is not asked without fallback", async () => {
    const walk = walkTo({ origin: inTurn(refused, good), route: { fallback: false } });
    expect((await streamed(walk)).failures).toEqual(["upstream_failed"]);
    expect(walk.hosts()).toEqual(["a"]);
    expectNothingLeft(walk);
  });

  it("is not asked once the stream began: what broke off broke off", async () => {
    const walk = walkTo({ origin: inTurn(streaming([ROLE], { ending: "break" }), good) });
    const { result } = await streamed(walk);
    if (!("answer" in result)) throw new Error("expected an answer");
    expect((await result.answer.frames.next())?.[0]?.failure?.code).toBe("upstream_disconnected");
    expect(walk.hosts()).toEqual(["a"]);
    result.answer.frames.close();
    result.release(null);
    expectNothingLeft(walk);
  });

  it("is passed over where the hold does not pay for it", async () => {
    const walk = walkTo({ origin: good, outputLimit: (target) => (target === A ? 0 : 5) });
    const { sending, result } = await streamed(walk);
    if (!("answer" in result)) throw new Error("expected an answer");
    expect(walk.hosts()).toEqual(["b"]);
    expect(sending.attempts).toHaveLength(1);
    result.answer.frames.close();
    result.release(null);
  });

  it("is passed over where we cannot speak with its kind of origin", async () => {
    const walk = walkTo({ targets: [at("a", "m", { kind: "of-another-release" })], origin: good });
    expect((await streamed(walk, 1_000)).failures).toEqual([]);
    expect(walk.fake.fetches).toHaveLength(0);
  });

  it("may be of another model, as long as none was promised", async () => {
    const walk = walkTo({ targets: [at("a", "m"), at("b", "other")], origin: inTurn(refused, good) });
    const { result } = await streamed(walk);
    if (!("answer" in result)) throw new Error("expected an answer");
    expect(result.target.model.id).toBe("other");
    result.answer.frames.close();
    result.release(null);
  });

  it("is of the promised model, once a model was promised", async () => {
    const targets = [at("a", "m"), at("b", "other"), at("c", "m")];
    const walk = walkTo({ targets, origin: inTurn(hanging, good) });
    const sending = sendStream(walk.fake.ports, walk.order);
    await vi.advanceTimersByTimeAsync(5_000);
    sending.stayOnModel();
    await vi.advanceTimersByTimeAsync(25_000);
    const result = await sending.result;
    if (!("answer" in result)) throw new Error("expected an answer");
    expect(walk.hosts()).toEqual(["a", "c"]);
    result.answer.frames.close();
    result.release(null);
  });
});

describe("when all fail", () => {
  it("the failures are told in order, three at most", async () => {
    const walk = walkTo({ origin: inTurn(refused, busy, answering(500, "")) });
    const { sending, failures } = await streamed(walk);
    expect(failures).toEqual(["upstream_failed", "overloaded", "upstream_failed"]);
    expect(sending.attempts.map((attempt) => attempt.status)).toEqual([null, 429, 500]);
    expect(walk.listeners()).toBe(0);
    expectNothingLeft(walk);
  });

  it("a lone target that cannot be reached is tried three times, with a moment between", async () => {
    const walk = walkTo({ targets: [A], origin: refused });
    const sending = sendStream(walk.fake.ports, walk.order);
    await vi.advanceTimersByTimeAsync(149);
    expect(walk.hosts()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(walk.hosts()).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(150);
    expect(walk.hosts()).toHaveLength(3);
    expect(await sending.result).toHaveLength(3);
    expectNothingLeft(walk);
  });

  it("a lone target that is busy is asked again when it says, once within two seconds", async () => {
    const walk = walkTo({ targets: [A], origin: answering(429, "{}", { "retry-after": "1" }) });
    const { failures, sending } = await streamed(walk, 2_000);
    expect(failures).toEqual(["overloaded", "overloaded"]);
    expect(walk.atMs()).toEqual([0, 1_150]);
    expect(sending.attempts).toHaveLength(2);
  });

  it("a lone target that is busy for longer is not waited for: its word is passed on", async () => {
    const walk = walkTo({ targets: [A], origin: answering(429, "{}", { "retry-after": "3" }) });
    expect((await streamed(walk)).result).toMatchObject([{ code: "overloaded", retryAfterMs: 3_000 }]);
    expect(walk.hosts()).toEqual(["a"]);
  });

  it("a wait given as a date is waited as well", async () => {
    const date = "Sat, 21 Nov 2026 10:00:00 GMT";
    const until = "Sat, 21 Nov 2026 10:00:01 GMT";
    const origin = inTurn(answering(503, "{}", { date, "retry-after": until }), good);
    const walk = walkTo({ targets: [A], origin });
    letGo((await streamed(walk, 2_000)).result);
    expect(walk.atMs()).toEqual([0, 1_150]);
  });

  it("nobody is waited for beyond the caller's own time", async () => {
    const origin = answering(429, "{}", { "retry-after": "1" });
    const walk = walkTo({ targets: [A], origin, inference: { timeoutMs: 1_000 } });
    expect((await streamed(walk)).failures).toEqual(["overloaded"]);
  });

  it("the whole walk ends at its own deadline, whatever is left to try", async () => {
    const walk = walkTo({ origin: hanging, inference: { timeoutMs: 40_000 } });
    expect((await streamed(walk, 40_000)).failures).toEqual(["upstream_timeout", "upstream_timeout"]);
    expect(walk.hosts()).toEqual(["a", "b"]);
    expectNothingLeft(walk);
  });
});

describe("a caller who leaves", () => {
  const windows: readonly (readonly [string, FakeFetch, number])[] = [
    ["while headers are awaited", hanging, 10],
    ["while the first frame is awaited", silentBody(200), 10],
    ["while the body of an error is read", silentBody(500), 10],
    ["while the second target is asked", inTurn(refused, hanging), 10],
  ];

  it.each(windows)("%s cuts the origin at once, and nobody else is asked", async (_, origin, passMs) => {
    const walk = walkTo({ origin });
    const sending = sendStream(walk.fake.ports, walk.order);
    await vi.advanceTimersByTimeAsync(passMs);
    const asked = walk.hosts().length;
    walk.caller.abort();
    expect(walk.isLetGo()).toBe(true);
    const result = await sending.result;
    expect("answer" in result ? null : result.at(-1)?.code).toBe("client_closed_request");
    expect(walk.hosts()).toHaveLength(asked);
    expectNothingLeft(walk);
  });

  it("mid-stream cuts the origin at once", async () => {
    const walk = walkTo({ origin: streaming([ROLE], { ending: "hang" }) });
    const { result } = await streamed(walk);
    if (!("answer" in result)) throw new Error("expected an answer");
    const next = result.answer.frames.next();
    walk.caller.abort();
    expect(walk.isLetGo()).toBe(true);
    expect((await next)?.[0]?.failure?.code).toBe("client_closed_request");
    result.answer.frames.close();
    result.release(null);
    expectNothingLeft(walk);
  });

  it("before anything was asked costs nobody anything", async () => {
    const walk = walkTo({ origin: good });
    walk.caller.abort();
    expect((await streamed(walk)).failures).toEqual(["client_closed_request"]);
    expect(walk.fake.fetches).toHaveLength(0);
  });

  it("between two attempts ends the walk", async () => {
    const walk = walkTo({ targets: [A], origin: refused });
    const sending = sendStream(walk.fake.ports, walk.order);
    await vi.advanceTimersByTimeAsync(10);
    walk.caller.abort();
    await vi.advanceTimersByTimeAsync(500);
    const result = await sending.result;
    expect("answer" in result ? null : result.map((failure) => failure.code)).toEqual([
      "upstream_failed",
      "client_closed_request",
    ]);
    expect(walk.hosts()).toHaveLength(1);
  });

  it("of a whole answer cuts the origin at once, too", async () => {
    for (const origin of [hanging, silentBody(200)]) {
      const walk = walkTo({ origin, inference: { stream: false } });
      const sending = sendWhole(walk.fake.ports, walk.order);
      await vi.advanceTimersByTimeAsync(10);
      walk.caller.abort();
      expect(walk.isLetGo()).toBe(true);
      expect(await sending.result).toMatchObject([{ code: "client_closed_request" }]);
      expectNothingLeft(walk);
    }
  });

  it("says nothing about the origin's health", async () => {
    const walk = walkTo({ origin: hanging });
    const sending = sendStream(walk.fake.ports, walk.order);
    await vi.advanceTimersByTimeAsync(10);
    walk.caller.abort();
    await sending.result;
    expect(walk.fake.ports.health.get("a", A.model.id).breaker.failuresInRow).toBe(0);
  });
});

describe("a revoked key", () => {
  it("ends the walk as that", async () => {
    const walk = walkTo({ origin: hanging });
    const sending = sendStream(walk.fake.ports, walk.order);
    await vi.advanceTimersByTimeAsync(10);
    sending.abort("revoked");
    expect(await sending.result).toMatchObject([{ code: "key_revoked", isRetryable: false }]);
    expectNothingLeft(walk);
  });
});

describe("a whole answer", () => {
  it("comes with its time, and its origin is let go", async () => {
    const walk = walkTo({ origin: answering(200, WHOLE), inference: { stream: false } });
    const result = await sendWhole(walk.fake.ports, walk.order).result;
    if (!("answer" in result)) throw new Error("expected an answer");
    expect(result.answer.text).toBe(WHOLE);
    result.release(null);
    expectNothingLeft(walk);
    expect(walk.listeners()).toBe(0);
  });

  it("may take as long as its tokens: fifty milliseconds each beside the time to the first", async () => {
    const walk = walkTo({
      targets: [A],
      origin: hanging,
      inference: { stream: false },
      outputLimit: () => 1_000,
    });
    const sending = sendWhole(walk.fake.ports, walk.order);
    await vi.advanceTimersByTimeAsync(79_999);
    expect(walk.isLetGo()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await sending.result).toMatchObject([{ code: "upstream_timeout" }]);
  });
});
