// A small world for routing tests: two regions, a handful of models and origins, and builders whose
// every field can be overridden. Indexes rows plainly; the real indexing is src/catalog/'s.
import { CLOSED } from "../../src/domain/breaker.ts";
import type { Catalog, CatalogRows, Model, Origin, Region, Target } from "../../src/domain/catalog.ts";
import { type HealthBoard, type OriginHealth, UNKNOWN_HEALTH } from "../../src/domain/health.ts";
import type { AccountId, DecisionId } from "../../src/domain/ids.ts";
import type { Inference, PromptView, RoutingWishes } from "../../src/domain/inference.ts";
import type { KeyView } from "../../src/domain/key.ts";
import type { PlanView } from "../../src/routing/plan.ts";

// Brands exist at compile time only; a test may name its own ids.
export const ACCOUNT = "acct_00000000001" as AccountId;
export const STRANGER = "acct_00000000002" as AccountId;
export const DECISION = "rt_0000000000000000000001" as DecisionId;
export const NOW_MS = 1_700_000_000_000;

export const EU: Region = { id: "eu-west", name: "EU West", lat: 53.3, lon: -6.3, jurisdiction: "eu" };
export const US: Region = { id: "us-east", name: "US East", lat: 38.9, lon: -77.4, jurisdiction: "us" };

export function model(id: string, changes: Partial<Model> = {}): Model {
  return {
    id,
    owned_by: "inferbase",
    task: "text-generation",
    parameters_b: 8,
    context_length: 8192,
    max_output_tokens: 4096,
    capabilities: ["chat", "completions"],
    price: { input_per_mtok: 0.1, cached_input_per_mtok: null, output_per_mtok: 0.3 },
    visibility: "public",
    account: null,
    aliases: [],
    fast: false,
    ability: {},
    prefill_tokens_per_s: 5000,
    timeouts: null,
    ...changes,
  };
}

export function priced(inputPerMtok: number, outputPerMtok: number): Pick<Model, "price"> {
  return {
    price: { input_per_mtok: inputPerMtok, cached_input_per_mtok: null, output_per_mtok: outputPerMtok },
  };
}

export function origin(id: string, serves: readonly string[], changes: Partial<Origin> = {}): Origin {
  return {
    id,
    region: "us-east",
    kind: "openai-compatible",
    base_url: "https://origin.invalid/v1",
    secret: null,
    max_concurrency: 64,
    features: [],
    weight: 1,
    accounts: null,
    control_url: null,
    timeouts: { ttft_ms: 30_000, idle_ms: 20_000, total_ms: 600_000 },
    serves: serves.map((name) => ({ model: name, as: name })),
    ...changes,
  };
}

export function catalogOf(models: readonly Model[], origins: readonly Origin[]): Catalog {
  const rows: CatalogRows = { regions: [EU, US], models, origins };
  const byName = new Map<string, Model>();
  const targets = new Map<string, Target[]>();
  for (const one of models) {
    for (const name of [one.id, ...one.aliases]) byName.set(name, one);
    targets.set(one.id, []);
  }
  for (const one of origins) {
    for (const { model: id, as } of one.serves) {
      const served = byName.get(id);
      if (served !== undefined) targets.get(id)?.push({ model: served, origin: one, servedAs: as });
    }
  }
  return {
    version: 1,
    createdAtS: 0,
    rows,
    regions: new Map(rows.regions.map((region) => [region.id, region])),
    models: byName,
    origins: new Map(origins.map((one) => [one.id, one])),
    targets,
  };
}

/** Every model served in both regions. */
export function servedEverywhere(models: readonly Model[]): Catalog {
  const ids = models.map((one) => one.id);
  return catalogOf(models, [origin("eu-1", ids, { region: "eu-west" }), origin("us-1", ids)]);
}

