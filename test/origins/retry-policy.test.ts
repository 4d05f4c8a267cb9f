import { describe, expect, it } from "vitest";
import type { Failure } from "../../src/domain/frame.ts";
import { attemptOrder, backoffMs, errorOf, isWorthTrying, lastWord } from "../../src/origins/retry-policy.ts";
import { sampleRoute, sampleTarget } from "../domain/sample-target.ts";

const target = (id: string) => sampleTarget({ origin: { id } });
const [A, B, C, D] = [target("a"), target("b"), target("c"), target("d")];
const failure = (fields: Partial<Failure>): Failure => ({
  code: "upstream_failed",
  message: "It failed.",
  isRetryable: true,
  status: null,
  retryAfterMs: null,
  ...fields,
});

describe("the order of attempts", () => {
  it("is the route's, three at most", () => {
    expect(attemptOrder(sampleRoute([A, B, C, D]))).toEqual([A, B, C]);
  });

  it("begins again where the route is short", () => {
    expect(attemptOrder(sampleRoute([A]))).toEqual([A, A, A]);
    expect(attemptOrder(sampleRoute([A, B]))).toEqual([A, B, A]);
  });

  it("is the first alone without fallback", () => {
    expect(attemptOrder(sampleRoute([A, B], { fallback: false }))).toEqual([A]);
  });

  it("of no targets is none", () => expect(attemptOrder(sampleRoute([]))).toEqual([]));
});

describe("the same target again", () => {
  it.each(["upstream_failed", "upstream_disconnected"] as const)("is worth it after %s", (code) => {
    expect(isWorthTrying(A, new Map([[A, failure({ code })]]))).toBe(true);
  });

  it.each(["overloaded", "model_loading", "upstream_timeout"] as const)("is not after %s", (code) => {
    expect(isWorthTrying(A, new Map([[A, failure({ code })]]))).toBe(false);
    expect(isWorthTrying(B, new Map([[A, failure({ code })]]))).toBe(true);
  });

  it("waits 50 to 250 ms by the dice; another one does not wait", () => {
    const failedAt = new Map([[A, failure({})]]);
    expect([0, 0.5, 1].map((dice) => backoffMs(A, failedAt, dice))).toEqual([50, 150, 250]);
    expect(backoffMs(B, failedAt, 1)).toBe(0);
  });
});

describe("the last word", () => {
  it("is the last failure's, with its time and parameter", () => {
    const failures = [
      failure({}),
      failure({ code: "invalid_value", message: "No.", param: "n", retryAfterMs: 5 }),
    ];
    expect(lastWord(sampleRoute([A]), failures)).toMatchObject({
      code: "invalid_value",
      message: "No.",
      details: { param: "n", retryAfterMs: 5 },
    });
  });

  it("is that a model is loading, where one is: that is what helps", () => {
    const failures = [
      failure({ code: "model_loading", retryAfterMs: 9_000 }),
      failure({ code: "overloaded" }),
    ];
    expect(lastWord(sampleRoute([A]), failures)).toMatchObject({
      code: "model_loading",
      details: { retryAfterMs: 9_000 },
    });
  });

  it("is region_unavailable where nobody in the pinned region can be reached", () => {
    const pinned = sampleRoute([A], { pinnedRegion: "eu-west" });
    expect(lastWord(pinned, [failure({}), failure({})])).toMatchObject({
      code: "region_unavailable",
      status: 503,
    });
    expect(lastWord(pinned, [failure({}), failure({ status: 500 })]).code).toBe("upstream_failed");
    expect(lastWord(sampleRoute([A]), [failure({})]).code).toBe("upstream_failed");
  });

  it("is overloaded where nobody was even asked", () => {
    expect(lastWord(sampleRoute([A]), [])).toMatchObject({
      code: "overloaded",
      details: { retryAfterMs: 1_000 },
    });
  });
});

describe("errorOf", () => {
  it("leaves out what there is not", () => expect(errorOf(failure({})).details).toEqual({}));
});
