import { describe, expect, it } from "vitest";
import {
  type Ask,
  atOnce,
  free,
  type LimitState,
  limitState,
  limitsLeft,
  overLimit,
  overRate,
  restoreLimits,
  snapshotLimits,
  take,
} from "../../src/admission/limits.ts";
import type { KeyId, ReservationId } from "../../src/domain/ids.ts";
import type { Limits } from "../../src/domain/plan.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const LEASE_MS = 60_000;
const MS_PER_HOUR = 3_600_000;
const UNLIMITED: Limits = { rpm: null, tpm: null, concurrency: null, gpuHours: null };
const KEY = "key_1" as KeyId;

const ask = (fields: Partial<Ask> = {}): Ask => ({
  keyId: KEY,
  keyRpm: null,
  tokens: 10,
  gpuMs: 0,
  nowMs: NOW_MS,
  ...fields,
});
const idOf = (n: number) => n as ReservationId;
const used = (tokens: number, gpuMs = 0, nowMs = NOW_MS) => ({ used: { tokens, gpuMs }, nowMs });

let lastId = 0;

/** Counts one where it fits. */
function letIn(state: LimitState, limits: Limits, fields: Partial<Ask> = {}): ReservationId | null {
  const asked = ask(fields);
  if (overLimit(state, limits, asked) !== null) return null;
  const id = idOf(++lastId);
  take(state, id, asked);
  return id;
}

describe("a request that fits every limit", () => {
  it("is let in where nothing is limited", () => {
    const state = limitState();
    for (let n = 0; n < 1_000; n++)
      expect(letIn(state, UNLIMITED, { tokens: 1e9, gpuMs: 1e9 })).not.toBeNull();
    expect(limitsLeft(state, UNLIMITED, ask())).toEqual({});
  });

  it("is counted in all of them at once", () => {
    const state = limitState();
    const limits: Limits = { rpm: 5, tpm: 100, concurrency: 3, gpuHours: 1 };
    letIn(state, limits, { tokens: 30, gpuMs: 1_000 });
    expect(limitsLeft(state, limits, ask())).toEqual({
      requests: { limit: 5, remaining: 4, resetMs: 61_000 },
      tokens: { limit: 100, remaining: 70, resetMs: 61_000 },
    });
    expect(atOnce(state, NOW_MS)).toBe(1);
    expect(state.gpuHeldMs).toBe(1_000);
  });

  it("that only asks a question takes a request and nothing else", () => {
    const state = limitState();
    take(state, null, ask({ tokens: 50, gpuMs: 50 }));
    const left = limitsLeft(state, { ...UNLIMITED, rpm: 5, tpm: 100 }, ask());
    expect([left.requests?.remaining, left.tokens?.remaining]).toEqual([4, 100]);
    expect([atOnce(state, NOW_MS), state.gpuHeldMs]).toEqual([0, 0]);
  });
});

