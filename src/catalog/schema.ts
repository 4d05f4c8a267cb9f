// The form of a catalog file: field by field, unknown keys refused, every default filled in.
// Knows one row at a time; what rows and fields say about each other is check.ts's business, and
// checkCatalog is the only door.
import * as z from "zod";
import {
  CAPABILITIES,
  type Capability,
  type Model,
  type ModelTask,
  ORIGIN_FEATURES,
  ORIGIN_KINDS,
  type Price,
  type Region,
  type Serving,
  TASKS_OF_MODELS,
  WORKERS_AI_URL,
} from "../domain/catalog.ts";
import { ROUTING_TASKS } from "../domain/route.ts";
import { faultOfModelId } from "./model-id.ts";

// Catalogs are kept whole in each isolate's memory and walked by routing: generous, but bounded.
export const MAX_REGIONS = 100;
export const MAX_MODELS = 2_000;
export const MAX_ORIGINS = 2_000;
const MAX_ALIASES = 50;
const MAX_ACCOUNTS = 10_000;
/** Names for people. */
const MAX_NAME_CHARACTERS = 200;
const MAX_URL_CHARACTERS = 2_000;
/** Ten times the longest context window on the market. */
const MAX_TOKENS = 100_000_000;
/** USD. Keeps the dearest request within exact integer arithmetic; a slipped decimal point is caught. */
const MAX_PRICE_USD = 100_000;
/** A day: no answer is waited for longer, and timers hold at most 2³¹ ms. */
const MAX_TIMEOUT_MS = 86_400_000;

/** Counts before it looks inside: an endless list must not become an endless list of faults. */
export function boundedList<Row extends z.ZodType>(row: Row, max: number) {
  return z.array(z.unknown()).max(max).pipe(z.array(row));
}

const name = z.string().min(1).max(MAX_NAME_CHARACTERS);

// Ids travel in headers and name objects: no white space, nothing to escape.
const plainId = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    "Use 1 to 64 letters, digits and . _ - beginning with a letter or digit.",
  );

const accountId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "Give the account's id: 1 to 64 letters, digits and _ or -.");

const modelId = z.string().check((context) => {
  const message = faultOfModelId(context.value);
  if (message !== null) context.issues.push({ code: "custom", input: context.value, message });
});

const secretName = z
  .string()
  .max(MAX_NAME_CHARACTERS)
  .regex(/^ORIGIN_[A-Z0-9_]+$/, "Name a secret: ORIGIN_ followed by capital letters, digits and _.");

/** Kept without its trailing slashes: kinds append their path with one. */
const httpUrl = z
  .string()
  .max(MAX_URL_CHARACTERS)
  .refine(isPlainHttpUrl, "Give an http or https URL without user, password, query and fragment.")
  // The look-behind starts one match per run of slashes: linear on hostile input.
  .transform((url) => url.replace(/(?<!\/)\/+$/, ""));

