// Every refusal of routing, as callers of plan() meet it.
import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/domain/errors.ts";
import type { Inference } from "../../src/domain/inference.ts";
import type { Route } from "../../src/domain/route.ts";
import { type Planned, type PlanView, plan } from "../../src/routing/plan.ts";
import {
  CATALOG,
  catalogOf,
  EMBEDDER,
  FOREIGN,
  inference,
  keyView,
  LARGE,
  origin,
  prompt,
  SMALL,
  STRANGER,
  view,
  wishes,
} from "./fixtures.ts";

function routeOf(planned: Planned): Route {
  if (!planned.ok) throw planned.error;
  return planned.route;
}

function route(asked: Partial<Inference>, seen: Partial<PlanView> = {}): Route {
  return routeOf(plan(inference(asked), view(seen)));
}

function modelsOf(found: Route): readonly string[] {
  return [...new Set(found.targets.map((target) => target.model.id))];
}

interface Refusal {
  readonly code: ErrorCode;
  readonly status: number;
  readonly param: string | undefined;
  readonly message: string;
}

function refusal(asked: Partial<Inference>, seen: Partial<PlanView> = {}): Refusal {
  const planned = plan(inference(asked), view(seen));
  if (planned.ok) throw new Error("expected a refusal");
  const { code, status, message, details } = planned.error;
  return { code, status, message, param: details.param };
}