describe("a refused request", () => {
  it.each<[string, Partial<Limits>, Partial<Ask>]>([
    ["rate_limit_exceeded", { rpm: 1 }, {}],
    ["rate_limit_exceeded", {}, { keyRpm: 1 }],
    ["tokens_exceeded", { tpm: 15 }, {}],
    ["concurrency_exceeded", { concurrency: 1 }, {}],
    ["gpu_quota_exceeded", { gpuHours: 0.001 }, { gpuMs: 3_000 }],
  ])("says %s, and none of the other limits has counted it", (code, limited, fields) => {
    const state = limitState();
    const limits = { ...UNLIMITED, rpm: 100, tpm: 1_000, ...limited };
    letIn(state, limits, fields);
    const before = snapshotLimits(state, NOW_MS);
    const left = limitsLeft(state, limits, ask(fields));
    const over = overLimit(state, limits, ask(fields));
    expect(over).toMatchObject({ code });
    expect(over?.retryAfterMs).toBeGreaterThan(0);
    expect(limitsLeft(state, limits, ask(fields))).toEqual(left);
    expect(snapshotLimits(state, NOW_MS)).toEqual(before);
  });

  it("is told of the limit that frees last: to wait for another would be in vain", () => {
    const state = limitState();
    const limits: Limits = { rpm: 1, tpm: 10, concurrency: 1, gpuHours: 0.001 };
    letIn(state, limits, { gpuMs: 3_000, nowMs: NOW_MS });
    const codes = (fields: Partial<Limits>, later: Partial<Ask> = {}) =>
      overLimit(state, { ...limits, ...fields }, ask({ nowMs: NOW_MS + 5_000, gpuMs: 3_000, ...later }))
        ?.code;
    expect(codes({})).toBe("gpu_quota_exceeded");
    expect(codes({ gpuHours: null })).toBe("rate_limit_exceeded");
    expect(codes({ gpuHours: null, rpm: null })).toBe("tokens_exceeded");
    expect(codes({ gpuHours: null, rpm: null, tpm: null })).toBe("concurrency_exceeded");
  });

  it("is told of the key's own limit where that frees later than the account's", () => {
    const state = limitState();
    const limits = { ...UNLIMITED, rpm: 2 };
    letIn(state, limits, { keyId: "key_other" as KeyId });
    letIn(state, limits, { keyRpm: 1, nowMs: NOW_MS + 20_000 });
    const nowMs = NOW_MS + 30_000;
    const ofKey = overLimit(state, limits, ask({ keyRpm: 1, nowMs }));
    expect(ofKey).toMatchObject({ message: expect.stringContaining("This key's limit of 1 ") });
    expect(ofKey?.retryAfterMs).toBe(51_000);
    const ofAccount = overLimit(state, limits, ask({ keyId: "key_other" as KeyId, nowMs }));
    expect(ofAccount).toMatchObject({ message: expect.stringContaining("The account's limit of 2 ") });
    expect(ofAccount?.retryAfterMs).toBe(31_000);
  });

  it("names a time to come back even where the limit is nothing at all", () => {
    for (const limited of [{ rpm: 0 }, { tpm: 0 }, { concurrency: 0 }, { gpuHours: 0 }]) {
      const over = overLimit(limitState(), { ...UNLIMITED, ...limited }, ask({ gpuMs: 1 }));
      expect(over?.retryAfterMs).toBeGreaterThanOrEqual(1_000);
    }
  });
});

describe("a question", () => {
  const limits: Limits = { rpm: 2, tpm: 10, concurrency: 1, gpuHours: 0.001 };

  it("meets the requests per minute and no other limit", () => {
    const state = limitState();
    letIn(state, limits, { gpuMs: 3_000 });
    expect(overLimit(state, { ...limits, rpm: null }, ask({ gpuMs: 3_000 }))).not.toBeNull();
    expect(overRate(state, limits, ask())).toBeNull();
    take(state, null, ask());
    expect(overRate(state, limits, ask())).toMatchObject({ code: "rate_limit_exceeded" });
  });

  it("is told of the account's limit or its key's, whichever frees last", () => {
    const state = limitState();
    take(state, null, ask());
    take(state, null, ask({ keyRpm: 1, nowMs: NOW_MS + 20_000 }));
    const over = overRate(state, limits, ask({ keyRpm: 1, nowMs: NOW_MS + 30_000 }));
    expect(over).toMatchObject({
      message: expect.stringContaining("This key's limit of 1 "),
      retryAfterMs: 51_000,
    });
  });
});

describe("tokens", () => {
  const limits = { ...UNLIMITED, tpm: 100 };

  it("are counted as asked until the request ends, then as used", () => {
    const state = limitState();
    const id = letIn(state, limits, { tokens: 90 });
    expect(letIn(state, limits, { tokens: 20 })).toBeNull();
    free(state, id as ReservationId, used(30));
    expect(limitsLeft(state, limits, ask()).tokens?.remaining).toBe(70);
    expect(letIn(state, limits, { tokens: 70 })).not.toBeNull();
  });

  it("that were used beyond what was asked count too, in the minute of their admission", () => {
    const state = limitState();
    const id = letIn(state, limits, { tokens: 10 });
    free(state, id as ReservationId, used(95, 0, NOW_MS + 30_000));
    expect(letIn(state, limits, { tokens: 10, nowMs: NOW_MS + 30_000 })).toBeNull();
    expect(letIn(state, limits, { tokens: 10, nowMs: NOW_MS + 61_000 })).not.toBeNull();
  });

  it("of a request that outlived its minute are not counted again when it ends", () => {
    const state = limitState();
    const id = letIn(state, limits, { tokens: 90 });
    const laterMs = NOW_MS + 120_000;
    letIn(state, limits, { tokens: 50, nowMs: laterMs });
    free(state, id as ReservationId, used(90, 0, laterMs));
    expect(limitsLeft(state, limits, ask({ nowMs: laterMs })).tokens?.remaining).toBe(50);
  });

  it("beyond the limit in one request are let in when nothing else was used for a minute", () => {
    const state = limitState();
    expect(letIn(state, limits, { tokens: 150 })).not.toBeNull();
    expect(letIn(state, limits, { tokens: 0 })).toBeNull();
    expect(letIn(state, limits, { tokens: 150, nowMs: NOW_MS + 60_999 })).toBeNull();
    expect(letIn(state, limits, { tokens: 150, nowMs: NOW_MS + 61_000 })).not.toBeNull();
  });
});