function isPlainHttpUrl(url: string): boolean {
  if (!/^https?:\/\/[^\s\\?#]+$/.test(url) || !URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username === "" && password === "";
}

const tokens = z.int().min(1).max(MAX_TOKENS);
const usd = z.number().min(0).max(MAX_PRICE_USD);
const timeoutMs = z.int().min(1).max(MAX_TIMEOUT_MS);

const timeouts = z.strictObject({
  ttft_ms: timeoutMs.default(30_000),
  idle_ms: timeoutMs.default(20_000),
  total_ms: timeoutMs.default(600_000),
});

const price = z
  .strictObject({
    input_per_mtok: usd.optional(),
    cached_input_per_mtok: usd.nullable().default(null),
    output_per_mtok: usd.optional(),
    gpu_per_minute: usd.optional(),
  })
  .transform((given): Price => {
    if (given.gpu_per_minute !== undefined) return { gpu_per_minute: given.gpu_per_minute };
    const { input_per_mtok = 0, cached_input_per_mtok, output_per_mtok = 0 } = given;
    return { input_per_mtok, cached_input_per_mtok, output_per_mtok };
  });

const score = z.number().min(0).max(1).optional();
const ability = z
  .strictObject(Object.fromEntries(ROUTING_TASKS.map((task) => [task, score])))
  .transform((given) => Object.fromEntries(Object.entries(given).filter((entry) => isScored(entry))));

function isScored(entry: [string, number | undefined]): entry is [string, number] {
  return entry[1] !== undefined;
}

export const regionSchema = z
  .strictObject({
    id: plainId,
    name: name.optional(),
    lat: z.number().min(-90).max(90).nullable().default(null),
    lon: z.number().min(-180).max(180).nullable().default(null),
    jurisdiction: z.enum(["eu", "us", "fedramp"]).nullable().default(null),
  })
  .transform((given): Region => ({ ...given, name: given.name ?? given.id }));

export const DEFAULT_CONTEXT_LENGTH = 8192;

export const modelSchema = z
  .strictObject({
    id: modelId,
    owned_by: name.default("inferbase"),
    task: z.enum(TASKS_OF_MODELS),
    parameters_b: z.number().gt(0).max(1_000_000).nullable().default(null),
    context_length: tokens.default(DEFAULT_CONTEXT_LENGTH),
    max_output_tokens: tokens.optional(),
    capabilities: boundedList(z.enum(CAPABILITIES), CAPABILITIES.length).optional(),
    price,
    visibility: z.enum(["public", "private"]).default("public"),
    account: accountId.nullable().default(null),
    aliases: boundedList(modelId, MAX_ALIASES).default([]),
    fast: z.boolean().default(false),
    ability: ability.default({}),
    prefill_tokens_per_s: z.number().gt(0).max(MAX_TOKENS).default(5000),
    timeouts: timeouts.nullable().default(null),
  })
  .transform((given): Model => {
    const capabilities = given.capabilities ?? capabilitiesOf(given.task);
    return { ...given, capabilities, max_output_tokens: given.max_output_tokens ?? given.context_length };
  });

function capabilitiesOf(task: ModelTask): readonly Capability[] {
  if (task === "text-generation") return ["chat", "completions"];
  if (task === "embeddings") return ["embeddings"];
  return [];
}

const servingSchema = z
  .strictObject({ model: z.string().min(1).max(MAX_NAME_CHARACTERS), as: name.optional() })
  .transform((given): Serving => ({ model: given.model, as: given.as ?? given.model }));

export const originSchema = z.strictObject({
  id: plainId,
  region: z.string().min(1).max(MAX_NAME_CHARACTERS),
  kind: z.enum(ORIGIN_KINDS),
  // Who must give one is kind-rules.ts's business.
  base_url: httpUrl.default(WORKERS_AI_URL),
  secret: secretName.nullable().default(null),
  max_concurrency: z.int().min(1).max(1_000_000).default(64),
  features: boundedList(z.enum(ORIGIN_FEATURES), ORIGIN_FEATURES.length).default([]),
  weight: z.number().gt(0).max(1_000).default(1),
  accounts: boundedList(accountId, MAX_ACCOUNTS).nullable().default(null),
  control_url: httpUrl.nullable().default(null),
  timeouts: timeouts.prefault({}),
  serves: boundedList(servingSchema, MAX_MODELS),
});

/** The three lists, their rows unread: check.ts reads these one by one, to stop when enough is wrong. */
export const envelopeSchema = z.strictObject({
  regions: z.array(z.unknown()).max(MAX_REGIONS),
  models: z.array(z.unknown()).max(MAX_MODELS),
  origins: z.array(z.unknown()).max(MAX_ORIGINS),
});

/** Unknown JSON → CatalogRows. */
export const catalogSchema = z.strictObject({
  regions: boundedList(regionSchema, MAX_REGIONS),
  models: boundedList(modelSchema, MAX_MODELS),
  origins: boundedList(originSchema, MAX_ORIGINS),
});
