import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sendStream } from "../../src/origins/send.ts";
import type { FakeFetch } from "../support/fake-ports.ts";
import { answering, inTurn, WHOLE } from "./fake-origin.ts";
import { A, at, B, expectNothingLeft, good, letGo, streamed, walkTo, whole } from "./walk.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("fallbacks by name", () => {
  const [A1, A2, A3] = [at("a1", "first"), at("a2", "first"), at("a3", "first")];
  const [B1, C1] = [at("b1", "second"), at("c1", "third")];
  const down = answering(500, "");

  it("have their turn although the first model has origins enough to use up the tries", async () => {
    const walk = walkTo({ targets: [A1, A2, A3, B1, C1], origin: down });
    expect((await streamed(walk, 5_000)).failures).toHaveLength(4);
    expect(walk.hosts()).toEqual(["a1", "a2", "b1", "c1"]);
  });

  it("are not asked while the caller waits for the first model, and are when the wait is over", async () => {
    const cold = answering(503, '{"error":"loading","estimated_time":60}');
    const origin: FakeFetch = (url, init) => (url.includes("b1") ? good : cold)(url, init);
    const walk = walkTo({ targets: [A1, A2, B1], origin, inference: { waitMs: 2_000 } });
    const { result } = await streamed(walk, 10_000);
    expect(letGo(result)).toBe(B1);
    expect(new Set(walk.hosts().slice(0, -1))).toEqual(new Set(["a1", "a2"]));
    expect(walk.atMs().at(-1)).toBe(2_000);
  });
});

describe("a cold model", () => {
  const LOADING = answering(503, '{"error":"loading","estimated_time":20}');
  const coldFor = (ms: number): FakeFetch => {
    const readyAtMs = Date.now() + ms;
    return (url, init) => (Date.now() < readyAtMs ? LOADING : good)(url, init);
  };

  it("is told at once to who does not wait, with the origin's own estimate", async () => {
    const walk = walkTo({ targets: [A], origin: coldFor(10_000) });
    expect((await streamed(walk)).result).toMatchObject([{ code: "model_loading", retryAfterMs: 20_000 }]);
    expect(walk.hosts()).toEqual(["a"]);
  });

  it("answers who waits for it, within seconds of being ready", async () => {
    const walk = walkTo({ targets: [A], origin: coldFor(10_000), inference: { waitMs: 30_000 } });
    const { result, sending } = await streamed(walk, 14_000);
    letGo(result);
    // Asked every 3.3 s, not after the twenty that the origin guessed.
    expect(walk.atMs()).toEqual([0, 3_300, 6_600, 9_900, 13_200]);
    expect(sending.attempts.map(({ error, ms }) => [error, ms])).toEqual([
      ["model_loading", 9_900],
      [null, 0],
    ]);
    expectNothingLeft(walk);
  });

  it("is asked without fallback too: waiting is no second choice", async () => {
    const origin = coldFor(2_000);
    const walk = walkTo({ origin, inference: { waitMs: 10_000 }, route: { fallback: false } });
    expect(letGo((await streamed(walk, 4_000)).result)).toBe(A);
    expect(new Set(walk.hosts())).toEqual(new Set(["a"]));
  });

  it("is not waited for where another region has it ready", async () => {
    const walk = walkTo({ origin: inTurn(LOADING, good), inference: { waitMs: 30_000 } });
    expect(letGo((await streamed(walk)).result)).toBe(B);
  });

  it("is still loading when the wait is over: that is what is told, once", async () => {
    const walk = walkTo({ targets: [A], origin: coldFor(90_000), inference: { waitMs: 4_000 } });
    const { failures } = await streamed(walk, 5_000);
    expect(failures).toEqual(["model_loading"]);
    expect(walk.atMs()).toEqual([0, 3_300, 4_000]);
  });

  it("is not waited for beyond the caller's own deadline, which would hide what is wrong", async () => {
    const inference = { waitMs: 60_000, timeoutMs: 5_000 };
    const walk = walkTo({ targets: [A], origin: coldFor(90_000), inference });
    expect((await streamed(walk, 4_000)).failures).toEqual(["model_loading"]);
    expect(walk.atMs()).toEqual([0, 3_300]);
  });

  it("that holds the connection instead of refusing it has the wait on top of its time to begin", async () => {
    const origin: FakeFetch = async (url, init) => {
      await new Promise((resolve) => setTimeout(resolve, 45_000));
      return await good(url, init);
    };
    const walk = walkTo({ targets: [A], origin, inference: { waitMs: 20_000 } });
    letGo((await streamed(walk, 45_000)).result);
    expect(walk.hosts()).toEqual(["a"]);
  });

  it("is let go at once when its caller leaves between two questions", async () => {
    const walk = walkTo({ targets: [A], origin: coldFor(90_000), inference: { waitMs: 60_000 } });
    const sending = sendStream(walk.fake.ports, walk.order);
    await vi.advanceTimersByTimeAsync(1_000);
    walk.caller.abort();
    expect(await sending.result).toMatchObject([
      { code: "model_loading" },
      { code: "client_closed_request" },
    ]);
    expectNothingLeft(walk);
  });
});

describe("the budget of retries", () => {
  it("is a fifth of the requests where nothing is free: the others end with what they met", async () => {
    const walk = walkTo({ origin: answering(500, ""), ports: { freeRetries: 0 } });
    const tries: number[] = [];
    for (let request = 0; request < 20; request++) {
      tries.push((await streamed(walk)).sending.attempts.length);
    }
    expect(tries.reduce((sum, count) => sum + count, 0)).toBe(24);
  });

  it("pays the first try of a request that was sent before", async () => {
    const walk = walkTo({ origin: good, ports: { freeRetries: 0 } });
    const sending = sendStream(walk.fake.ports, { ...walk.order, isAgain: true });
    expect(await sending.result).toEqual([]);
    expect(walk.hosts()).toEqual([]);
  });

  it("is not needed by a request that is answered", async () => {
    const walk = walkTo({ origin: good, ports: { freeRetries: 0 } });
    letGo((await streamed(walk)).result);
    expectNothingLeft(walk);
  });
});

describe("memory", () => {
  it("that a whole answer does not find is no fault of its origin, and nobody else is asked", async () => {
    const ports = { room: { guests: 2, bytes: 200 } };
    const walk = walkTo({ origin: answering(200, WHOLE), inference: { stream: false }, ports });
    walk.fake.ports.room.enter();
    walk.fake.otherGuest().take(150);
    expect((await whole(walk)).failures).toEqual(["overloaded"]);
    expect(walk.hosts()).toEqual(["a"]);
    expect(walk.fake.ports.health.get("a", A.model.id).breaker.failuresInRow).toBe(0);
    expectNothingLeft(walk);
  });
});
