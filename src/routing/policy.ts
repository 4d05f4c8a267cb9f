// What governs one request before any model is looked at: mode, region pin, task override, pools.
// Read from request fields and the key alone; the prompt's text is not among its arguments.
import { type Catalog, isVisible, type Model } from "../domain/catalog.ts";
import { invalid, RouterError } from "../domain/errors.ts";
import type { AccountId } from "../domain/ids.ts";
import { AUTO, type Inference, MODES, type Mode } from "../domain/inference.ts";
import type { KeyView } from "../domain/key.ts";
import { ROUTING_TASKS, type RoutingTask } from "../domain/route.ts";
import { MAX_POOL_ENTRIES, type Pool, readPool, unmatchedEntry } from "./pool.ts";

export interface Policy {
  readonly mode: Mode;
  /** The region no attempt may leave; null when none is pinned. */
  readonly pinnedRegion: string | null;
  /** null: the classifier finds it. */
  readonly task: RoutingTask | null;
  readonly keyPool: Pool | null;
  /** Each list of the request narrows for itself; empty when it brought none. */
  readonly requestPools: readonly Pool[];
  /** The models this account may know of; what is not in it does not exist. */
  readonly visibleModels: readonly Model[];
}

export interface PolicyView {
  readonly catalog: Catalog;
  readonly keyView: KeyView;
  readonly accountId: AccountId;
}

/** Longer than any model id or region; also what a message quotes of a caller's own text. */
const MAX_NAME_CHARS = 256;
/** A message that lists a catalog stays readable. */
const MAX_NAMES_LISTED = 16;

export function readPolicy(inference: Inference, view: PolicyView): Policy | RouterError {
  const { wishes } = inference;
  const { catalog, keyView, accountId } = view;
  const error = unknownValue(inference, catalog);
  if (error !== null) return error;
  const visibleModels = catalog.rows.models.filter((model) => isVisible(model, accountId));
  const lists = requestLists(inference);
  const requestPools: Pool[] = [];
  for (const { param, entries } of lists) {
    const pool = readRequestPool(param, entries, { catalog, visibleModels });
    if (pool instanceof RouterError) return pool;
    requestPools.push(pool);
  }
  return {
    mode: wishes.optimize ?? keyView.optimizeMode ?? "balanced",
    pinnedRegion: wishes.region ?? keyView.region,
    task: taskOf(inference),
    keyPool: keyView.modelPool === null ? null : readPool(keyView.modelPool, catalog),
    requestPools,
    visibleModels,
  };
}

/** The task the request says it is; null leaves it to the classifier. */
export function taskOf(inference: Inference): RoutingTask | null {
  return ROUTING_TASKS.find((task) => task === inference.wishes.task) ?? null;
}

/** A request narrows its key's region, never widens it. */
export function forbiddenRegion(inference: Inference, keyView: KeyView): RouterError | null {
  const asked = inference.wishes.region;
  if (asked === null || keyView.region === null || asked === keyView.region) return null;
  return new RouterError(
    "region_forbidden",
    `This key is pinned to region '${keyView.region}' and may not send to '${asked}'.`,
    { param: "routing.region" },
  );
}

/** A caller's own words inside a message: bounded, on one line. */
export function quoted(text: string): string {
  const short = text.length > MAX_NAME_CHARS ? `${text.slice(0, MAX_NAME_CHARS)}...` : text;
  return `'${short.replaceAll("\n", " ").replaceAll("\r", " ")}'`;
}

export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES_LISTED).join(", ");
  return names.length > MAX_NAMES_LISTED ? `${shown} and ${names.length - MAX_NAMES_LISTED} more` : shown;
}

function unknownValue(inference: Inference, catalog: Catalog): RouterError | null {
  const { optimize, region, task } = inference.wishes;
  if (region !== null && !catalog.regions.has(region)) {
    const known = listed([...catalog.regions.keys()]);
    return invalid("routing.region", `There is no region ${quoted(region)}. Regions: ${known}.`);
  }
  if (optimize !== null && !MODES.includes(optimize)) {
    return invalid("routing.optimize", `'routing.optimize' must be one of: ${MODES.join(", ")}.`);
  }
  if (task !== null && !ROUTING_TASKS.some((known) => known === task)) {
    return invalid("routing.task", `'routing.task' must be one of: ${ROUTING_TASKS.join(", ")}.`);
  }
  return null;
}

interface RequestList {
  readonly param: string;
  readonly entries: readonly string[];
}

/** `models` is a pool only beside "auto"; beside a named model it is the list of fallbacks. */
function requestLists(inference: Inference): readonly RequestList[] {
  const { pool } = inference.wishes;
  const lists: RequestList[] = pool === null ? [] : [{ param: "routing.model_pool", entries: pool }];
  if (inference.model === AUTO && inference.fallbackModels.length > 0) {
    lists.push({ param: "models", entries: inference.fallbackModels });
  }
  return lists;
}

function readRequestPool(
  param: string,
  entries: readonly string[],
  known: { readonly catalog: Catalog; readonly visibleModels: readonly Model[] },
): Pool | RouterError {
  if (entries.length > MAX_POOL_ENTRIES) {
    return invalid(param, `'${param}' has ${entries.length} entries; at most ${MAX_POOL_ENTRIES} are read.`);
  }
  const endless = entries.find((entry) => entry.length > MAX_NAME_CHARS);
  if (endless !== undefined) {
    return invalid(param, `An entry of '${param}' is longer than ${MAX_NAME_CHARS} characters.`);
  }
  const pool = readPool(entries, known.catalog);
  const unmatched = unmatchedEntry(pool, known.visibleModels, known.catalog);
  if (unmatched === null) return pool;
  return invalid(param, `${quoted(unmatched)} in '${param}' matches no model. GET /models lists them.`);
}
