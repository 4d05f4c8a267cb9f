// What is checked of an OpenAI request, and nothing more: unknown fields pass to the origin as they are.
// Nothing is coerced; null stands for absent, as OpenAI's own clients send it.
import * as z from "zod";
import { MODES } from "../domain/inference.ts";
import { ROUTING_TASKS } from "../domain/route.ts";
import { messageContent } from "./message-content.ts";

// Workers forbid building code from strings; without this zod probes for it at start-up.
z.config({ jitless: true });

/** Limits of wire.md §0; their messages name them. */
const MAX_MESSAGES = 2_048;
const MAX_CHOICES = 8;
const MAX_STOPS = 4;
const MAX_POOL = 200;
const MAX_FALLBACKS = 16;
const MAX_INPUTS = 2_048;
const MAX_TOOLS = 128;
/** OpenAI's own; a usage row keeps them. */
const MAX_TAGS = 16;
/** USD; money is exact to 9 billion, and a limit beyond is none. */
const MAX_COST_USD = 1_000_000_000;

const modelId = z.string().min(1).max(300);
const message = z.discriminatedUnion("role", [
  z.looseObject({ role: z.literal("system"), content: messageContent }),
  z.looseObject({ role: z.literal("developer"), content: messageContent }),
  z.looseObject({ role: z.literal("user"), content: messageContent }),
  z.looseObject({ role: z.literal("assistant"), content: messageContent.nullish() }),
  z.looseObject({ role: z.literal("tool"), content: messageContent }),
  z.looseObject({ role: z.literal("function"), content: messageContent.nullish() }),
]);

const routing = z
  .strictObject({
    model_pool: z.array(modelId).max(MAX_POOL).nullish(),
    optimize: z.enum(MODES).nullish(),
    task: z.enum(ROUTING_TASKS).nullish(),
    region: z.string().min(1).max(64).nullish(),
    max_cost_usd: z.number().min(0).max(MAX_COST_USD).nullish(),
    fallback: z.boolean().nullish(),
  })
  .nullish();

/** Fields of ours, in every request of this dialect. */
const ours = {
  model: modelId,
  models: z.array(modelId).max(MAX_FALLBACKS).nullish(),
  routing,
  session_id: z.string().max(256).nullish(),
  prompt_cache_key: z.string().max(256).nullish(),
  user: z.string().max(512).nullish(),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((tags) => Object.keys(tags).length <= MAX_TAGS, `expected at most ${MAX_TAGS} pairs`)
    .nullish(),
};

const stop = z.union([z.string().min(1), z.array(z.string().min(1)).max(MAX_STOPS)], {
  error: `expected a non-empty string or at most ${MAX_STOPS} of them`,
});

/** Fields of every endpoint that generates. */
const sampling = {
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  n: z.int().min(1).max(MAX_CHOICES).nullish(),
  stop: stop.nullish(),
};

export const chatRequest = z.looseObject({
  ...ours,
  ...sampling,
  max_completion_tokens: z.int().min(1).nullish(),
  messages: z.array(message).min(1).max(MAX_MESSAGES),
  tools: z.array(z.looseObject({})).max(MAX_TOOLS).nullish(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

/** Text, texts, the token ids of one text, or of several. */
export type Inputs = string | readonly string[] | readonly number[] | readonly (readonly number[])[];

// A predicate stops at the first fault; a union would list one for each of the million entries of a body.
const inputs = z
  .unknown()
  .refine(isInputs, {
    error: `expected a non-empty string, a list of at most ${MAX_INPUTS} of them, or token ids`,
  })
  // What callers are shown of the check.
  .meta({
    anyOf: [
      { type: "string", minLength: 1 },
      { type: "array", minItems: 1 },
    ],
  }) as z.ZodType<unknown> as z.ZodType<Inputs>; // the check lets nothing else pass

function isInputs(value: unknown): boolean {
  if (isText(value) || isTokens(value)) return true;
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_INPUTS) return false;
  return value.every(isText) || value.every(isTokens);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isTokens(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((id) => Number.isSafeInteger(id) && id >= 0);
}

export const completionsRequest = z.looseObject({
  ...ours,
  ...sampling,
  prompt: inputs,
  best_of: z.int().min(1).max(MAX_CHOICES).nullish(),
});

export const embeddingsRequest = z.looseObject({
  ...ours,
  input: inputs,
  dimensions: z.int().min(1).nullish(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
});