export const SMALL = model("Qwen/Qwen3-8B", {
  parameters_b: 8,
  aliases: ["qwen-small"],
  capabilities: ["chat", "completions", "json"],
  ...priced(0.03, 0.1),
});
export const MIDDLE = model("Qwen/Qwen3-14B", {
  parameters_b: 14,
  context_length: 40_960,
  max_output_tokens: 8192,
  capabilities: ["chat", "completions", "tools", "json"],
  ...priced(0.06, 0.24),
});
export const LARGE = model("meta-llama/Llama-3.1-70B-Instruct", {
  parameters_b: 70,
  context_length: 131_072,
  max_output_tokens: 16_384,
  capabilities: ["chat", "completions", "tools", "json", "vision"],
  ...priced(0.6, 0.8),
});
export const EMBEDDER = model("BAAI/bge-m3", {
  task: "embeddings",
  parameters_b: 0.6,
  capabilities: ["embeddings"],
  ...priced(0.01, 0),
});
export const FOREIGN = model("rival/secret", { visibility: "private", account: STRANGER });

export const CATALOG = servedEverywhere([SMALL, MIDDLE, LARGE, EMBEDDER, FOREIGN]);

export function prompt(text: string, changes: Partial<PromptView> = {}): PromptView {
  const bytes = new TextEncoder().encode(text).length;
  return { text, system: "", turns: 1, size: { bytes, messages: 1 }, ...changes };
}

export function wishes(changes: Partial<RoutingWishes> = {}): RoutingWishes {
  return {
    pool: null,
    optimize: null,
    task: null,
    region: null,
    maxCostMicroUsd: null,
    fallback: true,
    ...changes,
  };
}

export function inference(changes: Partial<Inference> = {}): Inference {
  return {
    wire: "openai-chat",
    model: "auto",
    fallbackModels: [],
    stream: false,
    includeUsage: false,
    inputs: 1,
    choices: 1,
    answers: 1,
    maxOutputTokens: null,
    needs: [],
    remoteImages: [],
    isRepeatable: false,
    task: null,
    outputLimitField: "max_tokens",
    user: null,
    tags: null,
    sessionId: null,
    opening: null,
    wishes: wishes(),
    prompt: prompt("Write a Python function that reverses a string."),
    body: {},
    timeoutMs: null,
    waitMs: null,
    routingEvent: false,
    ...changes,
  };
}

export function keyView(changes: Partial<KeyView> = {}): KeyView {
  return { version: 1, modelPool: null, optimizeMode: null, region: null, ...changes };
}

/** Keyed by origin id; origins it does not name are unknown. */
export function healthBoard(known: Readonly<Record<string, Partial<OriginHealth>>> = {}): HealthBoard {
  return {
    get: (originId) => ({ ...UNKNOWN_HEALTH, ...known[originId] }),
    update: () => {
      throw new Error("planning must not write health");
    },
  };
}

/** Open for ten seconds since just now. */
export const SUSPECT: Partial<OriginHealth> = {
  breaker: { ...CLOSED, failuresInRow: 5, openedAtMs: NOW_MS - 1, openUntilMs: NOW_MS + 9_999, trips: 1 },
};

/** One try may pass. */
export const HALF_OPEN: Partial<OriginHealth> = {
  breaker: { ...CLOSED, failuresInRow: 5, openedAtMs: NOW_MS - 10_000, openUntilMs: NOW_MS, trips: 1 },
};

export const DRAINED: Partial<OriginHealth> = { whole: { breaker: CLOSED, isDrained: true } };

/** Measured just now, and as usual. */
export function measured(ttftMs: number): Partial<OriginHealth> {
  return { latency: { peakMs: ttftMs, usualMs: ttftMs, atMs: NOW_MS, samples: 10 } };
}

export function view(changes: Partial<PlanView> = {}): PlanView {
  return {
    catalog: CATALOG,
    keyView: keyView(),
    accountId: ACCOUNT,
    health: healthBoard(),
    nowMs: NOW_MS,
    callerPlace: null,
    decisionId: DECISION,
    sessionKey: null,
    keptModelId: null,
    ...changes,
  };
}
