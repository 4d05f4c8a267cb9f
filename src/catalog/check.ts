// The only door of a catalog: unknown JSON becomes rows, or everything that is wrong with it at
// once. Knows neither where catalogs are stored nor whether an origin can be reached.
import type * as z from "zod";
import type { CatalogRows } from "../domain/catalog.ts";
import { type Fault, faultsOfIssues, type Path, sentenceOf } from "./faults.ts";
import { brokenRules } from "./rules.ts";
import { catalogSchema, envelopeSchema, modelSchema, originSchema, regionSchema } from "./schema.ts";
import { listsOf, sketchOf } from "./sketch.ts";

export type CheckedCatalog =
  | { readonly ok: true; readonly rows: CatalogRows }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export function checkCatalog(input: unknown): CheckedCatalog {
  const faults = firstFaults(faultsOf(input));
  if (faults.length > 0) return { ok: false, faults };
  const parsed = catalogSchema.safeParse(input, { error: sentenceOf });
  if (parsed.success) return { ok: true, rows: parsed.data };
  // The rows were read one by one above, by the same schemas: reached only if those differ.
  return { ok: false, faults: firstFaults(faultsOfIssues(parsed.error.issues, [])) };
}

/** More than anybody mends at once; a hostile file of a few MiB could have a million. */
const MAX_FAULTS = 1_000;

function firstFaults(all: Iterable<Fault>): readonly Fault[] {
  const faults: Fault[] = [];
  for (const fault of all) {
    if (faults.length === MAX_FAULTS) {
      faults.push({ path: "", message: "Mend these faults first: there are more, not listed here." });
      break;
    }
    faults.push(fault);
  }
  return faults;
}

function* faultsOf(input: unknown): Generator<Fault> {
  yield* misread(envelopeSchema, input, []);
  const { regions, models, origins } = listsOf(input);
  for (const [index, row] of regions.entries()) yield* misread(regionSchema, row, ["regions", index]);
  for (const [index, row] of models.entries()) yield* misread(modelSchema, row, ["models", index]);
  for (const [index, row] of origins.entries()) yield* misread(originSchema, row, ["origins", index]);
  yield* brokenRules(sketchOf(input));
}

function* misread(schema: z.ZodType, value: unknown, at: Path): Generator<Fault> {
  const parsed = schema.safeParse(value, { error: sentenceOf });
  if (!parsed.success) yield* faultsOfIssues(parsed.error.issues, at);
}
