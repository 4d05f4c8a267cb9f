// What is wrong with a catalog, in words for operators: a path and one sentence that says what to
// do. Translates zod's issues; deliberately knows no field and no rule of the catalog.
import type * as z from "zod";
import { assertNever } from "../lib/assert-never.ts";

export interface Fault {
  /** As one would write it in code: `models[2].price.output_per_mtok`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
}

export type Path = readonly PropertyKey[];

/** One fault per issue; unknown keys are each a fault of their own, under their own path. */
export function* faultsOfIssues(issues: readonly z.core.$ZodIssue[], at: Path): Generator<Fault> {
  for (const issue of issues) {
    const path = [...at, ...issue.path];
    if (issue.code !== "unrecognized_keys") {
      yield { path: pathText(path), message: issue.message };
      continue;
    }
    for (const key of issue.keys) yield { path: pathText([...path, key]), message: issue.message };
  }
}

/** Names and values may be the operator's own text: a fault never repeats more of it than this. */
const MAX_KEY_CHARACTERS = 100;

export function pathText(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += keyText(String(part), text === "" ? "" : ".");
  }
  return text;
}

function keyText(key: string, divider: "" | "."): string {
  if (key.length > MAX_KEY_CHARACTERS) return `[${JSON.stringify(`${key.slice(0, MAX_KEY_CHARACTERS)}…`)}]`;
  return /^[A-Za-z_$][\w$-]*$/.test(key) ? divider + key : `[${JSON.stringify(key)}]`;
}

/** Given to zod with each parse: fields with a rule of their own bring their own sentence. */
export function sentenceOf(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? `Add this field: it must be ${typeText(issue.expected)}.`
        : `Make this ${typeText(issue.expected)}.`;
    case "invalid_value":
      return `Use one of: ${issue.values.join(", ")}.`;
    case "unrecognized_keys":
      return "Remove this key: the catalog does not know it.";
    case "too_small":
      return `Use ${issue.inclusive === false ? "more than" : "at least"} ${amountText(issue, issue.minimum)}.`;
    case "too_big":
      return `Use ${issue.inclusive === false ? "less than" : "at most"} ${amountText(issue, issue.maximum)}.`;
    case "invalid_format":
    case "not_multiple_of":
    case "invalid_union":
    case "invalid_key":
    case "invalid_element":
    case "custom":
      return "Correct this value.";
    default:
      return assertNever(issue);
  }
}

function typeText(expected: string): string {
  switch (expected) {
    case "int":
      return "a whole number";
    case "array":
      return "a list";
    case "object":
      return "an object";
    case "boolean":
      return "true or false";
    default:
      return `a ${expected}`;
  }
}

function amountText(issue: { readonly origin?: string }, amount: number | bigint): string {
  switch (issue.origin) {
    case "string":
      return amount === 1 ? "1 character" : `${amount} characters`;
    case "array":
      return amount === 1 ? "1 entry" : `${amount} entries`;
    default:
      return String(amount);
  }
}
