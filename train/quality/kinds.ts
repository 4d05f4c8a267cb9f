// The kinds of prompt that outcomes tell apart: one per benchmark, one per subject of MMLU-Pro, and
// "general" for prompts without outcomes. Knows nothing of models.
import type { OutcomeRow } from "./types.ts";

export const GENERAL = "general";

/** Benchmarks too broad to be one kind. */
const SPLIT_BY_DOMAIN: ReadonlySet<string> = new Set(["mmlu-pro"]);

export function kindOf({ benchmark, domain }: Pick<OutcomeRow, "benchmark" | "domain">): string {
  return SPLIT_BY_DOMAIN.has(benchmark) && domain !== null ? `${benchmark}/${domain}` : benchmark;
}

/** A model good at one kind of a family is good at the others; "" is a family of none. */
export function familyOf(kind: string): "math" | "code" | "" {
  if (/gsm8k|math/.test(kind)) return "math";
  if (/mbpp|human_?eval/.test(kind)) return "code";
  return "";
}
