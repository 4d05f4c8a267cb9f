// The usage member of OpenAI-style answers, streamed and whole.
import type { UsageReport } from "../../domain/usage.ts";
import { countOf, countOrNull, recordOf } from "../../lib/record.ts";

/** null where nothing was counted: an empty report must not make an answer free, nor must a senseless one. */
export function usageOf(value: unknown): UsageReport | null {
  const usage = recordOf(value);
  const inputTokens = countOrNull(usage.prompt_tokens);
  const outputTokens = countOrNull(usage.completion_tokens);
  if (inputTokens === null && outputTokens === null) return null;
  const cached = countOf(recordOf(usage.prompt_tokens_details).cached_tokens);
  return {
    inputTokens,
    // A discount on tokens that nobody counted is none.
    cachedInputTokens: Math.min(inputTokens ?? 0, cached),
    outputTokens,
    gpuMs: countOf(usage.gpu_ms),
  };
}

/** A report without counts: room for what the transport tells, as GPU time in a header. */
export const UNCOUNTED: UsageReport = {
  inputTokens: null,
  cachedInputTokens: 0,
  outputTokens: null,
  gpuMs: 0,
};
