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
    return ceilOfSum([[usage.gpuMs, microRate(price.gpu_per_minute)]], MS_PER_MINUTE);
  }
  const input = microRate(price.input_per_mtok);
  const cached = price.cached_input_per_mtok === null ? input : microRate(price.cached_input_per_mtok);
  const output = microRate(price.output_per_mtok);
  const fresh = Math.max(0, usage.inputTokens - usage.cachedInputTokens);
  const parts = [
    [fresh, input] as const,
    [usage.cachedInputTokens, cached] as const,
    [usage.outputTokens, output] as const,
  ];
  return ceilOfSum(parts, TOKENS_PER_PRICE);
}

const MS_PER_MINUTE = 60_000;
/** Prices are per million tokens. */
const TOKENS_PER_PRICE = 1_000_000;

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
  const gpuMs = prefillMsOf(model, inputTokens) + outputTokens * GPU_MS_PER_OUTPUT_TOKEN;
  return { inputTokens, outputTokens, gpuMs };
}

/** Whole, so that a hold and the tokens it pays for are exact inverses. */
export function prefillMsOf(model: Model, inputTokens: number): number {
  return Math.ceil((inputTokens / model.prefill_tokens_per_s) * 1000);
}

export function costOfWorstCase(model: Model, worst: WorstCase): MicroUsd {
  return costOf(model.price, { ...worst, cachedInputTokens: 0, estimated: true });
}

/**
 * The most output tokens, all choices together, that `heldMicroUsd` pays for on this model; 0 where it does not even
 * pay for the input, Infinity where it does and output costs nothing. In BigInt: a large hold times a million is
 * beyond exact numbers.
 */
export function affordableOutputTokens(model: Model, inputTokens: number, heldMicroUsd: MicroUsd): number {
  const { price } = model;
  if ("gpu_per_minute" in price) {
    const rate = microRate(price.gpu_per_minute);
    if (rate === 0) return Number.POSITIVE_INFINITY;
    const gpuMs = Number((BigInt(heldMicroUsd) * BigInt(MS_PER_MINUTE)) / BigInt(rate));
    return Math.max(0, Math.floor((gpuMs - prefillMsOf(model, inputTokens)) / GPU_MS_PER_OUTPUT_TOKEN));
  }
  const input = BigInt(inputTokens) * BigInt(microRate(price.input_per_mtok));
  const left = BigInt(heldMicroUsd) * BigInt(TOKENS_PER_PRICE) - input;
  if (left < 0n) return 0;
  const output = microRate(price.output_per_mtok);
  return output === 0 ? Number.POSITIVE_INFINITY : Number(left / BigInt(output));
}

/** USD per unit → µUSD per unit, an integer: prices finer than a micro-dollar per million do not exist. */
function microRate(usd: number): number {
  return Math.round(usd * 1_000_000);
}

type Part = readonly [count: number, rate: number];

/** Exact ceiling of Σ count × rate ÷ divisor: one division could round a quotient onto the integer below. */
function ceilOfSum(parts: readonly Part[], divisor: number): MicroUsd {
  const sum = parts.reduce((total, [count, rate]) => total + count * rate, 0);
  // Parts are never negative: where their sum is exact, none of them was rounded.
  if (Number.isSafeInteger(sum)) {
    const rest = sum % divisor;
    return (sum - rest) / divisor + (rest > 0 ? 1 : 0);
  }
  const wide = parts.reduce((total, [count, rate]) => total + BigInt(Math.ceil(count)) * BigInt(rate), 0n);
  return exact(Number((wide + BigInt(divisor) - 1n) / BigInt(divisor)));
}
