// What a route may cost at worst, and how many tokens a hold pays for: the two directions of one sum. Pure.
import type { Hold } from "../domain/account-commands.ts";
import type { Model, Target } from "../domain/catalog.ts";
import type { Inference } from "../domain/inference.ts";
import type { MicroUsd } from "../domain/money.ts";
import {
  affordableOutputTokens,
  costOfWorstCase,
  estimateInputTokens,
  type WorstCase,
  worstCase,
} from "../domain/price.ts";
import type { Route } from "../domain/route.ts";

/**
 * With a limit set, the first target must be covered whole and the dearest is asked for; without one, a
 * single token per choice is enough and the answer is clamped to what the hold pays.
 */
export function quote(inference: Inference, route: Route): Quote {
  const worst = route.targets.map(({ model }) => worstAt(inference, model, maxOutput(inference, model)));
  return {
    hold: holdOf(inference, route),
    tokens: Math.max(0, ...worst.map(({ inputTokens, outputTokens }) => inputTokens + outputTokens)),
    gpuMs: Math.max(
      0,
      ...route.targets.map((target, at) => (isGpuPriced(target) ? (worst[at]?.gpuMs ?? 0) : 0)),
    ),
  };
}

/** What admission asks for. */
export interface Quote {
  readonly hold: Hold;
  /** Input and most output, for the minute's tokens. */
  readonly tokens: number;
  /** For the month's GPU time; token-priced models are counted when they end. */
  readonly gpuMs: number;
}

function isGpuPriced({ model }: Target): boolean {
  return "gpu_per_minute" in model.price;
}

function holdOf(inference: Inference, route: Route): Hold {
  const most = route.targets.map((target) =>
    costAt(inference, target.model, maxOutput(inference, target.model)),
  );
  const mostMicroUsd = Math.max(0, ...most);
  if (inference.maxOutputTokens !== null) return { leastMicroUsd: most[0] ?? 0, mostMicroUsd };
  const least = route.targets.map((target) => costAt(inference, target.model, 1));
  return { leastMicroUsd: Math.min(...least), mostMicroUsd };
}

/** Tokens per choice that `held` pays for on this target: 0 when it does not, null for wires without output. */
export function outputLimit(inference: Inference, target: Target, heldMicroUsd: MicroUsd): number | null {
  const { model } = target;
  const inputTokens = estimateInputTokens(inference.prompt.size);
  const paid = affordableOutputTokens(model, inputTokens, heldMicroUsd);
  if (inference.choices === 0) return costAt(inference, model, 0) <= heldMicroUsd ? null : 0;
  const perChoice = Math.floor(paid / inference.choices);
  const wanted = maxOutput(inference, model);
  if (inference.maxOutputTokens !== null) return perChoice >= wanted ? wanted : 0;
  return Math.min(wanted, perChoice);
}

/** The estimate may be short by a quarter before an origin refuses prompt plus limit as too long. */
const ESTIMATE_MARGIN = 1.25;

function maxOutput(inference: Inference, model: Model): number {
  if (inference.choices === 0) return 0;
  if (inference.maxOutputTokens !== null) return Math.min(inference.maxOutputTokens, model.max_output_tokens);
  const prompt = Math.ceil(estimateInputTokens(inference.prompt.size) * ESTIMATE_MARGIN);
  return Math.max(1, Math.min(model.max_output_tokens, model.context_length - prompt));
}

function costAt(inference: Inference, model: Model, outputTokens: number): MicroUsd {
  return costOfWorstCase(model, worstAt(inference, model, outputTokens));
}

function worstAt(inference: Inference, model: Model, outputTokens: number): WorstCase {
  const inputTokens = estimateInputTokens(inference.prompt.size);
  return worstCase(model, inputTokens, outputTokens * inference.choices);
}
