// Arithmetic of what a request costs at worst and in the end. Integer micro-dollars, rounded
// up once per request, never per part.
import type { Model, Price } from "./catalog.ts";
import { exact, type MicroUsd } from "./money.ts";
import type { Usage } from "./usage.ts";

/** Estimated input of one request: bytes are UTF-8, messages carry a template's overhead. */
export interface InputSize {
  readonly bytes: number;
  readonly messages: number;
}

const BYTES_PER_TOKEN = 3;
const TOKENS_PER_MESSAGE = 8;

export function estimateInputTokens(size: InputSize): number {
  return Math.ceil(size.bytes / BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE * size.messages;
}

/** Cost of counted usage: ceil(Σ tokens × P / 10⁶) µ, or ceil(gpu_ms × P / 60000) µ. */
export function costOf(price: Price, usage: Usage): MicroUsd {
  if ("gpu_per_minute" in price) {
    return ceilDivide(usage.gpuMs * microRate(price.gpu_per_minute), 60_000);
  }
  const input = microRate(price.input_per_mtok);
  const cached = price.cached_input_per_mtok === null ? input : microRate(price.cached_input_per_mtok);
  const output = microRate(price.output_per_mtok);
  const fresh = Math.max(0, usage.inputTokens - usage.cachedInputTokens);
  const total = fresh * input + usage.cachedInputTokens * cached + usage.outputTokens * output;
  return ceilDivide(total, 1_000_000);
}

export interface WorstCase {
  readonly inputTokens: number;
  /** All choices together. */
  readonly outputTokens: number;
  /** GPU-priced models are held for this long: prefill plus the output at 20 tokens a second. */
  readonly gpuMs: number;
}

/** Decode floor of a busy GPU; holds for GPU-priced models are sized by it. */
const GPU_MS_PER_OUTPUT_TOKEN = 50;

export function worstCase(model: Model, inputTokens: number, outputTokens: number): WorstCase {
  const prefillMs = (inputTokens / model.prefill_tokens_per_s) * 1000;
  const gpuMs = Math.ceil(prefillMs + outputTokens * GPU_MS_PER_OUTPUT_TOKEN);
  return { inputTokens, outputTokens, gpuMs };
}

export function costOfWorstCase(model: Model, worst: WorstCase): MicroUsd {
  return costOf(model.price, { ...worst, cachedInputTokens: 0, estimated: true });
}

/**
 * The most output tokens, all choices together, that `heldMicroUsd` pays for on this model.
 * Infinity where output costs nothing; negative never.
 */
export function affordableOutputTokens(model: Model, inputTokens: number, heldMicroUsd: MicroUsd): number {
  const { price } = model;
  if ("gpu_per_minute" in price) {
    const rate = microRate(price.gpu_per_minute);
    if (rate === 0) return Number.POSITIVE_INFINITY;
    const gpuMs = Math.floor((heldMicroUsd * 60_000) / rate);
    const prefillMs = (inputTokens / model.prefill_tokens_per_s) * 1000;
    return Math.max(0, Math.floor((gpuMs - prefillMs) / GPU_MS_PER_OUTPUT_TOKEN));
  }
  const output = microRate(price.output_per_mtok);
  if (output === 0) return Number.POSITIVE_INFINITY;
  const left = heldMicroUsd * 1_000_000 - inputTokens * microRate(price.input_per_mtok);
  return Math.max(0, Math.floor(left / output));
}

/** USD per unit → µUSD per unit, an integer: prices finer than a micro-dollar per million do not exist. */
function microRate(usd: number): number {
  return Math.round(usd * 1_000_000);
}

/** Exact ceiling: one division could round a quotient onto the integer below. */
function ceilDivide(numerator: number, denominator: number): MicroUsd {
  if (Number.isSafeInteger(numerator)) {
    const rest = numerator % denominator;
    return exact((numerator - rest) / denominator + (rest > 0 ? 1 : 0));
  }
  const wide = BigInt(Math.round(numerator));
  return exact(Number((wide + BigInt(denominator) - 1n) / BigInt(denominator)));
}
