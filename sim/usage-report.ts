// The `usage` object of vLLM's answers: fields in its order, details only where they are known.
import type { JsonObject } from "./json-object.ts";

export interface Counts {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** null without a prefix cache. */
  readonly cachedTokens: number | null;
}

/** As in whole answers, where vLLM writes out what it does not know. */
export function wholeUsage(counts: Counts): JsonObject {
  const { cachedTokens } = counts;
  const details = cachedTokens === null ? null : { cached_tokens: cachedTokens };
  return { ...plainUsage(counts), prompt_tokens_details: details };
}

/** As in the last frame of a stream, where vLLM leaves out what it does not know. */
export function streamUsage(counts: Counts, gpuMs: number | null): JsonObject {
  const { cachedTokens } = counts;
  const cached = cachedTokens === null ? {} : { prompt_tokens_details: { cached_tokens: cachedTokens } };
  return { ...plainUsage(counts), ...cached, ...(gpuMs === null ? {} : { gpu_ms: gpuMs }) };
}

export function plainUsage(counts: Counts): JsonObject {
  const { promptTokens, completionTokens } = counts;
  return {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + completionTokens,
    completion_tokens: completionTokens,
  };
}

/** vLLM caches whole blocks of this many tokens. */
const CACHE_BLOCK_TOKENS = 16;

export function cachedTokens(repeatedTokens: number): number {
  return Math.floor(repeatedTokens / CACHE_BLOCK_TOKENS) * CACHE_BLOCK_TOKENS;
}
