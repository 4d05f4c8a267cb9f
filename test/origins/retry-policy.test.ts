import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Target } from "../../src/domain/catalog.ts";
import type { Failure } from "../../src/domain/frame.ts";
import {
  attemptOrder,
  backoffMs,
  errorOf,
  lastWord,
  mostTries,
  nextStep,
  type Progress,
} from "../../src/origins/retry-policy.ts";
import { sampleRoute, sampleTarget } from "../domain/sample-target.ts";

const target = (id: string, model = "first") => sampleTarget({ model: { id: model }, origin: { id } });
const [A, B, C, D] = [target("a"), target("b"), target("c"), target("d")];
const [X, Y, Z] = [target("x", "second"), target("y", "second"), target("z", "third")];
const failure = (fields: Partial<Failure>): Failure => ({
  code: "upstream_failed",
  message: "It failed.",
  isRetryable: true,
  status: null,
  retryAfterMs: null,
  ...fields,
});

describe("the order of attempts", () => {
  it("is the route's", () => expect(attemptOrder(sampleRoute([A, B, C, D]))).toEqual([A, B, C, D]));

  it("is two of the first model, one of each other, then the rest", () => {
    expect(attemptOrder(sampleRoute([A, B, C, X, Y, Z]))).toEqual([A, B, X, Z, C, Y]);
  });

  it("is the first alone without fallback", () => {
    expect(attemptOrder(sampleRoute([A, B], { fallback: false }))).toEqual([A]);
  });

  it("of no targets is none", () => expect(attemptOrder(sampleRoute([]))).toEqual([]));

  it("holds every target once, whatever the route", () => {
    const routes = fc.uniqueArray(fc.constantFrom(A, B, C, D, X, Y, Z));
    fc.assert(
      fc.property(routes, (targets) => {
        const order = attemptOrder(sampleRoute(targets));
        expect(new Set(order)).toEqual(new Set(targets));
        expect(order).toHaveLength(targets.length);
        expect(order[0]).toBe(targets[0]);
      }),
    );
  });
});

describe("the number of tries", () => {
  it("is three, one without fallback, and enough for every model of a list, six at most", () => {
    expect(mostTries(sampleRoute([A, B, C, D]))).toBe(3);
    expect(mostTries(sampleRoute([A, B], { fallback: false }))).toBe(1);
    expect(mostTries(sampleRoute([A, X, Z]))).toBe(4);
    expect(mostTries(sampleRoute([A, X, Z], { isSmart: true }))).toBe(3);
    expect(mostTries(sampleRoute("abcdefgh".split("").map((id) => target(id, id))))).toBe(6);
  });
});

