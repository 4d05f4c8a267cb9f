// What fields and rows of a catalog say about each other: names are unique, references resolve,
// a model's fields fit together. Works on a sketch, so it never repeats a fault of form.
import type { Capability, ModelTask } from "../domain/catalog.ts";
import { type Fault, type Path, pathText } from "./faults.ts";
import { faultsOfKinds } from "./kind-rules.ts";
import type { ModelSketch, OriginSketch, Sketch } from "./sketch.ts";

export function* brokenRules(sketch: Sketch): Generator<Fault> {
  const { regions, models, origins } = sketch;
  yield* repeatedIds("regions", regions ?? []);
  yield* repeatedIds("models", models ?? []);
  yield* repeatedIds("origins", origins ?? []);
  yield* collidingAliases(models ?? []);
  for (const [index, model] of (models ?? []).entries()) yield* faultsOfModel(model, ["models", index]);
  // A list that could not be read leaves its references unjudged.
  const regionIds = regions && idsOf(regions);
  const modelIds = models && idsOf(models);
  for (const [index, origin] of (origins ?? []).entries()) {
    const at = ["origins", index];
    if (regionIds) yield* unknownRegion(origin, regionIds, at);
    yield* faultsOfServing(origin, modelIds, at);
    yield* faultsOfAccounts(origin, at);
  }
  yield* faultsOfKinds(sketch);
}

interface Identified {
  readonly id?: string | undefined;
}

function idsOf(rows: readonly Identified[]): ReadonlySet<string> {
  return new Set(rows.flatMap((row) => row.id ?? []));
}

function* repeatedIds(list: string, rows: readonly Identified[]): Generator<Fault> {
  const seen = new Set<string>();
  for (const [index, { id }] of rows.entries()) {
    if (id === undefined) continue;
    if (seen.has(id)) yield fault([list, index, "id"], "Choose another id: a row above has this one.");
    seen.add(id);
  }
}

function* collidingAliases(models: readonly ModelSketch[]): Generator<Fault> {
  const ids = idsOf(models);
  const seen = new Set<string>();
  for (const [index, model] of models.entries()) {
    for (const [place, alias] of (model.aliases ?? []).entries()) {
      if (alias === undefined) continue;
      const at = ["models", index, "aliases", place];
      if (ids.has(alias)) yield fault(at, "Remove this alias: a model has it as its id.");
      else if (seen.has(alias)) yield fault(at, "Remove this alias: it is given above already.");
      seen.add(alias);
    }
  }
}

function* faultsOfModel(model: ModelSketch, at: Path): Generator<Fault> {
  yield* faultsOfOwner(model, at);
  yield* faultsOfPrice(model, [...at, "price"]);
  const { context_length: context, max_output_tokens: output } = model;
  if (context !== undefined && output !== undefined && output > context) {
    yield fault([...at, "max_output_tokens"], `Use at most the model's context_length, ${context}.`);
  }
  for (const [place, capability] of (model.capabilities ?? []).entries()) {
    if (capability === undefined || model.task === undefined) continue;
    if (TASK_OF_CAPABILITY[capability] === model.task) continue;
    yield fault(
      [...at, "capabilities", place],
      `Remove this capability: the task ${model.task} has none such.`,
    );
  }
}

const TASK_OF_CAPABILITY: Readonly<Record<Capability, ModelTask>> = {
  chat: "text-generation",
  completions: "text-generation",
  tools: "text-generation",
  json: "text-generation",
  vision: "text-generation",
  embeddings: "embeddings",
};

function* faultsOfOwner(model: ModelSketch, at: Path): Generator<Fault> {
  const hasOwner = model.account !== undefined && model.account !== null;
  if (model.visibility === "private" && !hasOwner) {
    yield fault([...at, "account"], "Give the id of the account that owns this private model.");
  }
  // Most likely a private model about to be shown to everybody.
  if (model.visibility === "public" && hasOwner) {
    yield fault([...at, "account"], 'Remove the account, or set visibility to "private".');
  }
}

function* faultsOfPrice(model: ModelSketch, at: Path): Generator<Fault> {
  const { price } = model;
  if (price === undefined) return;
  const hasInput = price.input_per_mtok !== undefined;
  const hasOutput = price.output_per_mtok !== undefined;
  const hasCached = price.cached_input_per_mtok !== undefined && price.cached_input_per_mtok !== null;
  if (price.gpu_per_minute !== undefined) {
    if (hasInput || hasOutput || hasCached) {
      yield fault([...at, "gpu_per_minute"], "Give prices per token or per GPU minute, not both.");
    }
    return;
  }
  if (!hasInput && !hasOutput) {
    yield fault(at, "Give input_per_mtok and output_per_mtok, or gpu_per_minute.");
    return;
  }
  if (!hasInput) yield fault([...at, "input_per_mtok"], "Give the price of input too; 0 is allowed.");
  // Other tasks put no tokens out, so what those would cost need not be said.
  if (!hasOutput && model.task === "text-generation") {
    yield fault([...at, "output_per_mtok"], "Give the price of output too; 0 is allowed.");
  }
}

function* unknownRegion(origin: OriginSketch, known: ReadonlySet<string>, at: Path): Generator<Fault> {
  if (origin.region === undefined || known.has(origin.region)) return;
  yield fault([...at, "region"], "Name a region of the list regions, by its id.");
}

function* faultsOfServing(
  origin: OriginSketch,
  known: ReadonlySet<string> | undefined,
  at: Path,
): Generator<Fault> {
  const seen = new Set<string>();
  for (const [place, { model }] of (origin.serves ?? []).entries()) {
    if (model === undefined) continue;
    const path = [...at, "serves", place, "model"];
    if (known && !known.has(model)) yield fault(path, "Name a model of the list models, by its id.");
    if (seen.has(model)) yield fault(path, "Remove this entry: the origin serves this model already.");
    seen.add(model);
  }
}

function* faultsOfAccounts(origin: OriginSketch, at: Path): Generator<Fault> {
  if (origin.accounts?.length !== 0) return;
  yield fault([...at, "accounts"], "List the accounts this origin is for, or use null for all.");
}

function fault(path: Path, message: string): Fault {
  return { path: pathText(path), message };
}
