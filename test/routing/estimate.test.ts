import { describe, expect, it } from "vitest";
import type { Target } from "../../src/domain/catalog.ts";
import type { Elsewhere, OriginHealth } from "../../src/domain/health.ts";
import type { Profile } from "../../src/domain/route.ts";
import { estimateModel, estimateTime, type Surroundings } from "../../src/routing/estimate.ts";
import {
  EU,
  HALF_OPEN,
  healthBoard,
  LARGE,
  measured,
  model,
  NOW_MS,
  origin,
  priced,
  SMALL,
  SUSPECT,
  US,
} from "./fixtures.ts";

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
    canFallBack: true,
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
    const seen = around({ health: healthBoard({ o: measured(123) }) });
    expect(estimateTime(targetIn("us-east"), PROFILE, seen)).toMatchObject({ ttftMs: 123, isMeasured: true });
  });

  it("adds the prefill of a long prompt to a measured first token", () => {
    const seen = around({ health: healthBoard({ o: measured(123) }) });
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

  const SLOTS = 10;
  const loaded = (health: Partial<OriginHealth>, weight = 1) =>
    estimateTime(
      { ...targetIn("us-east"), origin: origin("o", [], { weight, max_concurrency: SLOTS }) },
      PROFILE,
      around({ health: healthBoard({ o: { ...measured(100), ...health } }) }),
    );

  it("grows with what is in flight, by the origin's weight, and beyond the slots by whole answers", () => {
    const at = (inFlight: number, weight: number) => loaded({ inFlight }, weight).ttftMs;
    expect([at(0, 1), at(5, 1), at(10, 1)]).toEqual([100, 150, 200]);
    expect(at(10, 2)).toBe(150);
    // 500 tokens take seconds: half a queue of them is longer than the way to any other region.
    expect(at(15, 1)).toBeGreaterThan(1_000);
  });

  it("beyond the slots waits as long as answers were seen to take there", () => {
    const at = (slotMs: number | null) => loaded({ inFlight: 15, slotMs }).ttftMs;
    expect([at(1_000), at(2_000)]).toEqual([700, 1_200]);
    expect(at(null)).toBeGreaterThan(at(1_000));
  });

  const elsewhere = (changes: Partial<Elsewhere>, atMs = NOW_MS) => ({
    elsewhere: { atMs, inFlight: 0, queue: null, ttftMs: null, readiness: null, ...changes },
  });

  it("counts what other isolates have in flight, and what the origin itself counts, for some seconds", () => {
    expect(loaded({ inFlight: 2, ...elsewhere({ inFlight: 3 }) }).load).toBe(0.5);
    expect(loaded({ inFlight: 2, ...elsewhere({ queue: { running: 6, waiting: 2 } }) }).load).toBe(0.8);
    expect(loaded({ inFlight: 2, ...elsewhere({ inFlight: 30 }, NOW_MS - 12_000) }).load).toBe(0.2);
  });

  it("is saturated when every slot is taken, or for as long as it said so", () => {
    expect([loaded({ inFlight: 9 }).isSaturated, loaded({ inFlight: 10 }).isSaturated]).toEqual([
      false,
      true,
    ]);
    expect(loaded({ busyUntilMs: NOW_MS + 1 }).isSaturated).toBe(true);
    expect(loaded({ busyUntilMs: NOW_MS }).isSaturated).toBe(false);
  });

  it("takes what others measured where nothing was measured here, and adds the way", () => {
    const dublin = { lat: 53.3, lon: -6.3 };
    const told = healthBoard({ o: elsewhere({ ttftMs: 400 }) });
    const near = estimateTime(targetIn("eu-west"), PROFILE, around({ health: told, callerPlace: dublin }));
    const far = estimateTime(targetIn("us-east"), PROFILE, around({ health: told, callerPlace: dublin }));
    expect(near).toMatchObject({ ttftMs: 410, isMeasured: false });
    expect(far.ttftMs).toBeGreaterThan(470);
  });

  it("forgets a spike of an origin that nobody asks any more", () => {
    const spike = { latency: { peakMs: 20_000, usualMs: 100, atMs: NOW_MS - 60_000, samples: 10 } };
    const seen = around({ health: healthBoard({ o: spike }) });
    expect(estimateTime(targetIn("us-east"), PROFILE, seen).ttftMs).toBeLessThan(200);
  });

  it("adds the time until a cold model is loaded", () => {
    expect(loaded({ loadingUntilMs: NOW_MS + 5_000 }).ttftMs).toBe(5_100);
  });

  it("lets a half-open one be tried by whoever may fall back, and by nobody else", () => {
    const health = healthBoard({ o: { ...measured(50), ...HALF_OPEN } });
    expect(estimateTime(targetIn("us-east"), PROFILE, around({ health })).isSuspect).toBe(false);
    const alone = estimateTime(targetIn("us-east"), PROFILE, around({ health, canFallBack: false }));
    expect(alone).toMatchObject({ isSuspect: true, shutForMs: 0 });
  });

  it("expects a suspect origin to use up its time", () => {
    const seen = around({ health: healthBoard({ o: { ...measured(50), ...SUSPECT } }) });
    expect(estimateTime(targetIn("us-east"), PROFILE, seen)).toMatchObject({
      ttftMs: 30_000,
      isSuspect: true,
      shutForMs: 9_999,
    });
  });

  it("is finite for every row a catalog may hold", () => {
    const odd = model("a/odd", { parameters_b: null, prefill_tokens_per_s: 0 });
    const idle = { ...targetIn("nowhere", odd), origin: origin("o", [], { weight: 0, max_concurrency: 0 }) };
    expect(Number.isSafeInteger(estimateTime(idle, PROFILE, around()).totalMs)).toBe(true);
  });
});
