// What is checked of an OpenAI request, and nothing more: unknown fields pass to the origin as they are.
// Nothing is coerced; null stands for absent, as OpenAI's own clients send it.
import * as z from "zod";
import { MODES } from "../domain/inference.ts";
import { ROUTING_TASKS } from "../domain/route.ts";

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

const modelId = z.string().min(1).max(300);
const text = z.string();

const part = z
  .looseObject({
    type: z.string(),
    text: text.optional(),
    image_url: z.looseObject({ url: z.string().min(1) }).optional(),
  })
  .refine((value) => value.type !== "text" || value.text !== undefined, {
    message: "a part of type 'text' needs 'text'",
  })
  .refine((value) => value.type !== "image_url" || value.image_url !== undefined, {
    message: "a part of type 'image_url' needs 'image_url.url'",
  });

const content = z.union([text, z.array(part)], { error: "expected a string or a list of parts" });

const message = z.discriminatedUnion("role", [
  z.looseObject({ role: z.literal("system"), content }),
  z.looseObject({ role: z.literal("developer"), content }),
  z.looseObject({ role: z.literal("user"), content }),
  z.looseObject({ role: z.literal("assistant"), content: content.nullish() }),
  z.looseObject({ role: z.literal("tool"), content }),
  z.looseObject({ role: z.literal("function"), content: content.nullish() }),
]);

const routing = z
  .strictObject({
    model_pool: z.array(modelId).max(MAX_POOL).nullish(),
    optimize: z.enum(MODES).nullish(),
    task: z.enum(ROUTING_TASKS).nullish(),
    region: z.string().min(1).max(64).nullish(),
    max_cost_usd: z.number().min(0).nullish(),
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

const tokens = z.array(z.int().min(0)).min(1);
const inputs = z.union(
  [
    z.string().min(1),
    tokens,
    z.array(z.string().min(1)).min(1).max(MAX_INPUTS),
    z.array(tokens).min(1).max(MAX_INPUTS),
  ],
  { error: `expected a non-empty string, a list of at most ${MAX_INPUTS} of them, or token ids` },
);
export type Inputs = z.infer<typeof inputs>;

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