describe("requests at once", () => {
  const limits = { ...UNLIMITED, concurrency: 2 };

  it("are as many as the limit, and one more for each that ends", () => {
    const state = limitState();
    const first = letIn(state, limits);
    letIn(state, limits);
    expect(letIn(state, limits)).toBeNull();
    free(state, first as ReservationId, used(1));
    expect(letIn(state, limits)).not.toBeNull();
    expect(letIn(state, limits)).toBeNull();
  });

  it("are not fewer because one ended twice", () => {
    const state = limitState();
    const first = letIn(state, limits);
    letIn(state, limits);
    free(state, first as ReservationId, used(1));
    free(state, first as ReservationId, used(1));
    expect(atOnce(state, NOW_MS)).toBe(1);
  });
});

describe("GPU time", () => {
  const limits = { ...UNLIMITED, gpuHours: 1 };

  it("is held as asked and counted as used", () => {
    const state = limitState();
    const id = letIn(state, limits, { gpuMs: MS_PER_HOUR });
    expect(letIn(state, limits, { gpuMs: 1 })).toBeNull();
    free(state, id as ReservationId, used(0, MS_PER_HOUR / 2));
    expect(letIn(state, limits, { gpuMs: MS_PER_HOUR / 2 })).not.toBeNull();
    expect(letIn(state, limits, { gpuMs: 1 })).toBeNull();
  });

  it("of token-priced models, which ask for none, counts when they end", () => {
    const state = limitState();
    const id = letIn(state, limits);
    free(state, id as ReservationId, used(5, MS_PER_HOUR));
    expect(letIn(state, limits)).not.toBeNull();
    expect(letIn(state, limits, { gpuMs: 1 })).toBeNull();
  });

  it("begins anew with the month, at midnight UTC; until then it says how long", () => {
    const state = limitState();
    const lastMs = Date.UTC(2026, 11, 31, 23, 59, 59);
    const id = letIn(state, limits, { nowMs: lastMs });
    free(state, id as ReservationId, used(0, MS_PER_HOUR, lastMs));
    expect(overLimit(state, limits, ask({ gpuMs: 1, nowMs: lastMs }))).toMatchObject({
      code: "gpu_quota_exceeded",
      retryAfterMs: 1_000,
    });
    expect(letIn(state, limits, { gpuMs: MS_PER_HOUR, nowMs: lastMs + 1_000 })).not.toBeNull();
  });

  it("of a request that runs over the turn of the month counts in the new one", () => {
    const state = limitState();
    const lastMs = Date.UTC(2026, 10, 30, 23, 59, 59);
    const id = letIn(state, limits, { gpuMs: 1_000, nowMs: lastMs });
    free(state, id as ReservationId, used(0, MS_PER_HOUR, lastMs + 2_000));
    expect(letIn(state, limits, { gpuMs: 1, nowMs: lastMs + 2_000 })).toBeNull();
    expect(state.gpuHeldMs).toBe(0);
  });
});

describe("a key's own limit", () => {
  it("counts that key alone", () => {
    const state = limitState();
    expect(letIn(state, UNLIMITED, { keyRpm: 1 })).not.toBeNull();
    expect(letIn(state, UNLIMITED, { keyRpm: 1 })).toBeNull();
    expect(letIn(state, UNLIMITED, { keyRpm: 1, keyId: "key_2" as KeyId })).not.toBeNull();
    expect(letIn(state, UNLIMITED, { keyRpm: null })).not.toBeNull();
  });

  it("is what its callers are shown where it leaves fewer than the account's", () => {
    const state = limitState();
    const limits = { ...UNLIMITED, rpm: 10 };
    take(state, idOf(1), ask({ keyRpm: 3 }));
    const shown = (fields: Partial<Ask>) => limitsLeft(state, limits, ask(fields)).requests;
    expect(shown({ keyRpm: 3 })).toMatchObject({ limit: 3, remaining: 2 });
    expect(shown({ keyRpm: null })).toMatchObject({ limit: 10, remaining: 9 });
    expect(shown({ keyRpm: 50 })).toMatchObject({ limit: 10, remaining: 9 });
    expect(limitsLeft(state, UNLIMITED, ask({ keyRpm: 3 })).requests).toMatchObject({ limit: 3 });
  });
});

