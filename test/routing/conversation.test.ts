import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conversationOf, stayWith, UP_MARGIN } from "../../src/routing/conversation.ts";
import { plan } from "../../src/routing/plan.ts";
import type { ModelGroup } from "../../src/routing/rank.ts";
import { inference, model, origin, prompt, view } from "./fixtures.ts";

const chat = (text: string, turns: number, opening = text) =>
  inference({ opening, prompt: prompt(text, { turns }) });

describe("conversationOf", () => {
  it("knows a later turn by how the conversation began", () => {
    const first = conversationOf(chat("hello", 1), "acc");
    const later = conversationOf(chat("and then?", 2, "hello"), "acc");
    expect(first).toEqual({ key: later?.key, isContinued: false });
    expect(later?.isContinued).toBe(true);
  });

  it("keeps other openings, other system texts and other accounts apart", () => {
    const system = { opening: "hello", prompt: prompt("hello", { system: "You are a pirate." }) };
    const keys = [
      conversationOf(chat("hello", 1), "acc")?.key,
      conversationOf(chat("hello", 1), "other")?.key,
      conversationOf(chat("hello!", 1), "acc")?.key,
      conversationOf(inference(system), "acc")?.key,
      conversationOf(inference({ sessionId: "hello" }), "acc")?.key,
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("goes by the caller's own name where there is one, from the first turn on", () => {
    const named = (text: string) =>
      conversationOf(inference({ sessionId: "s-1", opening: text, prompt: prompt(text) }), "acc");
    expect(named("one")).toEqual(named("two"));
    expect(named("one")?.isContinued).toBe(true);
  });

  it("is null where the wire knows no turns, and holds no text of the prompt", () => {
    expect(conversationOf(inference({ opening: null }), "acc")).toBeNull();
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (text) => {
        expect(conversationOf(chat(text, 1), "acc")?.key).not.toContain(text);
      }),
    );
  });
});

function group(modelId: string, quality: number, isSuspect = false): ModelGroup {
  const one = model(modelId);
  const figures = { ttftMs: 1, totalMs: 2, load: 0, shutForMs: 0 };
  const time = { ...figures, isSaturated: false, isMeasured: true, isSuspect };
  const best = { target: { model: one, origin: origin("o", [one.id]), servedAs: one.id }, time };
  const quality4 = { value: quality, source: "ability" } as const;
  const estimate = { quality: quality4, costMicroUsd: 1, exactCostMicroUsd: 1 };
  return { modelId, estimate, best, targets: [best] };
}

describe("stayWith", () => {
  const ids = (groups: readonly ModelGroup[]) => groups.map(({ modelId }) => modelId);

  it("puts the conversation's model first and leaves the others in their order", () => {
    const ranked = [group("a", 0.8), group("b", 0.9), group("c", 0.78)];
    expect(ids(stayWith(ranked, "c"))).toEqual(["c", "a", "b"]);
  });

  it("moves up where the first promises visibly more, and never down", () => {
    const quality = fc.integer({ min: 0, max: 1_000 }).map((value) => value / 1_000);
    fc.assert(
      fc.property(quality, quality, (ofFirst, ofKept) => {
        const [now] = stayWith([group("first", ofFirst), group("kept", ofKept)], "kept");
        expect(now?.modelId).toBe(ofFirst - ofKept > UP_MARGIN ? "first" : "kept");
      }),
    );
  });

  it("leaves a model that is gone or failing", () => {
    const ranked = [group("a", 0.8), group("down", 0.8, true)];
    expect(ids(stayWith(ranked, "down"))).toEqual(["a", "down"]);
    expect(ids(stayWith(ranked, "gone"))).toEqual(["a", "down"]);
    expect(ids(stayWith(ranked, null))).toEqual(["a", "down"]);
  });
});

describe("a conversation", () => {
  it("stays with its model and says so", () => {
    const request = chat("thanks!", 2, "hello");
    const free = plan(request, view());
    const kept = free.ok ? free.route.candidates.at(-1)?.target.model.id : undefined;
    const planned = plan(request, view({ keptModelId: kept ?? null }));
    if (!planned.ok || kept === undefined) throw new Error("the small catalog fits a greeting");
    const [target] = planned.route.targets;
    if (target?.model.id === kept) expect(planned.route.reason).toContain("stays with its conversation");
    const qualities = new Map(planned.route.candidates.map((one) => [one.target.model.id, one.quality]));
    const lead = (qualities.get(target?.model.id ?? "") ?? 0) - (qualities.get(kept) ?? 0);
    expect(target?.model.id === kept || lead > UP_MARGIN).toBe(true);
  });
});
