// One model, one origin, one inference and the route between them, with every field filled in, for tests to
// change in one place each.
import type { Model, Origin, Price, Target } from "../../src/domain/catalog.ts";
import type { DecisionId } from "../../src/domain/ids.ts";
import type { Inference } from "../../src/domain/inference.ts";
import type { Profile, Route } from "../../src/domain/route.ts";

export const TOKEN_PRICE: Price = {
  input_per_mtok: 0.06,
  cached_input_per_mtok: null,
  output_per_mtok: 0.24,
};

export function sampleModel(fields: Partial<Model> = {}): Model {
  return {
    id: "Qwen/Qwen3-14B",
    owned_by: "Qwen",
    task: "text-generation",
    parameters_b: 14,
    context_length: 8_192,
    max_output_tokens: 4_096,
    capabilities: ["chat", "completions"],
    price: TOKEN_PRICE,
    visibility: "public",
    account: null,
    aliases: [],
    fast: false,
    ability: {},
    prefill_tokens_per_s: 5_000,
    timeouts: null,
    ...fields,
  };
}

export function sampleOrigin(fields: Partial<Origin> = {}): Origin {
  return {
    id: "us-east-1",
    region: "us-east",
    kind: "openai-compatible",
    base_url: "http://origin.invalid/v1",
    secret: null,
    max_concurrency: 64,
    features: [],
    weight: 1,
    accounts: null,
    control_url: null,
    timeouts: { ttft_ms: 30_000, idle_ms: 20_000, total_ms: 600_000 },
    serves: [],
    ...fields,
  };
}

export function sampleTarget(
  fields: { readonly model?: Partial<Model>; readonly origin?: Partial<Origin> } = {},
): Target {
  return {
    model: sampleModel(fields.model),
    origin: sampleOrigin(fields.origin),
    servedAs: "qwen3-14b",
  };
}

export function sampleInference(fields: Partial<Inference> = {}): Inference {
  return {
    wire: "openai-chat",
    model: "Qwen/Qwen3-14B",
    fallbackModels: [],
    stream: true,
    includeUsage: false,
    inputs: 1,
    choices: 1,
    answers: 1,
    maxOutputTokens: null,
    needs: ["chat"],
    wishes: { pool: null, optimize: null, task: null, region: null, maxCostMicroUsd: null, fallback: true },
    prompt: { text: "hello", system: "", turns: 1, size: { bytes: 5, messages: 1 } },
    body: { model: "Qwen/Qwen3-14B", messages: [{ role: "user", content: "hello" }], stream: true },
    task: null,
    isRepeatable: false,
    outputLimitField: "max_tokens",
    remoteImages: [],
    user: null,
    tags: null,
    sessionId: null,
    opening: null,
    timeoutMs: null,
    waitMs: null,
    routingEvent: false,
    ...fields,
  };
}

export const SAMPLE_PROFILE: Profile = {
  task: "code_generation",
  group: "code",
  complexity: "simple",
  confidence: 0.95,
  language: "en",
  needs: [],
  inputTokens: 10,
  expectedOutputTokens: 100,
};

export function sampleRoute(targets: readonly Target[], fields: Partial<Route> = {}): Route {
  return {
    decisionId: "rt_0000000000000000000000" as DecisionId,
    isSmart: false,
    profile: SAMPLE_PROFILE,
    optimize: "balanced",
    targets,
    candidates: [],
    bestModel: null,
    pinnedRegion: null,
    reason: "Only this model was asked for.",
    fallback: true,
    ...fields,
  };
}