describe("the next step", () => {
  const stand = (fields: Partial<Progress> = {}): Progress => ({
    open: [A, B, C],
    failed: new Map([[A, failure({})]]),
    tries: 1,
    waitedMs: 0,
    leftMs: 60_000,
    coldLeftMs: 0,
    ...fields,
  });
  const busy = (retryAfterMs: number) => failure({ code: "overloaded", status: 429, retryAfterMs });
  const cold = failure({ code: "model_loading", status: 503, retryAfterMs: 5_000 });
  const route = sampleRoute([A, B, C]);
  const lone = (one: Failure, fields: Partial<Progress> = {}) =>
    nextStep(sampleRoute([A]), stand({ open: [A], failed: new Map([[A, one]]), ...fields }), 0.5);

  it("is another target, at once", () => {
    expect(nextStep(route, stand(), 0.5)).toEqual({ target: B, waitMs: 0, purpose: "answer" });
  });

  it("is none when the tries are used up", () =>
    expect(nextStep(route, stand({ tries: 3 }), 0.5)).toBeNull());

  it.each(["upstream_failed", "upstream_disconnected"] as const)("is the same again after %s", (code) => {
    expect([0, 0.5, 0.999].map((dice) => backoffMs(failure({ code }), dice))).toEqual([50, 150, 250]);
    expect(lone(failure({ code }))).toEqual({ target: A, waitMs: 150, purpose: "answer" });
  });

  it("is none where asking again helps nobody", () => {
    expect(lone(failure({ code: "upstream_timeout" }))).toBeNull();
    expect(lone(cold)).toBeNull();
  });

  it("waits for a busy origin as it says, two seconds a walk at most", () => {
    expect(lone(busy(0))).toMatchObject({ waitMs: 150 });
    expect(lone(busy(1_500))).toMatchObject({ waitMs: 1_650 });
    expect(lone(busy(1_500), { waitedMs: 400 })).toBeNull();
    expect(lone(busy(86_400_000))).toBeNull();
  });

  it("never waits beyond the deadline", () => {
    expect(lone(busy(1_000), { leftMs: 1_150 })).toBeNull();
    expect(lone(cold, { coldLeftMs: 60_000, leftMs: 3_000 })).toBeNull();
  });

  it("is whoever must be waited for least", () => {
    const failed = new Map([
      [A, busy(1_000)],
      [B, busy(200)],
      [C, failure({ code: "upstream_timeout" })],
    ]);
    expect(nextStep(route, stand({ failed, tries: 2 }), 0.5)).toMatchObject({ target: B, waitMs: 350 });
  });

  it("is the cold model again while the caller waits, and costs no try", () => {
    expect(lone(cold, { coldLeftMs: 60_000, tries: 3 })).toEqual({
      target: A,
      waitMs: 3_300,
      purpose: "cold",
    });
    expect(lone(cold, { coldLeftMs: 1_000 })).toMatchObject({ waitMs: 1_000 });
    expect(lone({ ...cold, retryAfterMs: 1 }, { coldLeftMs: 60_000 })).toMatchObject({ waitMs: 550 });
  });

  it("asks each of several cold origins at its own pace, whoever was asked longest ago first", () => {
    const failed = new Map([
      [B, cold],
      [A, cold],
    ]);
    const step = nextStep(route, stand({ failed, tries: 3, coldLeftMs: 60_000 }), 0.5);
    expect(step).toEqual({ target: B, waitMs: 1_650, purpose: "cold" });
  });

  it("ends every walk within its deadline and its tries, whatever fails", () => {
    const codes = fc.constantFrom(
      "upstream_failed",
      "overloaded",
      "model_loading",
      "upstream_timeout" as const,
    );
    const failures = fc.array(fc.record({ code: codes, retryAfterMs: fc.option(fc.nat(5_000)) }), {
      minLength: 400,
      maxLength: 400,
    });
    fc.assert(
      fc.property(
        failures,
        fc.nat(120_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (list, waitMs, dice) => {
          const failed = new Map<Target, Failure>();
          let [tries, waitedMs, nowMs, steps] = [0, 0, 0, 0];
          for (const fields of list) {
            const coldLeftMs = Math.max(0, waitMs - nowMs);
            const progress = { open: [A, B, X], failed, tries, waitedMs, leftMs: 90_000 - nowMs, coldLeftMs };
            const step = nextStep(sampleRoute([A, B, X]), progress, dice);
            if (step === null) break;
            nowMs += step.waitMs;
            if (step.purpose === "answer") [tries, waitedMs] = [tries + 1, waitedMs + step.waitMs];
            failed.delete(step.target);
            failed.set(step.target, failure(fields));
            steps++;
          }
          expect(tries).toBeLessThanOrEqual(3);
          expect(waitedMs).toBeLessThanOrEqual(2_000);
          expect(nowMs).toBeLessThan(90_000);
          expect(steps).toBeLessThan(250);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("the last word", () => {
  it("is the last failure's, with its time and parameter", () => {
    const failures = [
      failure({}),
      failure({ code: "invalid_value", status: 400, message: "No.", param: "n", retryAfterMs: 5 }),
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

  it("says the shortest of the waits that were told: one origin is enough for the next request", () => {
    const failures = [9_000, 4_000].map((retryAfterMs) => failure({ code: "overloaded", retryAfterMs }));
    expect(lastWord(sampleRoute([A, B]), failures).details.retryAfterMs).toBe(4_000);
  });

  it("is not that a model is loading to a caller who left or whose time is over", () => {
    const failures = [
      failure({ code: "model_loading" }),
      failure({ code: "upstream_timeout", isRetryable: false }),
    ];
    expect(lastWord(sampleRoute([A, B]), failures).code).toBe("upstream_timeout");
  });

  it("is not that of a kind without words for the request, where somebody was asked", () => {
    const wordless = failure({ code: "invalid_value", status: null });
    const broken = failure({ code: "upstream_failed", status: 500 });
    expect(lastWord(sampleRoute([A, B]), [broken, wordless]).code).toBe("upstream_failed");
    expect(lastWord(sampleRoute([A]), [wordless]).code).toBe("invalid_value");
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
