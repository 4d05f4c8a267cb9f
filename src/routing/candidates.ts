// The hard filters: which targets may take a request at all, and in plain words why the others may
// not. First filter that fails wins; their order is the order in which refusals are told.
// Deliberately knows nothing of modes and ranks: nothing here is a matter of degree.
import { type Capability, isServedTo, type Model, type ModelTask, type Target } from "../domain/catalog.ts";
import type { Inference, Wire } from "../domain/inference.ts";
import { type MicroUsd, toUsd } from "../domain/money.ts";
import { estimateInputTokens } from "../domain/price.ts";
import { assertNever } from "../lib/assert-never.ts";
import type { ModelEstimate } from "./estimate.ts";
import { admits, type Pool } from "./pool.ts";

/** In the order they are applied. */
export const FILTERS = [
  "key-pool",
  "request-pool",
  "capability",
  "context",
  "output-limit",
  "max-cost",
  "place",
] as const;
export type Filter = (typeof FILTERS)[number];

export interface Exclusion {
  readonly filter: Filter;
  /** A clause in plain words, e.g. "it cannot do vision". */
  readonly reason: string;
}

export interface ScreenedTarget {
  readonly target: Target;
  readonly exclusion: Exclusion | null;
}

export interface Screened {
  readonly model: Model;
  /** null: at least one of its targets may take the request. */
  readonly exclusion: Exclusion | null;
  readonly targets: readonly ScreenedTarget[];
  readonly estimate: ModelEstimate;
}

/** What a request demands of every model and target. */
export interface Demand {
  readonly accountId: string;
  readonly keyPool: Pool | null;
  readonly requestPools: readonly Pool[];
  /** The field that the request's pool came from, for refusals. */
  readonly poolParam: string;
  /** Models of this task alone; null where the capabilities say what is needed. */
  readonly task: ModelTask | null;
  readonly capabilities: readonly Capability[];
  readonly window: WindowDemand;
  readonly maxCostMicroUsd: MicroUsd | null;
  readonly pinnedRegion: string | null;
  /** Taken out of service by an operator; whatever else is said of its health is a matter of degree. */
  readonly isDrained: (target: Target) => boolean;
}

export interface WindowDemand {
  readonly inputTokens: number;
  /** What was asked for, or the one token without which there is no answer. */
  readonly outputTokens: number;
  /** The fields that hold the text and the limit of the answer, for refusals. */
  readonly param: string;
  readonly outputParam: string;
}

export function screen(offer: Offer, demand: Demand): Screened {
  const { model, estimate } = offer;
  const served = offer.targets.filter((target) => isServedTo(target.origin, demand.accountId));
  const exclusion = excludeModel(offer, demand);
  const targets = served.map((target) => ({ target, exclusion: exclusion ?? excludeTarget(target, demand) }));
  if (exclusion !== null || targets.some((one) => one.exclusion === null)) {
    return { model, exclusion, targets, estimate };
  }
  const place = demand.pinnedRegion === null ? "" : ` in region '${demand.pinnedRegion}'`;
  const nowhere: Exclusion = { filter: "place", reason: `no origin${place} serves it` };
  return { model, exclusion: nowhere, targets, estimate };
}

export interface Offer {
  readonly model: Model;
  readonly targets: readonly Target[];
  /** Holds what this model is expected to charge for the request. */
  readonly estimate: ModelEstimate;
}

export function capabilitiesFor(inference: Inference): readonly Capability[] {
  const wired = WIRE_CAPABILITY[inference.wire];
  return [...new Set<Capability>([...(wired === null ? [] : [wired]), ...inference.needs])];
}

/**
 * Chat is one context; prompts and inputs of a batch have a window each, and their mean is a bound
 * below the longest, so a batch is refused only when some member cannot fit.
 */
export function windowFor(inference: Inference): WindowDemand {
  const { prompt, maxOutputTokens, outputLimitField: outputParam } = inference;
  const { bytes, messages } = prompt.size;
  const batch = { bytes: bytes / Math.max(1, messages), messages: 0 };
  const answer = { outputTokens: maxOutputTokens ?? 1, outputParam };
  switch (inference.wire) {
    case "openai-chat":
      return { ...answer, inputTokens: estimateInputTokens(prompt.size), param: "messages" };
    case "openai-completions":
      return { ...answer, inputTokens: estimateInputTokens(batch), param: "prompt" };
    case "openai-embeddings":
      return { ...answer, inputTokens: estimateInputTokens(batch), outputTokens: 0, param: "input" };
    case "tasks":
      return { ...answer, inputTokens: estimateInputTokens(batch), outputTokens: 0, param: "inputs" };
    default:
      return assertNever(inference.wire);
  }
}

const WIRE_CAPABILITY = {
  "openai-chat": "chat",
  "openai-completions": "completions",
  "openai-embeddings": "embeddings",
  tasks: null,
} as const satisfies Record<Wire, Capability | null>;

function excludeModel(offer: Offer, demand: Demand): Exclusion | null {
  const { model } = offer;
  const { costMicroUsd } = offer.estimate;
  const { inputTokens, outputTokens } = demand.window;
  if (!admits(demand.keyPool, model)) {
    return { filter: "key-pool", reason: "it is outside this key's model pool" };
  }
  if (!demand.requestPools.every((pool) => admits(pool, model))) {
    return { filter: "request-pool", reason: "it is outside the pool of this request" };
  }
  if (demand.task !== null && model.task !== demand.task) {
    return { filter: "capability", reason: `it does ${model.task}, not ${demand.task}` };
  }
  const missing = missingCapabilities(model, demand.capabilities);
  if (missing.length > 0) {
    return { filter: "capability", reason: `it cannot do ${missing.join(" and ")}` };
  }
  if (inputTokens + outputTokens > model.context_length) {
    const needed = `about ${inputTokens} input tokens and ${outputTokens} output tokens`;
    return {
      filter: "context",
      reason: `its window of ${model.context_length} tokens is too small for ${needed}`,
    };
  }
  if (outputTokens > model.max_output_tokens) {
    return { filter: "output-limit", reason: `it writes at most ${model.max_output_tokens} tokens` };
  }
  if (demand.maxCostMicroUsd !== null && costMicroUsd > demand.maxCostMicroUsd) {
    const limit = `the limit of ${toUsd(demand.maxCostMicroUsd)} USD`;
    return { filter: "max-cost", reason: `it is expected to cost ${toUsd(costMicroUsd)} USD, over ${limit}` };
  }
  return null;
}

/** Chat and completions need a text model whatever its row claims; the rest is the row's word. */
function missingCapabilities(model: Model, wanted: readonly Capability[]): readonly Capability[] {
  const isText = model.task === "text-generation";
  return wanted.filter((one) => {
    const isAboutText = one === "chat" || one === "completions";
    return !model.capabilities.includes(one) || (isAboutText && !isText);
  });
}

function excludeTarget(target: Target, demand: Demand): Exclusion | null {
  const { pinnedRegion } = demand;
  if (pinnedRegion !== null && target.origin.region !== pinnedRegion) {
    return {
      filter: "place",
      reason: `it is in '${target.origin.region}', the request is pinned to '${pinnedRegion}'`,
    };
  }
  return demand.isDrained(target) ? { filter: "place", reason: "its origin is taken out of service" } : null;
}
