// The catalog's nouns: regions, models, origins and the targets they make. Types and look-ups
// only; reading a catalog file, its defaults and its faults are src/catalog/'s business.

export const TASKS_OF_MODELS = [
  "text-generation",
  "embeddings",
  "text-classification",
  "token-classification",
  "image-classification",
  "object-detection",
  "automatic-speech-recognition",
  "fill-mask",
  "question-answering",
  "zero-shot-image-classification",
  "text-to-image",
] as const;
export type ModelTask = (typeof TASKS_OF_MODELS)[number];

export const CAPABILITIES = ["chat", "completions", "tools", "json", "vision", "embeddings"] as const;
export type Capability = (typeof CAPABILITIES)[number];

export const ORIGIN_FEATURES = [
  "continue_final_message",
  "lora",
  "scaling",
  "gpu_time",
  "metrics",
  "single_model",
  "tei",
] as const;
export type OriginFeature = (typeof ORIGIN_FEATURES)[number];

export const ORIGIN_KINDS = ["openai-compatible", "hf-tasks", "workers-ai"] as const;
export type OriginKind = (typeof ORIGIN_KINDS)[number];

/** Names the binding where other kinds have an address; nothing is ever fetched there. */
export const WORKERS_AI_URL = "https://workers-binding.ai";

export interface Region {
  readonly id: string;
  readonly name: string;
  readonly lat: number | null;
  readonly lon: number | null;
  /** Where texts of a pinned request may be stored; null promises attempts and probes only. */
  readonly jurisdiction: "eu" | "us" | "fedramp" | null;
}

/** USD per million tokens, or per minute of GPU time. */
export type Price =
  | {
      readonly input_per_mtok: number;
      readonly cached_input_per_mtok: number | null;
      readonly output_per_mtok: number;
    }
  | { readonly gpu_per_minute: number };

export interface Timeouts {
  /** To the first frame of a stream. */
  readonly ttft_ms: number;
  /** Between two chunks of a body. */
  readonly idle_ms: number;
  /** Of the whole request. */
  readonly total_ms: number;
}

export interface Model {
  readonly id: string;
  readonly owned_by: string;
  readonly task: ModelTask;
  readonly parameters_b: number | null;
  readonly context_length: number;
  readonly max_output_tokens: number;
  readonly capabilities: readonly Capability[];
  readonly price: Price;
  readonly visibility: "public" | "private";
  /** The owner of a private model. */
  readonly account: string | null;
  readonly aliases: readonly string[];
  readonly fast: boolean;
  /** How good, 0..1, per routing task; what is not said is estimated. */
  readonly ability: Readonly<Record<string, number>>;
  readonly prefill_tokens_per_s: number;
  /** null where the origin's own timeouts hold. */
  readonly timeouts: Timeouts | null;
}

export interface Serving {
  readonly model: string;
  /** The origin's own name for the model. */
  readonly as: string;
}

export interface Origin {
  readonly id: string;
  readonly region: string;
  readonly kind: OriginKind;
  readonly base_url: string;
  /** Names a secret binding; never holds one. */
  readonly secret: string | null;
  readonly max_concurrency: number;
  readonly features: readonly OriginFeature[];
  readonly weight: number;
  /** Dedicated origins list their accounts; null serves all. */
  readonly accounts: readonly string[] | null;
  readonly control_url: string | null;
  readonly timeouts: Timeouts;
  readonly serves: readonly Serving[];
}

/** The file of operators: three lists of plain rows, every default filled in. */
export interface CatalogRows {
  readonly regions: readonly Region[];
  readonly models: readonly Model[];
  readonly origins: readonly Origin[];
}

/** Model × origin: the unit that routing ranks and an attempt calls. */
export interface Target {
  readonly model: Model;
  readonly origin: Origin;
  /** The name under which this origin serves this model. */
  readonly servedAs: string;
}

/** Rows indexed once per version; every look-up of the hot path is one Map access. */
export interface Catalog {
  readonly version: number;
  /** Seconds since the epoch: `created` of every model row. */
  readonly createdAtS: number;
  readonly rows: CatalogRows;
  readonly regions: ReadonlyMap<string, Region>;
  /** By id and by alias. */
  readonly models: ReadonlyMap<string, Model>;
  readonly origins: ReadonlyMap<string, Origin>;
  /** By model id; a model nobody serves has an empty list. */
  readonly targets: ReadonlyMap<string, readonly Target[]>;
}

/** A private model is invisible to everybody but its owner. */
export function isVisible(model: Model, accountId: string | null): boolean {
  return model.visibility === "public" || (accountId !== null && model.account === accountId);
}

/** A dedicated origin serves only the accounts it lists. */
export function isServedTo(origin: Origin, accountId: string | null): boolean {
  return origin.accounts === null || (accountId !== null && origin.accounts.includes(accountId));
}

/** Requests that an origin serves at once, by its limit and its relative capacity. */
export function slotsOf({ max_concurrency, weight }: Origin): number {
  return Math.max(1, max_concurrency) * Math.max(0.01, weight);
}

/** The model's own timeouts win over its origin's. */
export function timeoutsOf(target: Target): Timeouts {
  return target.model.timeouts ?? target.origin.timeouts;
}
