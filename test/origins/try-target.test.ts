import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isFailure } from "../../src/origins/try-target.ts";
import type { FakeFetch } from "../support/fake-ports.ts";
import { answering, GOOD, inTurn, refused, streaming } from "./fake-origin.ts";
import { A, good, streamed, walkTo } from "./walk.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("health", () => {
  it("remembers a good answer's time and forgets the failures before it", async () => {
    const walk = walkTo({
      targets: [A],
      origin: inTurn(refused, streaming(GOOD, { ending: "end", waitMs: 100 })),
    });
    const { result } = await streamed(walk, 500);
    const { latency, breaker, whole } = walk.fake.ports.health.get("a", A.model.id);
    expect([latency?.peakMs, breaker.failuresInRow, whole.breaker.failuresInRow]).toEqual([100, 0, 0]);
    if ("answer" in result) {
      result.answer.frames.close();
      result.release(null);
    }
  });

  it("learns how long a stream takes its slot, from its first token to its own end alone", async () => {
    const slotMsAfter = async (failedWith: "client_closed_request" | null) => {
      const walk = walkTo({ targets: [A], origin: good });
      const { result } = await streamed(walk);
      if (!("answer" in result)) throw new Error("expected an answer");
      await vi.advanceTimersByTimeAsync(700);
      result.answer.frames.close();
      result.release(failedWith);
      return walk.fake.ports.health.get("a", A.model.id).slotMs;
    };
    expect(await slotMsAfter(null)).toBe(700);
    expect(await slotMsAfter("client_closed_request")).toBeNull();
  });

  it("learns no time to the first token from a request that had to wait for a slot", async () => {
    const walk = walkTo({ targets: [A], origin: streaming(GOOD, { ending: "end", waitMs: 100 }) });
    const { health } = walk.fake.ports;
    health.update("a", A.model.id, (before) => ({ ...before, inFlight: A.origin.max_concurrency }));
    const { result } = await streamed(walk, 500);
    const { latency, answeredAtMs } = health.get("a", A.model.id);
    expect([latency, answeredAtMs === null]).toEqual([null, false]);
    if ("answer" in result) {
      result.answer.frames.close();
      result.release(null);
    }
  });

  it.each(["upstream_disconnected", "upstream_failed", "upstream_timeout"] as const)(
    "counts a stream that ended as %s against its origin, and says so of the attempt",
    async (code) => {
      const walk = walkTo({ targets: [A], origin: good });
      const { sending, result } = await streamed(walk);
      if (!("answer" in result)) throw new Error("expected an answer");
      result.answer.frames.close();
      result.release(code);
      expect(sending.attempts).toMatchObject([
        { origin: "a", status: 200, error: code, ttftMs: result.ttftMs },
      ]);
      const { breaker, inFlight } = walk.fake.ports.health.get("a", A.model.id);
      expect([breaker.brokenInRow, inFlight]).toEqual([1, 0]);
    },
  );

  it.each(["client_closed_request", "key_revoked", "overloaded", "internal_error", null] as const)(
    "does not count a stream that ended as %s: that was not its origin's doing",
    async (code) => {
      const walk = walkTo({ targets: [A], origin: good });
      const { sending, result } = await streamed(walk);
      if (!("answer" in result)) throw new Error("expected an answer");
      result.answer.frames.close();
      result.release(code);
      expect(sending.attempts).toMatchObject([{ origin: "a", error: null }]);
      const { breaker, inFlight } = walk.fake.ports.health.get("a", A.model.id);
      expect([breaker.brokenInRow, inFlight]).toEqual([0, 0]);
    },
  );

  it("counts failures that another might not have had, and no nonsense of callers", async () => {
    const failuresAfter = async (origin: FakeFetch) => {
      const walk = walkTo({ origin, route: { fallback: false } });
      await streamed(walk);
      const { breaker, whole } = walk.fake.ports.health.get("a", A.model.id);
      return breaker.failuresInRow + whole.breaker.failuresInRow;
    };
    expect(await failuresAfter(refused)).toBe(1);
    expect(await failuresAfter(answering(500, ""))).toBe(1);
    expect(await failuresAfter(answering(400, ""))).toBe(0);
    expect(await failuresAfter(answering(503, '{"error":"loading"}'))).toBe(0);
  });
});

describe("isFailure", () => {
  it("tells a failure from an answer", () => {
    expect(isFailure({ kind: "whole" })).toBe(false);
    expect(isFailure({ isRetryable: false })).toBe(true);
  });
});