describe("after a restart", () => {
  const limits: Limits = { rpm: 10, tpm: 1_000, concurrency: 3, gpuHours: null };
  /** As storage gives it back. */
  const saved = (state: LimitState, nowMs: number) => structuredClone(snapshotLimits(state, nowMs));

  it("the minute's requests and tokens go on as if nothing had happened, a key's own too", () => {
    const state = limitState();
    for (let n = 0; n < 3; n++) letIn(state, { ...UNLIMITED, rpm: 10 }, { tokens: 100, keyRpm: 4 });
    const back = restoreLimits(saved(state, NOW_MS), [], LEASE_MS);
    const laterMs = NOW_MS + 30_000;
    expect(limitsLeft(back, limits, ask({ nowMs: laterMs }))).toEqual(
      limitsLeft(state, limits, ask({ nowMs: laterMs })),
    );
    expect(letIn(back, UNLIMITED, { keyRpm: 4, nowMs: laterMs })).not.toBeNull();
    expect(letIn(back, UNLIMITED, { keyRpm: 4, nowMs: laterMs })).toBeNull();
  });

  it("requests that nobody knows by name hold their place for one lease and no longer", () => {
    const state = limitState();
    for (let n = 0; n < 3; n++) letIn(state, limits);
    const back = restoreLimits(saved(state, NOW_MS), [], LEASE_MS);
    expect(letIn(back, limits, { nowMs: NOW_MS + LEASE_MS - 1 })).toBeNull();
    expect(letIn(back, limits, { nowMs: NOW_MS + LEASE_MS })).not.toBeNull();
  });

  it("each of them that ends frees its place", () => {
    const state = limitState();
    const ids = [1, 2, 3].map(() => letIn(state, limits));
    const back = restoreLimits(saved(state, NOW_MS), [], LEASE_MS);
    free(back, ids[0] as ReservationId, used(1));
    expect(atOnce(back, NOW_MS)).toBe(2);
    for (const id of [ids[1], ids[2], idOf(99)]) free(back, id as ReservationId, used(1));
    expect(atOnce(back, NOW_MS)).toBe(0);
  });

  it("those whose reservation was durable are known by name: they stay beyond the lease, and free one place", () => {
    const state = limitState();
    const ids = [1, 2].map(() => letIn(state, limits, { tokens: 100 }));
    const [renewed, short] = ids as [ReservationId, ReservationId];
    const back = restoreLimits(saved(state, NOW_MS), [renewed], LEASE_MS);
    expect(atOnce(back, NOW_MS)).toBe(2);
    expect(atOnce(back, NOW_MS + LEASE_MS)).toBe(1);
    free(back, renewed, used(50));
    free(back, short, used(50));
    expect(atOnce(back, NOW_MS)).toBe(0);
  });

  it("a ghost does not live longer because the object restarts again and again", () => {
    const state = limitState();
    letIn(state, limits);
    let back = restoreLimits(saved(state, NOW_MS), [], LEASE_MS);
    for (let second = 5; second < 60; second += 5) {
      back = restoreLimits(saved(back, NOW_MS + second * 1_000), [], LEASE_MS);
      expect(atOnce(back, NOW_MS + second * 1_000)).toBe(1);
    }
    expect(atOnce(back, NOW_MS + LEASE_MS)).toBe(0);
    back = restoreLimits(saved(back, NOW_MS + LEASE_MS), [], LEASE_MS);
    expect(atOnce(back, NOW_MS + LEASE_MS)).toBe(0);
  });

  it("a key that rests is not kept", () => {
    const state = limitState();
    letIn(state, UNLIMITED, { keyRpm: 4 });
    expect(saved(state, NOW_MS).perKey).toHaveLength(1);
    expect(saved(state, NOW_MS + 61_000).perKey).toHaveLength(0);
  });
});
