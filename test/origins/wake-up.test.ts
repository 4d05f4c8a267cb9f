import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RequestId } from "../../src/domain/ids.ts";
import { wakeUp } from "../../src/origins/wake-up.ts";
import { sampleInference, sampleRoute } from "../domain/sample-target.ts";
import { type FakeFetch, fakePorts } from "../support/fake-ports.ts";
import { answering, hanging, refused, WHOLE } from "./fake-origin.ts";
import { A, B } from "./walk.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  // What leaves behind an answer may still be on its way; nothing may go on for ever.
  await vi.advanceTimersByTimeAsync(1_000);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const LOADING = answering(503, '{"error":"loading","estimated_time":20}');

function asleep(origin: FakeFetch) {
  const caller = new AbortController();
  const fake = fakePorts({ fetch: origin, callerGone: caller.signal });
  const order = {
    inference: sampleInference({ stream: false, waitMs: 60_000 }),
    route: sampleRoute([A, B]),
    requestId: "req_1" as RequestId,
  };
  const wake = () => wakeUp(fake.ports, order);
  const health = () => fake.ports.health.get(A.origin.id, A.model.id);
  return { fake, caller, wake, health };
}

describe("waking a model", () => {
  it("asks the best target, and it alone, for one token", async () => {
    const { fake, wake, health } = asleep(LOADING);
    await wake();
    expect(fake.fetches.map(({ url }) => new URL(url).hostname)).toEqual(["a.invalid"]);
    expect(fake.fetches[0]?.body).toMatchObject({ max_tokens: 1 });
    expect(health()).toMatchObject({ loadingUntilMs: Date.now() + 20_000, inFlight: 0 });
  });

  it("is done once, however many want it, until the origin's own time is over", async () => {
    const { fake, wake } = asleep(LOADING);
    for (let caller = 0; caller < 5; caller++) await wake();
    expect(fake.fetches).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(20_000);
    await wake();
    expect(fake.fetches).toHaveLength(2);
  });

  it("is not needed for a minute after a good answer", async () => {
    const { fake, wake, health } = asleep(answering(200, WHOLE));
    await wake();
    await wake();
    expect(fake.fetches).toHaveLength(1);
    expect(health()).toMatchObject({ inFlight: 0 });
    await vi.advanceTimersByTimeAsync(60_000);
    await wake();
    expect(fake.fetches).toHaveLength(2);
  });

  it("goes on without whoever asked for it, and ends before the platform would end it", async () => {
    const { fake, caller, wake } = asleep(hanging);
    const waking = wake();
    caller.abort();
    await vi.advanceTimersByTimeAsync(24_999);
    expect(fake.fetches[0]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(fake.fetches[0]?.signal.aborted).toBe(true);
    await waking;
  });

  it("fails without a word where nobody is there", async () => {
    const { wake } = asleep(refused);
    await expect(wake()).resolves.toBeUndefined();
  });
});
