// The profile of a request that names its model: nothing was read, so nothing is claimed. It carries
// the sizes that cost and time rest on, and confidence 0 says that the rest is a placeholder.
import type { Capability } from "../../domain/catalog.ts";
import type { PromptView } from "../../domain/inference.ts";
import { estimateInputTokens } from "../../domain/price.ts";
import type { Profile } from "../../domain/route.ts";

/** The mean answer of a chat; only ranks origins of one model, where it hardly matters. */
const USUAL_OUTPUT_TOKENS = 300;

export interface Stated {
  readonly needs: readonly Capability[];
  readonly maxOutputTokens: number | null;
}

export function unclassified(prompt: PromptView, stated: Stated): Profile {
  return {
    task: "chat",
    group: "chat",
    complexity: "medium",
    confidence: 0,
    language: "und",
    needs: stated.needs,
    inputTokens: estimateInputTokens(prompt.size),
    expectedOutputTokens: Math.min(stated.maxOutputTokens ?? USUAL_OUTPUT_TOKENS, USUAL_OUTPUT_TOKENS),
  };
}
