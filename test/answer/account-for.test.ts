import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { accountForFailure, boundsOf, type Ending, endIdempotency } from "../../src/answer/account-for.ts";
import { RouterError } from "../../src/domain/errors.ts";
import type { ReservationId } from "../../src/domain/ids.ts";
import type { Inference } from "../../src/domain/inference.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";
import { usageFrom } from "../../src/usage/meter.ts";
import { sampleInference } from "../domain/sample-target.ts";
import { type FakeApply, fakePorts } from "../support/fake-ports.ts";
import { PLACE, sampleAccepted, TARGET } from "./sample-accepted.ts";

const KEYED = { idempotencyPlace: PLACE };
const STORED: Ending = {
  outcome: "ok",
  status: 200,
  code: null,
  target: TARGET,
  usage: NO_USAGE,
  costMicroUsd: 5,
  attempts: [],
  ttftMs: 1,
  isStored: true,
};

const done: FakeApply = async (commands) => commands.map(() => ({ ok: true }) as const) as never; // as the object answers
function failing(times: number): FakeApply {
  let left = times;
  return (commands, ref) =>
    left-- > 0 ? Promise.reject(new Error("the object broke")) : done(commands, ref);
}

describe("the end of an Idempotency-Key", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  /** Ends it, and says after how many milliseconds the answer may leave. */
  async function heldBackMs(apply: FakeApply) {
    const fake = fakePorts({ apply });
    const sinceMs = Date.now();
    const ended = endIdempotency(fake.ports, sampleAccepted(KEYED), STORED).then(() => Date.now() - sinceMs);
    await vi.runAllTimersAsync();
    return { fake, ms: await ended };
  }

  it("is told to the object once where it hears, before the answer leaves", async () => {
    const { fake, ms } = await heldBackMs(done);
    expect(ms).toBe(0);
    expect(fake.accountCalls.map(({ commands }) => commands)).toEqual([
      [
        {
          kind: "end-idempotency",
          requestId: "req_0000000000000000000001",
          end: { place: PLACE, end: "stored", jurisdiction: "eu" },
        },
      ],
    ]);
  });

  it.each([
    [1, 100],
    [2, 500],
    [3, 2_100],
    [4, 8_500],
  ])(
    "is told again after %d lost calls, through new stubs, and the answer waits %d ms",
    async (lost, waited) => {
      const { fake, ms } = await heldBackMs(failing(lost));
      expect(fake.stubs).toHaveLength(lost + 1);
      expect(ms).toBe(waited);
      expect(fake.logs).toEqual([]);
    },
  );

  it("is given up like a settlement, and said to be lost", async () => {
    const { fake, ms } = await heldBackMs(failing(99));
    expect(fake.stubs).toHaveLength(5);
    expect(ms).toBeLessThanOrEqual(10_000);
    expect(fake.logs).toMatchObject([{ event: "command-lost", kind: "end-idempotency" }]);
  });

  it("does not keep the answer for ever where the object hangs, and is still told behind it", async () => {
    const release: (() => void)[] = [];
    const hanging: FakeApply = (commands, ref) =>
      new Promise((resolve) => release.push(() => resolve(done(commands, ref))));
    const { fake, ms } = await heldBackMs(hanging);
    expect(ms).toBe(10_000);
    for (const each of release) each();
    await fake.settled();
    expect(fake.logs).toEqual([]);
  });

  it("is nobody's business without a key: no call, no wait", async () => {
    const fake = fakePorts();
    await endIdempotency(fake.ports, sampleAccepted({ idempotencyPlace: null }), STORED);
    expect(fake.stubs).toEqual([]);
  });

  it("frees the key of a request that failed before its error leaves", async () => {
    const fake = fakePorts({ apply: failing(1) });
    const error = new RouterError("upstream_failed", "No.");
    const failed = accountForFailure(fake.ports, sampleAccepted(KEYED), {
      error,
      attempts: [],
      target: null,
    });
    await vi.runAllTimersAsync();
    await failed;
    const kinds = fake.accountCalls.flatMap(({ commands }) => commands.map(({ kind }) => kind));
    expect(kinds.filter((kind) => kind === "end-idempotency")).toHaveLength(2);
    expect(fake.accountCalls.flatMap(({ commands }) => commands)).toContainEqual({
      kind: "end-idempotency",
      requestId: "req_0000000000000000000001",
      end: { place: PLACE, end: "failed" },
    });
  });
});

describe("what a request could have used", () => {
  const boundsWith = (fields: Partial<Inference>, heldMicroUsd = 1_000_000, tookMs = 0) => {
    const reservation = { id: 1 as ReservationId, heldMicroUsd, leaseMs: 60_000 };
    const inference = sampleInference(fields);
    const accepted = sampleAccepted({ inference, reservation });
    return boundsOf(accepted, TARGET, accepted.clock.admittedAtMs + tookMs);
  };
  const size = (messages: number) => ({
    prompt: { text: "", system: "", turns: 1, size: { bytes: 30, messages } },
  });

  it("is one context of input, however many messages its one prompt has", () => {
    expect(boundsWith(size(50)).maxInputTokens).toBe(1_000);
  });

  it("is a context for each of several inputs", () => {
    expect(boundsWith({ ...size(50), inputs: 3 }).maxInputTokens).toBe(3_000);
  });

  it("is no more input than the prompt has bytes, and what a template may write around it", () => {
    const [short, long] = [1, 2].map(
      (messages) => boundsWith({ ...size(messages), inputs: 100 }).maxInputTokens,
    );
    expect(short).toBe(30 + 64 + 1_024);
    expect(long).toBe(30 + 128 + 1_024);
    expect(boundsWith({ ...size(1), inputs: 100, needs: ["vision"] }).maxInputTokens).toBe(100_000);
  });

  it("is the output that the origin was allowed, for each choice", () => {
    expect(boundsWith({ maxOutputTokens: 50, choices: 2 }).maxOutputTokens).toBe(100);
    expect(boundsWith({ maxOutputTokens: 5_000 }).maxOutputTokens).toBe(200);
    expect(boundsWith({ choices: 0 }).maxOutputTokens).toBe(0);
  });

  it("is no more output than the hold pays for where the caller set no limit", () => {
    // Ten tokens of the prompt's text, eight of its template, at 0.06; the rest buys output at 0.24.
    const paid = Math.floor((10 - 18 * 0.06) / 0.24);
    expect(boundsWith(size(1), 10).maxOutputTokens).toBe(paid);
  });

  it("is the GPU time of its own time on eight cards, and what clocks round", () => {
    expect(boundsWith({}, 1_000_000, 8).maxGpuMs).toBe(8 * 8 + 10);
    expect(boundsWith({}, 1_000_000, -5).maxGpuMs).toBe(10);
  });

  it("is what an absurd claim is cut to, marked as estimated", () => {
    const report = { inputTokens: 40_000, cachedInputTokens: 0, outputTokens: 9_999, gpuMs: 0 };
    const usage = usageFrom(report, 3, boundsWith({ ...size(40), maxOutputTokens: 50 }));
    expect(usage).toEqual({
      inputTokens: 1_000,
      cachedInputTokens: 0,
      outputTokens: 50,
      gpuMs: 0,
      estimated: true,
    });
  });
});
