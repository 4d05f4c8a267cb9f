import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FakeFetch } from "../support/fake-ports.ts";
import { answering, hanging, WHOLE } from "./fake-origin.ts";
import { A, B, C, expectNothingLeft, type Walk, walkTo, whole } from "./walk.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const quick = answering(200, WHOLE);

/** Answers, or is cut meanwhile. */
const takes =
  (ms: number, then: FakeFetch): FakeFetch =>
  (url, init) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(then(url, init)), ms);
      init.signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(init.signal?.reason);
      });
    });

/** By host; a test may change its mind between two requests. */
function origins(first: Record<string, FakeFetch>) {
  let now = first;
  const fetch: FakeFetch = (url, init) => {
    const host = new URL(url).hostname.replace(".invalid", "");
    return (now[host] ?? quick)(url, init);
  };
  return {
    fetch,
    become(next: Record<string, FakeFetch>) {
      now = next;
    },
  };
}

interface Hedging extends Omit<Walk, "origin"> {
  readonly share?: number;
}

/** After twenty answers of 100 ms each it is known what is late. */
async function warmed({ share = 0.05, ...walk }: Hedging = {}) {
  const world = origins({ a: takes(100, quick), b: takes(100, quick) });
  const ports = { config: { hedgeShare: share } };
  const inference = { stream: false, ...walk.inference };
  const walked = walkTo({ ...walk, inference, origin: world.fetch, ports });
  for (let request = 0; request < 20; request++) await answered(walked, 100);
  return { walk: walked, world };
}

async function answered(walk: ReturnType<typeof walkTo>, passMs: number) {
  const { result, sending, failures } = await whole(walk, passMs);
  if ("answer" in result) result.release(null);
  return { target: "answer" in result ? result.target : null, attempts: sending.attempts, failures };
}

describe("a short whole request whose origin is late", () => {
  it("is answered by a second one, and the first is cut", async () => {
    const { walk, world } = await warmed();
    world.become({ a: hanging });
    const { target, attempts } = await answered(walk, 200);
    expect(target).toBe(B);
    expect(walk.hosts().slice(20)).toEqual(["a", "b"]);
    expect(attempts).toMatchObject([
      { origin: "a", error: "client_closed_request", status: null },
      { origin: "b", error: null },
    ]);
    expect(walk.fake.ports.health.get("a", A.model.id).whole.breaker.failuresInRow).toBe(0);
    expectNothingLeft(walk);
  });

  it("is answered by the first where that is sooner after all", async () => {
    const { walk, world } = await warmed();
    world.become({ a: takes(150, quick), b: takes(1_000, quick) });
    const { target, attempts } = await answered(walk, 300);
    expect(target).toBe(A);
    expect(attempts.map(({ origin, error }) => [origin, error])).toEqual([
      ["b", "client_closed_request"],
      ["a", null],
    ]);
    expectNothingLeft(walk);
  });

  it("is answered by whoever is left where one of the two fails", async () => {
    const { walk, world } = await warmed();
    world.become({ a: takes(250, quick), b: answering(500, "") });
    const { target, attempts } = await answered(walk, 400);
    expect(target).toBe(A);
    expect(attempts.map(({ error }) => error)).toEqual(["upstream_failed", null]);
    expectNothingLeft(walk);
  });

  it("is tried on where both fail", async () => {
    const { walk, world } = await warmed();
    const late = takes(200, answering(500, ""));
    world.become({ a: late, b: late });
    const { target, attempts } = await answered(walk, 1_000);
    expect(target).toBe(C);
    expect(attempts.map(({ origin }) => origin)).toEqual(["a", "b", "c"]);
    expectNothingLeft(walk);
  });

  it("leaves nothing behind when its caller leaves", async () => {
    const { walk, world } = await warmed();
    world.become({ a: hanging, b: hanging });
    const pending = whole(walk);
    await vi.advanceTimersByTimeAsync(150);
    expect(walk.hosts().slice(20)).toEqual(["a", "b"]);
    walk.caller.abort();
    expect(walk.fake.fetches.slice(20).map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect((await pending).failures?.at(-1)).toBe("client_closed_request");
    expectNothingLeft(walk);
  });
});

describe("nobody is asked twice", () => {
  const hangs = { a: takes(1_000, quick) };

  it.each<[string, Hedging]>([
    ["where hedging is off, as it is unless an operator sets it", { share: 0 }],
    ["for more than a few tokens", { outputLimit: () => 65 }],
    ["for several choices that are more than a few tokens together", { inference: { choices: 8 } }],
    [
      "for a long prompt",
      { inference: { prompt: { text: "", system: "", turns: 1, size: { bytes: 5_000, messages: 1 } } } },
    ],
    ["where there is one origin alone", { targets: [A] }],
  ])("%s", async (_, hedging) => {
    const { walk, world } = await warmed(hedging);
    world.become(hangs);
    expect((await answered(walk, 1_000)).target).toBe(A);
    expect(walk.hosts().slice(20)).toEqual(["a"]);
  });

  it("before twenty answers told what is late", async () => {
    const walk = walkTo({
      origin: takes(5_000, quick),
      inference: { stream: false },
      ports: { config: { hedgeShare: 0.05 } },
    });
    await answered(walk, 5_000);
    expect(walk.hosts()).toEqual(["a"]);
  });

  it("beyond the operator's share of the requests", async () => {
    const { walk, world } = await warmed();
    world.become(hangs);
    for (let request = 0; request < 5; request++) await answered(walk, 1_000);
    // Of 25 requests in these ten seconds one is a twentieth.
    expect(walk.hosts().filter((host) => host === "b")).toHaveLength(1);
  });
});
