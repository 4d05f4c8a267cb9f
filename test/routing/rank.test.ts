import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MODES, type Mode } from "../../src/domain/inference.ts";
import type { TimeEstimate } from "../../src/routing/estimate.ts";
import { type ModelGroup, type RankedTarget, rankModels, rankOrigins } from "../../src/routing/rank.ts";
import { model, origin } from "./fixtures.ts";

interface Figures {
  readonly quality: number;
  readonly costMicroUsd: number;
  readonly totalMs: number;
  readonly isSuspect?: boolean;
}

function timeOf(totalMs: number, isSuspect = false): TimeEstimate {
  const ttftMs = totalMs / 2;
  return { ttftMs, totalMs, load: 0, isSaturated: false, isMeasured: true, isSuspect, shutForMs: 0 };
}

function target(id: string, time: TimeEstimate, weight = 1): RankedTarget {
  const one = model("a/model");
  return { target: { model: one, origin: origin(id, [one.id], { weight }), servedAs: one.id }, time };
}

function group(modelId: string, figures: Figures): ModelGroup {
  const best = target("origin", timeOf(figures.totalMs, figures.isSuspect));
  return {
    modelId,
    estimate: {
      quality: { value: figures.quality, source: "ability" },
      costMicroUsd: Math.ceil(figures.costMicroUsd),
      exactCostMicroUsd: figures.costMicroUsd,
    },
    best,
    targets: [best],
  };
}

function order(mode: Mode, ...groups: readonly ModelGroup[]): readonly string[] {
  return rankModels(groups, mode).map((one) => one.modelId);
}

describe("rankModels", () => {
  const weak = group("weak", { quality: 0.6, costMicroUsd: 10, totalMs: 1_000 });
  const fair = group("fair", { quality: 0.85, costMicroUsd: 100, totalMs: 3_000 });
  const best = group("best", { quality: 0.93, costMicroUsd: 2_000, totalMs: 9_000 });

  it("quality: the best first", () => {
    expect(order("quality", weak, fair, best)).toEqual(["best", "fair", "weak"]);
  });

  it("quality: cost decides within the noise", () => {
    const cheap = group("cheap", { quality: 0.925, costMicroUsd: 500, totalMs: 20_000 });
    expect(order("quality", best, cheap)).toEqual(["cheap", "best"]);
  });

  it("cost: the cheapest of those near the best, never one far below", () => {
    expect(order("cost", weak, fair, best)).toEqual(["fair", "best", "weak"]);
  });

  it("latency: the fastest above the floor", () => {
    expect(order("latency", weak, best, fair)).toEqual(["fair", "best", "weak"]);
  });

  it("balanced: quality at its price against cost and time", () => {
    expect(order("balanced", weak, best, fair)).toEqual(["fair", "weak", "best"]);
    const dear = group("dear", { quality: 0.99, costMicroUsd: 50_000, totalMs: 9_000 });
    expect(order("balanced", dear, fair)).toEqual(["fair", "dear"]);
  });

  it.each(MODES)("%s: models with no healthy origin come last", (mode) => {
    const down = group("down", { quality: 0.99, costMicroUsd: 1, totalMs: 1, isSuspect: true });
    expect(order(mode, down, weak, best).at(-1)).toBe("down");
  });

  it.each(MODES)("%s: ties end in the id, and the order of the input says nothing", (mode) => {
    const figures = fc.record({
      quality: fc.constantFrom(0.5, 0.79, 0.8, 0.85, 0.9),
      costMicroUsd: fc.constantFrom(0, 1, 1.5, 900),
      totalMs: fc.constantFrom(100, 200, 9_000),
      isSuspect: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(figures, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (list, dice) => {
        const groups = list.map((one, index) => group(`model-${index}`, one));
        const shuffled = groups
          .map((one) => ({ one, key: dice.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        expect(order(mode, ...shuffled)).toEqual(order(mode, ...groups));
      }),
    );
  });
});

describe("rankOrigins", () => {
  const near = target("near", timeOf(1_000));
  const twin = target("twin", timeOf(1_010));
  const far = target("far", timeOf(5_000));
  const ids = (targets: readonly RankedTarget[]) => targets.map((one) => one.target.origin.id);

  it("without a session: by expected time, then id", () => {
    expect(ids(rankOrigins([far, twin, near], null))).toEqual(["near", "twin", "far"]);
    const same = target("also", timeOf(1_000));
    expect(ids(rankOrigins([near, same], null))).toEqual(["also", "near"]);
  });

  it("a session keeps its origin among equals, and sessions spread over them", () => {
    const sessions = Array.from({ length: 200 }, (_, index) => `session-${index}`);
    const firsts = sessions.map((session) => ids(rankOrigins([near, twin, far], session))[0]);
    expect(sessions.map((session) => ids(rankOrigins([far, twin, near], session))[0])).toEqual(firsts);
    const shareOfNear = firsts.filter((id) => id === "near").length / firsts.length;
    expect(shareOfNear).toBeGreaterThan(0.35);
    expect(shareOfNear).toBeLessThan(0.65);
    expect(firsts).not.toContain("far");
  });

  it("a session leaves an origin whose load is over half again the lightest, for as long as it is", () => {
    const loaded = (one: RankedTarget, load: number) => ({ ...one, time: { ...one.time, load } });
    const session = "a conversation";
    const [owner, other] = rankOrigins([near, twin], session);
    if (owner === undefined || other === undefined) throw new Error("two origins are ranked");
    expect(ids(rankOrigins([loaded(owner, 0.5), loaded(other, 0.4)], session))).toEqual(ids([owner, other]));
    expect(ids(rankOrigins([loaded(owner, 0.9), loaded(other, 0.4)], session))).toEqual(ids([other, owner]));
  });

  it("a session waits in no queue for its origin's sake", () => {
    const full = (one: RankedTarget) => ({ ...one, time: { ...one.time, isSaturated: true } });
    for (const session of ["a", "b", "c", "d"]) {
      expect(ids(rankOrigins([full(twin), full(near)], session))).toEqual(["near", "twin"]);
    }
  });

  it("the full come behind those with room, however far, and before the suspect", () => {
    const full = { ...near, time: { ...near.time, isSaturated: true } };
    const down = target("down", timeOf(1, true));
    for (const session of [null, "a", "b", "c"]) {
      expect(ids(rankOrigins([down, full, far], session))).toEqual(["far", "near", "down"]);
    }
  });

  it("of the suspect the one that reopens soonest is tried first", () => {
    const shut = (id: string, shutForMs: number) => target(id, { ...timeOf(1_000, true), shutForMs });
    const all = [shut("long", 60_000), shut("soon", 2_000), shut("later", 10_000)];
    expect(ids(rankOrigins(all, null))).toEqual(["soon", "later", "long"]);
  });

  it("a session leaves an origin that is suspect", () => {
    const down = target("near", timeOf(1_000, true));
    for (const session of ["a", "b", "c", "d"]) {
      expect(ids(rankOrigins([down, twin], session))).toEqual(["twin", "near"]);
    }
  });
});