describe("refusals", () => {
  it("404 for an unknown model, and the same words for another account's private one", () => {
    const unknown = refusal({ model: "no/such" });
    expect(unknown).toMatchObject({ code: "model_not_found", status: 404, param: "model" });
    const secret = refusal({ model: FOREIGN.id });
    expect({ ...secret, message: secret.message.replace(FOREIGN.id, "no/such") }).toEqual(unknown);
  });

  it("404 for an unknown fallback, naming its place", () => {
    const found = refusal({ model: SMALL.id, fallbackModels: [LARGE.id, FOREIGN.id] });
    expect(found).toMatchObject({ code: "model_not_found", param: "models[1]" });
  });

  it("403 for a model outside the key's pool, asked for or as fallback", () => {
    const seen = { keyView: keyView({ modelPool: ["Qwen/*"] }) };
    expect(refusal({ model: LARGE.id }, seen)).toMatchObject({ code: "model_forbidden", param: "model" });
    const fallback = refusal({ model: SMALL.id, fallbackModels: [LARGE.id] }, seen);
    expect(fallback).toMatchObject({ code: "model_forbidden", status: 403, param: "models[0]" });
  });

  it("403 for a named model outside the request's own pool", () => {
    const found = refusal({ model: LARGE.id, wishes: wishes({ pool: ["Qwen/*"] }) });
    expect(found).toMatchObject({ code: "model_forbidden" });
  });

  it("403 when the pools of request and key share nothing", () => {
    const seen = { keyView: keyView({ modelPool: ["Qwen/*"] }) };
    const byPool = refusal({ wishes: wishes({ pool: [LARGE.id] }) }, seen);
    expect(byPool).toMatchObject({ code: "model_forbidden", param: "routing.model_pool" });
    const byModels = refusal({ fallbackModels: [LARGE.id] }, seen);
    expect(byModels).toMatchObject({ code: "model_forbidden", status: 403, param: "models" });
  });

  it("403 for another region than the key's", () => {
    const seen = { keyView: keyView({ region: "eu-west" }) };
    for (const name of ["auto", SMALL.id]) {
      const found = refusal({ model: name, wishes: wishes({ region: "us-east" }) }, seen);
      expect(found).toMatchObject({ code: "region_forbidden", status: 403, param: "routing.region" });
    }
  });

  it("400 for an unknown region, task or mode", () => {
    expect(refusal({ wishes: wishes({ region: "mars" }) })).toMatchObject({
      code: "invalid_value",
      param: "routing.region",
    });
    expect(refusal({ wishes: wishes({ task: "x".repeat(10_000) }) })).toMatchObject({
      param: "routing.task",
    });
    // A dialect that let an unknown mode through must not reach the comparators.
    const mode = "fast" as unknown as "cost";
    expect(refusal({ wishes: wishes({ optimize: mode }) })).toMatchObject({ param: "routing.optimize" });
  });

  it("400 for a task that the model, or no model, is for", () => {
    const input = { kind: "texts", texts: ["x"] } as const;
    const task = { task: "fill-mask", input, isList: false, parameters: {} } as const;
    const asked = { wire: "tasks", task, needs: [], choices: 0, answers: 0 } as const;
    expect(refusal({ ...asked, model: EMBEDDER.id })).toMatchObject({
      code: "invalid_value",
      param: "model",
      message: `'${EMBEDDER.id}' is for embeddings and cannot do fill-mask.`,
    });
    expect(refusal(asked).message).toContain("fill-mask");
  });

  it("400 for a pool entry that matches nothing this account can see", () => {
    for (const entry of ["no/such", "rival/*", FOREIGN.id, "x".repeat(5_000)]) {
      const found = refusal({ wishes: wishes({ pool: [SMALL.id, entry] }) });
      expect(found).toMatchObject({ code: "invalid_value", status: 400, param: "routing.model_pool" });
      expect(found.message.length).toBeLessThan(500);
    }
    expect(refusal({ fallbackModels: ["no/such"] })).toMatchObject({
      code: "invalid_value",
      param: "models",
    });
  });

  it("400 for a pool beyond its bound", () => {
    const pool = Array.from({ length: 300 }, () => SMALL.id);
    expect(refusal({ wishes: wishes({ pool }) })).toMatchObject({ param: "routing.model_pool" });
  });

  it("400 empty_pool when nothing is left to choose from", () => {
    expect(refusal({ wishes: wishes({ pool: [] }) })).toMatchObject({ code: "empty_pool", status: 400 });
    expect(refusal({}, { keyView: keyView({ modelPool: [] }) }).code).toBe("empty_pool");
    expect(refusal({}, { keyView: keyView({ modelPool: ["gone/model"] }) }).code).toBe("empty_pool");
    expect(refusal({}, { catalog: catalogOf([], []) }).code).toBe("empty_pool");
    const disjoint = { fallbackModels: [LARGE.id], wishes: wishes({ pool: [SMALL.id] }) };
    expect(refusal(disjoint).code).toBe("empty_pool");
  });

  it("400 when the input fits no window, naming limit and estimate", () => {
    const long = prompt("word ".repeat(100_000));
    const byAuto = refusal({ prompt: long });
    expect(byAuto).toMatchObject({ code: "context_length_exceeded", status: 400, param: "messages" });
    expect(byAuto.message).toContain("131072");
    expect(byAuto.message).toContain("166675");
    expect(refusal({ model: SMALL.id, prompt: long }).message).toContain("8192");
  });

  it("counts the asked output into the window, and refuses more than a model writes", () => {
    expect(refusal({ model: SMALL.id, maxOutputTokens: 8_190 }).code).toBe("context_length_exceeded");
    const found = refusal({ model: SMALL.id, maxOutputTokens: 5_000 });
    expect(found).toMatchObject({ code: "invalid_value", param: "max_tokens" });
    const renamed = { maxOutputTokens: 5_000, outputLimitField: "max_completion_tokens" };
    expect(refusal({ model: SMALL.id, ...renamed }).param).toBe("max_completion_tokens");
  });

  it("gives every input of an embeddings batch a window of its own", () => {
    const size = { bytes: 400 * 3_000, messages: 400 };
    const batch = { wire: "openai-embeddings" as const, prompt: prompt("x", { size }) };
    expect(modelsOf(route({ ...batch, model: EMBEDDER.id }))).toEqual([EMBEDDER.id]);
  });

  it("400 when a model lacks what the request needs, saying what it can do", () => {
    const embed = refusal({ model: SMALL.id, wire: "openai-embeddings" });
    expect(embed).toMatchObject({ code: "invalid_value", param: "model" });
    expect(embed.message).toContain("cannot do embeddings; it can do: chat, completions, json");
    expect(refusal({ model: EMBEDDER.id }).message).toContain("it can do: embeddings");
    expect(refusal({ model: SMALL.id, needs: ["tools"] }).message).toContain("cannot do tools");
    const auto = refusal({ needs: ["vision"], wishes: wishes({ pool: ["Qwen/*"] }) });
    expect(auto).toMatchObject({ code: "invalid_value", param: "model" });
  });

  it("400 when max_cost_usd excludes everything, naming the cheapest", () => {
    const found = refusal({ wishes: wishes({ maxCostMicroUsd: 0 }) });
    expect(found).toMatchObject({ code: "invalid_value", param: "routing.max_cost_usd" });
    expect(found.message).toContain(SMALL.id);
    const named = refusal({ model: LARGE.id, wishes: wishes({ maxCostMicroUsd: 1 }) });
    expect(named.param).toBe("routing.max_cost_usd");
  });

  it("max_cost_usd leaves out only the models above it", () => {
    const found = route({ wishes: wishes({ maxCostMicroUsd: 150, optimize: "quality" }) });
    expect(modelsOf(found)).not.toContain(LARGE.id);
    expect(found.candidates.find((one) => one.target.model.id === LARGE.id)?.excludedBy).toContain("USD");
  });

  it("503 region_unavailable when the pinned region does not serve it", () => {
    const catalog = catalogOf([SMALL], [origin("us-1", [SMALL.id])]);
    for (const name of ["auto", SMALL.id]) {
      const found = refusal({ model: name, wishes: wishes({ region: "eu-west" }) }, { catalog });
      expect(found).toMatchObject({ code: "region_unavailable", status: 503 });
      expect(found.message).toContain("eu-west");
    }
    const gone = refusal({ model: SMALL.id }, { catalog, keyView: keyView({ region: "closed" }) });
    expect(gone.code).toBe("region_unavailable");
  });

  it("503 overloaded when nobody serves it at all", () => {
    const found = refusal({ model: SMALL.id }, { catalog: catalogOf([SMALL], []) });
    expect(found).toMatchObject({ code: "overloaded", status: 503 });
    expect(found.message).toBe(`No origin serves '${SMALL.id}' right now.`);
  });

  it("keeps the dedicated origins of others out of sight", () => {
    const foreign = origin("dedicated", [SMALL.id], { accounts: [STRANGER] });
    const catalog = catalogOf([SMALL], [foreign]);
    const planned = plan(inference({ model: SMALL.id }), view({ catalog }));
    expect(planned.ok).toBe(false);
    if (!planned.ok) {
      expect(planned.error.code).toBe("overloaded");
      expect(planned.candidates).toEqual([]);
    }
  });

  it("tells 404 before 403 before 400", () => {
    const seen = { keyView: keyView({ modelPool: ["Qwen/*"], region: "eu-west" }) };
    const pinned = wishes({ region: "us-east" });
    expect(refusal({ model: "no/such", wishes: pinned }, seen).status).toBe(404);
    expect(refusal({ model: LARGE.id, wishes: pinned, needs: ["embeddings"] }, seen).code).toBe(
      "model_forbidden",
    );
    expect(refusal({ model: SMALL.id, wishes: pinned, needs: ["embeddings"] }, seen).code).toBe(
      "region_forbidden",
    );
    expect(refusal({ model: SMALL.id, needs: ["embeddings"] }, seen).status).toBe(400);
  });

  it("keeps profile and candidates for the explanation", () => {
    const planned = plan(inference({ wishes: wishes({ maxCostMicroUsd: 0 }) }), view());
    if (planned.ok) throw new Error("expected a refusal");
    expect(planned.profile?.task).toBe("code_generation");
    expect(planned.candidates.length).toBeGreaterThan(0);
    expect(planned.candidates.every((one) => one.excludedBy !== null)).toBe(true);
    expect(CATALOG.rows.models).toContain(FOREIGN);
    expect(planned.candidates.every((one) => one.target.model.id !== FOREIGN.id)).toBe(true);
  });
});
