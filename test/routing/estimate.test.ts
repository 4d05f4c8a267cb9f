import { describe, expect, it } from "vitest";
import type { Target } from "../../src/domain/catalog.ts";
import type { Profile } from "../../src/domain/route.ts";
import { estimateModel, estimateTime, type Surroundings } from "../../src/routing/estimate.ts";
import { EU, healthBoard, LARGE, model, NOW_MS, origin, priced, SMALL, SUSPECT, US } from "./fixtures.ts";

const PROFILE: Profile = {
  task: "open_qa",
  group: "qa",
  complexity: "medium",
  confidence: 0.8,
  language: "en",
  needs: [],
  inputTokens: 1_000,
  expectedOutputTokens: 500,
};

function around(changes: Partial<Surroundings> = {}): Surroundings {
  return {
    regions: new Map([
      [EU.id, EU],
      [US.id, US],
    ]),
    health: healthBoard(),
    nowMs: NOW_MS,
    callerPlace: null,
    ...changes,
  };
}

function targetIn(region: string, of = SMALL): Target {
  return { model: of, origin: origin("o", [of.id], { region }), servedAs: of.id };
}

describe("estimateModel", () => {
  it("costs price times tokens, all choices together, rounded up once", () => {
    const one = model("a/b", priced(0.5, 2));
    const estimate = (choices: number) => estimateModel(one, { profile: PROFILE, choices, ability: null });
    expect(estimate(1).costMicroUsd).toBe(1_500);
    expect(estimate(3).costMicroUsd).toBe(3_500);
    const tiny = estimateModel(model("a/c", priced(0.0001, 0)), {
      profile: PROFILE,
      choices: 1,
      ability: null,
    });
    expect(tiny.costMicroUsd).toBe(1);
    expect(tiny.exactCostMicroUsd).toBeCloseTo(0.1);
  });

  it("prices GPU time by the time the answer is expected to take", () => {
    const one = model("a/gpu", { price: { gpu_per_minute: 0.06 } });
    const { costMicroUsd } = estimateModel(one, { profile: PROFILE, choices: 1, ability: null });
    expect(costMicroUsd).toBe(Math.ceil((200 + 500 * 50) * (60_000 / 60_000)));
  });
});

describe("estimateTime", () => {
  it("takes the measured first token where there is one", () => {
    const seen = around({ health: healthBoard({ o: { ttftMs: 123 } }) });
    expect(estimateTime(targetIn("us-east"), PROFILE, seen)).toMatchObject({ ttftMs: 123, isMeasured: true });
  });

  it("adds the prefill of a long prompt to a measured first token", () => {
    const seen = around({ health: healthBoard({ o: { ttftMs: 123 } }) });
    const long = { ...PROFILE, inputTokens: 6_000 };
    expect(estimateTime(targetIn("us-east"), long, seen).ttftMs).toBe(1_123);
  });

  it("expects a near region sooner than a far one when the caller's place is known", () => {
    const dublin = around({ callerPlace: { lat: 53.3, lon: -6.3 } });
    const near = estimateTime(targetIn("eu-west"), PROFILE, dublin);
    const far = estimateTime(targetIn("us-east"), PROFILE, dublin);
    expect(far.ttftMs - near.ttftMs).toBeGreaterThan(60);
    expect(far.ttftMs - near.ttftMs).toBeLessThan(120);
    const nowhere = estimateTime(targetIn("eu-west"), PROFILE, around());
    expect(nowhere.ttftMs).toBe(estimateTime(targetIn("us-east"), PROFILE, around()).ttftMs);
  });

  it("expects a large model to start and to write more slowly", () => {
    const small = estimateTime(targetIn("us-east", SMALL), PROFILE, around());
    const large = estimateTime(targetIn("us-east", LARGE), PROFILE, around());
    expect(large.ttftMs).toBeGreaterThan(small.ttftMs);
    expect(large.totalMs - large.ttftMs).toBeGreaterThan(2 * (small.totalMs - small.ttftMs));
  });

  it("grows with what is in flight, by the origin's weight", () => {
    const at = (inFlight: number, weight: number) =>
      estimateTime(
        { ...targetIn("us-east"), origin: origin("o", [], { weight, max_concurrency: 10 }) },
        PROFILE,
        around({ health: healthBoard({ o: { ttftMs: 100, inFlight } }) }),
      ).ttftMs;
    expect([at(0, 1), at(5, 1), at(10, 1), at(20, 1)]).toEqual([100, 150, 200, 700]);
    expect(at(10, 2)).toBe(150);
  });

  it("expects a suspect origin to use up its time", () => {
    const seen = around({ health: healthBoard({ o: { ttftMs: 50, ...SUSPECT } }) });
    expect(estimateTime(targetIn("us-east"), PROFILE, seen)).toMatchObject({
      ttftMs: 30_000,
      isSuspect: true,
    });
  });

  it("is finite for every row a catalog may hold", () => {
    const odd = model("a/odd", { parameters_b: null, prefill_tokens_per_s: 0 });
    const idle = { ...targetIn("nowhere", odd), origin: origin("o", [], { weight: 0, max_concurrency: 0 }) };
    expect(Number.isSafeInteger(estimateTime(idle, PROFILE, around()).totalMs)).toBe(true);
  });
});
