// What complexity means for a small model: simple, medium and complex are defined by how often an 8B
// model succeeds, so its success under each is given by definition. Knows no prompts.
import type { Complexity } from "../../domain/route.ts";

/** Logit of an 8B model's success: >= 0.8 on simple, <= 0.45 on complex prompts. */
export const SMALL_MODEL_LOGIT = { simple: 1.75, medium: 0.55, complex: -0.55 } as const satisfies Record<
  Complexity,
  number
>;

/** What the definition of complexity calls small. */
export const SMALL_PARAMETERS_B = 8;
