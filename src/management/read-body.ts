// The JSON body of a management request: size, caller, media type, form, in the order of wire.md §0. What
// the fields mean is each resource's business; here a fault becomes one sentence and its path.
import type * as z from "zod";
import { pathText, sentenceOf } from "../catalog/faults.ts";
import { invalid, missing, RouterError } from "../domain/errors.ts";
import type { Ports } from "../domain/ports.ts";
import type { HttpContext } from "../http.ts";
import { checkLength, readJson } from "../read-json.ts";

/** Proves who asks as far as the request can: identify or asOperator. */
export type Guard = (ports: Ports, request: Request) => Promise<unknown>;

/** wire.md §0, "elsewhere". */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** @throws RouterError 413, 401, 415 or 400, whichever comes first in that order. */
export async function readBody<Schema extends z.ZodType>(
  c: HttpContext,
  guard: Guard,
  schema: Schema,
): Promise<z.output<Schema>> {
  return readFields(schema, await readGuarded(c, guard, MAX_BODY_BYTES));
}

/** The body as unknown JSON, for those who read it with a schema of their own. */
export async function readGuarded(c: HttpContext, guard: Guard, maxBytes: number): Promise<unknown> {
  checkLength(c.req.raw, maxBytes);
  await guard(c.get("ports"), c.req.raw);
  return readJson(c.get("ports"), c.req.raw, maxBytes);
}

function readFields<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const verdict = schema.safeParse(value, { error: sentenceOf, reportInput: true });
  if (verdict.success) return verdict.data;
  const [issue] = verdict.error.issues;
  if (issue === undefined) throw new Error("a failed parse without an issue");
  throw refusalOf(issue);
}

function refusalOf(issue: z.core.$ZodIssue): RouterError {
  if (issue.code === "unrecognized_keys") {
    const param = pathText([...issue.path, issue.keys[0] ?? ""]);
    return invalid(param, `Remove '${param}': this endpoint knows no such field.`);
  }
  const param = pathText(issue.path);
  if (param === "") return new RouterError("invalid_value", "Send a JSON object as the body of the request.");
  if (issue.input === undefined) return missing(param);
  return invalid(param, `Invalid '${param}': ${issue.message}`);
}
