// From a zod verdict to the house's error: the first fault, its path as callers write it, one sentence.
import type * as z from "zod";
import { invalid, missing, RouterError } from "../domain/errors.ts";

/** @throws RouterError missing_required_parameter | invalid_value, with `param`. */
export function readSchema<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new RouterError("invalid_value", "Send a JSON object as the body of the request.");
  }
  const verdict = schema.safeParse(body);
  if (verdict.success) return verdict.data;
  const [issue] = verdict.error.issues;
  const path = issue?.path ?? [];
  const param = paramOf(path);
  if (valueAt(body, path) === undefined && path.length > 0) throw missing(param);
  throw invalid(param, `Invalid '${param}': ${sentence(issue?.message ?? "it is not accepted")}`);
}

/** `messages[0].role` for ["messages", 0, "role"]. */
function paramOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key]; // checked to be an object's own member
  }
  return value;
}

function sentence(message: string): string {
  const text = message.replace(/^Invalid (input|option): /, "");
  return text.endsWith(".") ? text : `${text}.`;
}
