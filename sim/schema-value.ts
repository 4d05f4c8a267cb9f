// A plausible value for a JSON schema: for `response_format` and for the arguments of tool calls.
// It follows types, enums, bounds and references; patterns and conditions it does not know.

import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from "./json-object.ts";
import type { Dice } from "./seeded.ts";
import { ADJECTIVES, NOUNS } from "./vocabulary.ts";

interface ValueSource {
  readonly dice: Dice;
  /** The request's text: names and numbers in it are preferred to invented ones. */
  readonly ask: string;
  /** The whole schema, where `$ref` points into. */
  readonly root: JsonObject;
}

/** Schemas may refer to themselves; below this depth only what is required is given, and lists are empty. */
const MAX_DEPTH = 6;
/** References followed for one value, so that a circle of them ends. */
const MAX_REFERENCES = 16;

export function valueFor(source: ValueSource, schema: unknown, depth = 0): unknown {
  const plain = resolve(source, schema);
  if (plain.const !== undefined) return plain.const;
  const choices = listAt(plain, "enum");
  if (choices.length > 0)
    return choices.find((one) => isMentioned(source.ask, one)) ?? source.dice.pick(choices);
  switch (typeOf(plain)) {
    case "object":
      return objectFor(source, plain, depth);
    case "array":
      return listFor(source, plain, depth);
    case "integer":
      return Math.round(numberFor(source, plain));
    case "number":
      return numberFor(source, plain);
    case "boolean":
      return source.dice.below(2) === 1;
    case "null":
      return null;
    default:
      return textFor(source, plain);
  }
}

/** Follows references and takes the first of several alternatives; `allOf` is merged. */
function resolve(source: ValueSource, schema: unknown): JsonObject {
  let current = isObject(schema) ? schema : {};
  for (let followed = 0; followed < MAX_REFERENCES; followed += 1) {
    const reference = textAt(current, "$ref");
    const alternatives = [...listAt(current, "anyOf"), ...listAt(current, "oneOf")].filter(isObject);
    const [first] = alternatives;
    if (reference !== null) current = lookUp(source.root, reference);
    else if (first !== undefined) current = first;
    else break;
  }
  return Object.assign({}, current, ...listAt(current, "allOf").map((part) => resolve(source, part)));
}

function lookUp(root: JsonObject, reference: string): JsonObject {
  let current: unknown = root;
  for (const step of reference.replace(/^#\/?/, "").split("/")) {
    if (step !== "" && isObject(current)) current = current[step];
  }
  return isObject(current) ? current : {};
}

function typeOf(schema: JsonObject): string {
  const type = schema.type;
  if (typeof type === "string") return type;
  if (Array.isArray(type)) return type.find((one) => typeof one === "string" && one !== "null") ?? "null";
  if (schema.properties !== undefined) return "object";
  return schema.items === undefined ? "string" : "array";
}

function objectFor(source: ValueSource, schema: JsonObject, depth: number): JsonObject {
  const properties = objectAt(schema, "properties") ?? {};
  const required = listAt(schema, "required");
  const names = Object.keys(properties).filter((name) => depth < MAX_DEPTH || required.includes(name));
  // Past the hard end even required members are left out: a circle of them has no finite value.
  if (depth > 2 * MAX_DEPTH) return {};
  return Object.fromEntries(names.map((name) => [name, valueFor(source, properties[name], depth + 1)]));
}

function listFor(source: ValueSource, schema: JsonObject, depth: number): readonly unknown[] {
  const least = numberAt(schema, "minItems") ?? 1;
  const most = numberAt(schema, "maxItems") ?? Math.max(3, least);
  const length = depth >= MAX_DEPTH ? least : least + source.dice.below(Math.max(1, most - least));
  const bounded = depth > 2 * MAX_DEPTH ? 0 : Math.min(length, 100);
  return Array.from({ length: bounded }, () => valueFor(source, schema.items, depth + 1));
}

function numberFor(source: ValueSource, schema: JsonObject): number {
  const least = numberAt(schema, "minimum") ?? (numberAt(schema, "exclusiveMinimum") ?? -1) + 1;
  const most = numberAt(schema, "maximum") ?? (numberAt(schema, "exclusiveMaximum") ?? least + 101) - 1;
  const mentioned = source.ask.match(/\d+(\.\d+)?/);
  if (mentioned !== null && Number(mentioned[0]) >= least && Number(mentioned[0]) <= most) {
    return Number(mentioned[0]);
  }
  return least + source.dice.below(Math.max(1, Math.floor(most - least) + 1));
}

function textFor(source: ValueSource, schema: JsonObject): string {
  const format = FORMATS[textAt(schema, "format") ?? ""];
  if (format !== undefined) return format;
  const name = properNameIn(source.ask);
  const text = name ?? `${source.dice.pick(ADJECTIVES)} ${source.dice.pick(NOUNS)}`;
  const padded = text.padEnd(Math.min(numberAt(schema, "minLength") ?? 0, 10_000), ".");
  return padded.slice(0, numberAt(schema, "maxLength") ?? padded.length);
}

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-03-14T09:26:53Z",
  date: "2026-03-14",
  time: "09:26:53Z",
  email: "ada@example.com",
  uri: "https://example.com/",
  uuid: "3f0e9a52-8c1d-4b7e-9a46-0d5c2b1e7f88",
  ipv4: "192.0.2.1",
};

/** What stands in quotes, or a capitalised word after the first: "weather in Paris" → Paris. */
function properNameIn(ask: string): string | null {
  const quoted = ask.match(/["“«]([^"”»]{1,80})["”»]/u);
  if (quoted?.[1] !== undefined) return quoted[1];
  const named = ask.match(/(?<=\S\s+)\p{Lu}[\p{L}\p{M}’'-]+(?: \p{Lu}[\p{L}\p{M}’'-]+)*/u);
  return named === null ? null : named[0];
}

function isMentioned(ask: string, choice: unknown): boolean {
  return typeof choice === "string" && ask.toLowerCase().includes(choice.toLowerCase());
}
