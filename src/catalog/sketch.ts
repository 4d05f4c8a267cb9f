// What can be read of a catalog, however faulty the rest: ids, references and the fields that
// rules compare. Whatever cannot be read is absent, so that one fault neither hides nor invents
// another. Reports nothing itself.
import * as z from "zod";
import { CAPABILITIES, ORIGIN_FEATURES, ORIGIN_KINDS, TASKS_OF_MODELS } from "../domain/catalog.ts";
import { boundedList, DEFAULT_CONTEXT_LENGTH, MAX_MODELS, MAX_ORIGINS, MAX_REGIONS } from "./schema.ts";

/** A list is absent when it is no list or longer than the schema lets it be. */
export function sketchOf(input: unknown): Sketch {
  return sketchSchema.parse(input);
}

export type Sketch = z.output<typeof sketchSchema>;
export type RegionSketch = z.output<typeof region>;
export type ModelSketch = z.output<typeof model>;
export type OriginSketch = z.output<typeof origin>;

/** The three lists, their rows unread; empty when absent. */
export function listsOf(input: unknown): z.output<typeof listsSchema> {
  return listsSchema.parse(input);
}

function ifReadable<Inner extends z.ZodType>(inner: Inner) {
  return inner.optional().catch(undefined);
}

const text = ifReadable(z.string());
const texts = ifReadable(boundedList(text, MAX_MODELS));

// A row that is no object becomes an empty one: the others keep their index.
const region = z
  .object({
    id: text,
    lat: ifReadable(z.unknown()),
    lon: ifReadable(z.unknown()),
    jurisdiction: ifReadable(z.unknown()),
  })
  .catch({});

const model = z
  .object({
    id: text,
    task: ifReadable(z.enum(TASKS_OF_MODELS)),
    context_length: ifReadable(z.number().default(DEFAULT_CONTEXT_LENGTH)),
    max_output_tokens: ifReadable(z.number()),
    capabilities: ifReadable(boundedList(ifReadable(z.enum(CAPABILITIES)), CAPABILITIES.length)),
    price: ifReadable(z.record(z.string(), z.unknown())),
    visibility: ifReadable(z.enum(["public", "private"]).default("public")),
    account: ifReadable(z.unknown()),
    aliases: texts,
  })
  .catch({});

const serving = z.object({ model: text, as: text }).catch({});

const origin = z
  .object({
    id: text,
    region: text,
    kind: ifReadable(z.enum(ORIGIN_KINDS)),
    base_url: ifReadable(z.unknown()),
    secret: ifReadable(z.unknown()),
    features: ifReadable(boundedList(ifReadable(z.enum(ORIGIN_FEATURES)), ORIGIN_FEATURES.length)),
    accounts: texts,
    serves: ifReadable(boundedList(serving, MAX_MODELS)),
  })
  .catch({});

const sketchSchema = z
  .object({
    regions: ifReadable(boundedList(region, MAX_REGIONS)),
    models: ifReadable(boundedList(model, MAX_MODELS)),
    origins: ifReadable(boundedList(origin, MAX_ORIGINS)),
  })
  .catch({});

const listsSchema = z
  .object({
    regions: z.array(z.unknown()).max(MAX_REGIONS).catch([]),
    models: z.array(z.unknown()).max(MAX_MODELS).catch([]),
    origins: z.array(z.unknown()).max(MAX_ORIGINS).catch([]),
  })
  .catch({ regions: [], models: [], origins: [] });
