import { describe, expect, it } from "vitest";
import type { Inference } from "../../src/domain/inference.ts";
import type { Route } from "../../src/domain/route.ts";
import { MAX_TARGETS } from "../../src/routing/assemble.ts";
import { type Planned, type PlanView, plan } from "../../src/routing/plan.ts";
import {
  catalogOf,
  DRAINED,
  EMBEDDER,
  FOREIGN,
  HALF_OPEN,
  healthBoard,
  inference,
  keyView,
  LARGE,
  MIDDLE,
  measured,
  model,
  NOW_MS,
  origin,
  SMALL,
  STRANGER,
  SUSPECT,
  servedEverywhere,
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

describe("a named model", () => {
  it("routes to its own origins and is not smart", () => {
    const found = route({ model: MIDDLE.id });
    expect(modelsOf(found)).toEqual([MIDDLE.id]);
    expect(found.targets).toHaveLength(2);
    expect(found.isSmart).toBe(false);
    expect(found.profile).toBeNull();
  });

  it("answers to its alias", () => {
    expect(modelsOf(route({ model: "qwen-small" }))).toEqual([SMALL.id]);
  });

  it("is followed by its fallbacks in the caller's order, each once", () => {
    const found = route({ model: MIDDLE.id, fallbackModels: [LARGE.id, "qwen-small", LARGE.id] });
    expect(modelsOf(found)).toEqual([MIDDLE.id, LARGE.id, SMALL.id]);
  });

  it("leaves the request to a fallback when it cannot take it, and says so", () => {
    const found = route({ model: SMALL.id, fallbackModels: [LARGE.id], needs: ["vision"] });
    expect(modelsOf(found)).toEqual([LARGE.id]);
    expect(found.reason).toContain("fallback for Qwen3-8B because it cannot do vision");
  });

  it("has one target and no fallback when the caller forbids fallback", () => {
    const asked = { model: MIDDLE.id, fallbackModels: [LARGE.id] };
    const found = route({ ...asked, wishes: wishes({ fallback: false }) });
    expect(found.targets).toHaveLength(1);
    expect(modelsOf(found)).toEqual([MIDDLE.id]);
    expect(found.fallback).toBe(false);
  });

  it("serves its owner when private", () => {
    expect(modelsOf(route({ model: FOREIGN.id }, { accountId: STRANGER }))).toEqual([FOREIGN.id]);
  });
});

describe("auto", () => {
  it("chooses among all text models and never an embedder", () => {
    const found = route({});
    expect(found.isSmart).toBe(true);
    expect(modelsOf(found)).not.toContain(EMBEDDER.id);
    expect(modelsOf(found)).not.toContain(FOREIGN.id);
    expect(found.profile?.task).toBe("code_generation");
  });

  it("lists the best model's targets first, then the next models'", () => {
    const found = route({});
    const ids = found.targets.map((target) => target.model.id);
    const changes = ids.filter((id, index) => index > 0 && id !== ids[index - 1]);
    expect(changes).toHaveLength(modelsOf(found).length - 1);
  });

  it("takes the task the caller states", () => {
    expect(route({ wishes: wishes({ task: "math" }) }).profile).toMatchObject({
      task: "math",
      confidence: 1,
    });
  });

  it("honours capability needs", () => {
    expect(modelsOf(route({ needs: ["vision"] }))).toEqual([LARGE.id]);
    expect(modelsOf(route({ needs: ["tools"] })).toSorted()).toEqual([MIDDLE.id, LARGE.id].toSorted());
  });

  it("narrows to `models`, to routing.model_pool, and to both at once", () => {
    expect(modelsOf(route({ fallbackModels: [SMALL.id] }))).toEqual([SMALL.id]);
    expect(modelsOf(route({ wishes: wishes({ pool: ["meta-llama/*"] }) }))).toEqual([LARGE.id]);
    const both = route({ fallbackModels: [SMALL.id, LARGE.id], wishes: wishes({ pool: ["Qwen/*"] }) });
    expect(modelsOf(both)).toEqual([SMALL.id]);
  });

  it("stays within the key's pool", () => {
    const seen = { keyView: keyView({ modelPool: ["Qwen/*"] }) };
    const found = route({ wishes: wishes({ pool: ["*/*14B", "meta-llama/*"] }) }, seen);
    expect(modelsOf(found)).toEqual([MIDDLE.id]);
  });

  it("serves embeddings too, by capability", () => {
    expect(modelsOf(route({ wire: "openai-embeddings" }))).toEqual([EMBEDDER.id]);
  });

  it("serves a task with models of that task alone, whatever their capabilities say", () => {
    const task = { input: { kind: "texts", texts: ["x"] }, isList: false, parameters: {} } as const;
    const wire = { wire: "tasks", needs: [], choices: 0, answers: 0 } as const;
    const asked = { ...wire, task: { ...task, task: "embeddings" } } as const;
    expect(modelsOf(route(asked))).toEqual([EMBEDDER.id]);
    expect(modelsOf(route({ ...asked, model: EMBEDDER.id }))).toEqual([EMBEDDER.id]);
  });

  it("holds at most a bounded number of targets and explains the rest", () => {
    const origins = Array.from({ length: 12 }, (_, index) => origin(`us-${index}`, [SMALL.id]));
    const found = route({}, { catalog: catalogOf([SMALL], origins) });
    expect(found.targets).toHaveLength(MAX_TARGETS);
    expect(found.candidates).toHaveLength(12);
    expect(found.candidates.filter((one) => one.excludedBy === null)).toHaveLength(MAX_TARGETS);
  });

  it("gives one target when fallback is forbidden", () => {
    expect(route({ wishes: wishes({ fallback: false }) }).targets).toHaveLength(1);
  });

  it("says in printable ASCII what it chose and why", () => {
    const odd = model("Qwen/Qwen3-\u{1f600}\n14B");
    const found = route(
      { wishes: wishes({ optimize: "cost" }) },
      { catalog: servedEverywhere([odd, SMALL]) },
    );
    expect(found.reason).toMatch(/^[ -~]+$/);
    const plain = route({ wishes: wishes({ optimize: "cost" }) });
    expect(plain.reason).toMatch(
      /^code_generation, simple: Qwen3-\w+ is expected to answer well at the lowest cost\.$/,
    );
  });
});

describe("precedence", () => {
  it("request over key over balanced", () => {
    const seen = { keyView: keyView({ optimizeMode: "cost" as const }) };
    expect(route({ wishes: wishes({ optimize: "quality" }) }, seen).optimize).toBe("quality");
    expect(route({}, seen).optimize).toBe("cost");
    expect(route({}).optimize).toBe("balanced");
  });

  it("a region of the request or else of the key pins every target", () => {
    const byRequest = route({ wishes: wishes({ region: "eu-west" }) });
    const byKey = route({}, { keyView: keyView({ region: "eu-west" }) });
    for (const found of [byRequest, byKey]) {
      expect(found.pinnedRegion).toBe("eu-west");
      expect(found.targets.every((target) => target.origin.region === "eu-west")).toBe(true);
    }
    expect(route({}).pinnedRegion).toBeNull();
  });
});

describe("drained origins", () => {
  it("take no request, and the candidate says why", () => {
    const found = route({ model: SMALL.id }, { health: healthBoard({ "eu-1": DRAINED }) });
    expect(found.targets.map((target) => target.origin.id)).toEqual(["us-1"]);
    const left = found.candidates.find(({ target }) => target.origin.id === "eu-1");
    expect(left?.excludedBy).toBe("its origin is taken out of service");
  });

  it("leave a pinned region unavailable, by name, and an unpinned request without a server", () => {
    const health = healthBoard({ "eu-1": DRAINED, "us-1": DRAINED });
    for (const model of [SMALL.id, "auto"]) {
      const pinned = plan(inference({ model, wishes: wishes({ region: "eu-west" }) }), view({ health }));
      expect(pinned).toMatchObject({ ok: false, error: { code: "region_unavailable" } });
      expect(pinned.ok ? "" : pinned.error.message).toContain("eu-west");
      expect(plan(inference({ model }), view({ health }))).toMatchObject({
        ok: false,
        error: { code: "overloaded" },
      });
    }
  });
});

describe("suspect origins", () => {
  it("that are half open are tried in their place by one request that may fall back", () => {
    const health = healthBoard({ "eu-1": { ...HALF_OPEN, ...measured(1) }, "us-1": measured(500) });
    expect(route({ model: SMALL.id }, { health }).targets[0]?.origin.id).toBe("eu-1");
    const alone = route({ model: SMALL.id, wishes: wishes({ fallback: false }) }, { health });
    expect(alone.targets[0]?.origin.id).toBe("us-1");
  });

  it("stand behind the healthy ones of their model and are never dropped", () => {
    const found = route({ model: SMALL.id }, { health: healthBoard({ "eu-1": SUSPECT }) });
    expect(found.targets.map((target) => target.origin.id)).toEqual(["us-1", "eu-1"]);
    const alone = route(
      { model: SMALL.id, wishes: wishes({ region: "eu-west" }) },
      { health: healthBoard({ "eu-1": SUSPECT }) },
    );
    expect(alone.targets.map((target) => target.origin.id)).toEqual(["eu-1"]);
  });

  it("give way to another model in auto when a model has nothing else", () => {
    const catalog = catalogOf([SMALL, LARGE], [origin("a", [LARGE.id]), origin("b", [SMALL.id])]);
    const asked = { wishes: wishes({ optimize: "quality" as const }) };
    expect(modelsOf(route(asked, { catalog }))).toEqual([LARGE.id, SMALL.id]);
    const found = route(asked, { catalog, health: healthBoard({ a: SUSPECT }) });
    expect(modelsOf(found)).toEqual([SMALL.id, LARGE.id]);
  });

  it("are trusted again after a while", () => {
    const health = healthBoard({ "eu-1": { ...SUSPECT, ...measured(1) }, "us-1": measured(500) });
    expect(route({ model: SMALL.id }, { health }).targets[0]?.origin.id).toBe("us-1");
    const later = route({ model: SMALL.id }, { health, nowMs: NOW_MS + 60_000 });
    expect(later.targets[0]?.origin.id).toBe("eu-1");
  });
});
