import { describe, expect, it } from "vitest";
import type { Inference } from "../../src/domain/inference.ts";
import { type Explanation, explain } from "../../src/routing/explain.ts";
import { type PlanView, plan } from "../../src/routing/plan.ts";
import { DECISION, inference, keyView, LARGE, SMALL, view, wishes } from "./fixtures.ts";

function explained(asked: Partial<Inference>, seen: Partial<PlanView> = {}): Explanation {
  const request = inference(asked);
  const world = view(seen);
  return explain(plan(request, world), request, { view: world, routingTimeMs: 0.123_456 });
}

describe("explain", () => {
  it("has exactly the fields of POST /route", () => {
    const body = explained({});
    expect(Object.keys(body)).toEqual([
      "object",
      "decision_id",
      "task",
      "group",
      "complexity",
      "confidence",
      "language",
      "needs",
      "input_tokens",
      "expected_output_tokens",
      "optimize",
      "candidates",
      "chosen",
      "routing_time_ms",
    ]);
    expect(Object.keys(body.chosen ?? {})).toEqual([
      "model",
      "origin",
      "region",
      "score",
      "quality",
      "cost_usd",
      "ttft_ms",
      "total_ms",
      "reasons",
      "excluded_by",
    ]);
    expect(body).toMatchObject({
      object: "route",
      decision_id: DECISION,
      task: "code_generation",
      group: "code",
    });
    expect(body.routing_time_ms).toBe(0.123);
  });

  it("shows the best candidate as chosen, the excluded ones last with their reason", () => {
    const body = explained({ needs: ["tools"] });
    expect(body.chosen).toEqual(body.candidates[0]);
    expect(body.chosen?.excluded_by).toBeNull();
    const reasons = body.candidates.map((one) => one.excluded_by);
    expect(reasons.lastIndexOf(null)).toBeLessThan(reasons.findIndex((reason) => reason !== null));
    const small = body.candidates.find((one) => one.model === SMALL.id);
    expect(small?.excluded_by).toBe("it cannot do tools");
  });

  it("gives money in decimal USD with at most six places", () => {
    for (const { cost_usd: cost } of explained({}).candidates) {
      expect(Math.round(cost * 1e6) / 1e6).toBe(cost);
      expect(cost).toBeLessThan(0.01);
    }
  });

  it("answers with chosen null when nothing fits", () => {
    const body = explained({ wishes: wishes({ maxCostMicroUsd: 0 }) });
    expect(body.chosen).toBeNull();
    expect(body.task).toBe("code_generation");
    expect(body.candidates.every((one) => one.excluded_by !== null)).toBe(true);
    expect(explained({ model: "no/such" })).toMatchObject({ chosen: null, candidates: [] });
  });

  it("classifies for a named model too, and says which mode would hold", () => {
    const body = explained({ model: LARGE.id }, { keyView: keyView({ optimizeMode: "latency" }) });
    expect(body).toMatchObject({ task: "code_generation", optimize: "latency" });
    expect(body.chosen?.model).toBe(LARGE.id);
    const stated = explained({ model: LARGE.id, wishes: wishes({ task: "math" }) });
    expect(stated).toMatchObject({ task: "math", confidence: 1 });
  });

  it("is plain JSON", () => {
    const body = explained({});
    expect(JSON.parse(JSON.stringify(body))).toEqual(body);
  });
});
