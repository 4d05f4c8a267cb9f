// Turns "nothing fits" into the one error a caller can act on. The model that came furthest through
// the filters decides which: what it failed at is what is left to change.
import type { Capability, Model } from "../domain/catalog.ts";
import { invalid, RouterError } from "../domain/errors.ts";
import { assertNever } from "../lib/assert-never.ts";
import { type Demand, type Exclusion, FILTERS, type Screened } from "./candidates.ts";
import { listed, quoted } from "./policy.ts";
import { admits } from "./pool.ts";

/** Another account's private model gets this same sentence: it must not be told from no model. */
export function unknownModel(asked: string, param: string): RouterError {
  return new RouterError(
    "model_not_found",
    `There is no model ${quoted(asked)}. GET /models lists the models you can use.`,
    { param },
  );
}

export function refuseNamed(screened: readonly Screened[], demand: Demand): RouterError {
  return refuse(screened, { demand, subject: "named" });
}

export function refuseAuto(screened: readonly Screened[], demand: Demand): RouterError {
  return refuse(screened, { demand, subject: "auto" });
}

/** A model named outright that a pool shuts out; null when every pool admits it. */
export function forbiddenModel(screened: Screened, demand: Demand, param: string): RouterError | null {
  const { model, exclusion } = screened;
  if (exclusion?.filter === "key-pool") {
    const message = `This key may not use '${model.id}': its model pool does not include it.`;
    return new RouterError("model_forbidden", message, { param });
  }
  if (exclusion?.filter !== "request-pool") return null;
  if (demand.requestPools.some((pool) => pool.entries.length === 0)) return emptyPool();
  const message = `'routing.model_pool' of this request does not include '${model.id}'.`;
  return new RouterError("model_forbidden", message, { param });
}

interface Occasion {
  readonly demand: Demand;
  /** "named": models the request names; "auto": whatever the pool holds. */
  readonly subject: "named" | "auto";
}

function refuse(screened: readonly Screened[], occasion: Occasion): RouterError {
  const furthest = furthestOf(screened);
  if (furthest === null) return emptyPool();
  const { filter } = furthest.exclusion;
  const { demand } = occasion;
  switch (filter) {
    case "key-pool":
      return emptyPool();
    case "request-pool":
      return outsideKeyPool(screened, demand);
    case "capability":
      return lacksCapability(furthest.model, occasion);
    case "context":
      return tooLong(stoppedAt(screened, "context"), demand);
    case "output-limit":
      return tooMuchOutput(stoppedAt(screened, "output-limit"), demand);
    case "max-cost":
      return tooDear(screened);
    case "place":
      return nowhere(furthest.model, occasion);
    default:
      return assertNever(filter);
  }
}

interface Stopped {
  readonly model: Model;
  readonly exclusion: Exclusion;
}

function furthestOf(screened: readonly Screened[]): Stopped | null {
  let furthest: Stopped | null = null;
  for (const { model, exclusion } of screened) {
    if (exclusion === null) continue;
    const isFurther =
      furthest === null || FILTERS.indexOf(exclusion.filter) > FILTERS.indexOf(furthest.exclusion.filter);
    if (isFurther) furthest = { model, exclusion };
  }
  return furthest;
}

function stoppedAt(screened: readonly Screened[], filter: Exclusion["filter"]): readonly Model[] {
  return screened.filter((one) => one.exclusion?.filter === filter).map((one) => one.model);
}

function emptyPool(): RouterError {
  return new RouterError(
    "empty_pool",
    "The model pool is empty: add models to 'routing.model_pool' or to the key's pool.",
    { param: "model" },
  );
}

/** The request's own lists may share nothing: then its pool is empty, and the key forbade nothing. */
function outsideKeyPool(screened: readonly Screened[], demand: Demand): RouterError {
  const isAskedFor = (one: Screened) => demand.requestPools.every((pool) => admits(pool, one.model));
  if (!screened.some(isAskedFor)) return emptyPool();
  const message = "This key's model pool includes none of the models this request asks for.";
  return new RouterError("model_forbidden", message, { param: demand.poolParam });
}

function lacksCapability(model: Model, occasion: Occasion): RouterError {
  const { task } = occasion.demand;
  if (task !== null && occasion.subject !== "auto" && model.task !== task) {
    return invalid("model", `'${model.id}' is for ${model.task} and cannot do ${task}.`);
  }
  const wanted = listed(task === null ? occasion.demand.capabilities : [task]);
  if (occasion.subject === "auto") {
    return invalid("model", `No model of the pool can do all of what this request needs: ${wanted}.`);
  }
  const missing: readonly Capability[] = occasion.demand.capabilities.filter(
    (one) => !model.capabilities.includes(one),
  );
  const can = model.capabilities.length === 0 ? model.task : listed(model.capabilities);
  const cannot = listed(missing.length === 0 ? occasion.demand.capabilities : missing);
  return invalid(
    "model",
    `'${model.id}' is a ${model.task} model and cannot do ${cannot}; it can do: ${can}.`,
  );
}

function tooLong(models: readonly Model[], demand: Demand): RouterError {
  const widest = models.reduce((wide, model) => (model.context_length > wide.context_length ? model : wide));
  const { inputTokens, outputTokens } = demand.window;
  const needed = `about ${inputTokens} input tokens plus ${outputTokens} output tokens`;
  return new RouterError(
    "context_length_exceeded",
    `This request needs ${needed}; the context window of '${widest.id}' is ${widest.context_length} tokens. Shorten it.`,
    { param: demand.window.param },
  );
}

function tooMuchOutput(models: readonly Model[], demand: Demand): RouterError {
  const longest = models.reduce((most, model) =>
    model.max_output_tokens > most.max_output_tokens ? model : most,
  );
  const most = `'${longest.id}' writes at most ${longest.max_output_tokens} tokens`;
  const { outputTokens, outputParam } = demand.window;
  return invalid(outputParam, `'${outputParam}' is ${outputTokens}; ${most}.`);
}

function tooDear(screened: readonly Screened[]): RouterError {
  const stopped = screened.filter((one) => one.exclusion?.filter === "max-cost");
  const cheapest = stopped.reduce((low, one) =>
    one.estimate.costMicroUsd < low.estimate.costMicroUsd ? one : low,
  );
  const why = `'${cheapest.model.id}': ${cheapest.exclusion?.reason}`;
  return invalid("routing.max_cost_usd", `No model fits 'routing.max_cost_usd'. The cheapest is ${why}.`);
}

/** A catalog is changed by people: sooner than that nothing will have. */
const NOWHERE_MS = 5_000;

function nowhere(model: Model, occasion: Occasion): RouterError {
  const { pinnedRegion } = occasion.demand;
  const subject = occasion.subject === "auto" ? "a model that fits this request" : `'${model.id}'`;
  if (pinnedRegion === null) {
    return new RouterError("overloaded", `No origin serves ${subject} right now.`, {
      retryAfterMs: NOWHERE_MS,
    });
  }
  const message = `No origin in region '${pinnedRegion}' serves ${subject} right now.`;
  return new RouterError("region_unavailable", message, { retryAfterMs: NOWHERE_MS });
}
