// How much each source counts in training, and which tasks people ask for how often. The largest lever
// there is: the packs are mostly benchmarks and templates, the authored prompts are how people write.
import type { RoutingTask } from "../../src/domain/route.ts";
import { isAuthored, type TaskRow } from "./task-rows.ts";

/** What a pack's row counts for beside an authored one: enough to learn its format, too little to lead. */
const PACK_WEIGHT = 0.2;

/**
 * Sources whose labels follow another notion of the task than ours, as a factor: mt-bench-101 is
 * labelled by the ability it tests, not by what is asked ("What causes magnetism?" stands under
 * classification); chatterbot's one-line statements make every short text small talk.
 */
const DISTRUSTED: ReadonlyMap<string, number> = new Map([
  ["mt-bench-101", 0],
  ["chatterbot-corpus", 0.1],
  ["gpteacher-roleplay", 0.2],
  ["clinc150", 0.3],
]);

/** A spoilt copy repeats what its original said. */
const NOISY_FACTOR = 0.5;

export function weightOf(row: TaskRow): number {
  return isAuthored(row) ? 1 : PACK_WEIGHT * (DISTRUSTED.get(row.source) ?? 1);
}

export function noisyWeightOf(row: TaskRow): number {
  return weightOf(row) * NOISY_FACTOR;
}

/** Rows of one source, task and language that are trained on; more of a template teach nothing new. */
export const MAX_ROWS_PER_CELL = 400;

/**
 * How often people ask for each task: an assumption, not a measurement and not from a publication. That
 * questions lead was seen in the natural sources, where they are a third and more. Three in ten
 * is a compromise: traffic that holds all tasks evenly loses a point or two by it. Training is balanced; this is put
 * on top.
 */
export const NATURAL_SHARES: Readonly<Record<RoutingTask, number>> = {
  chat: 0.06,
  open_qa: 0.3,
  closed_qa: 0.05,
  summarization: 0.04,
  translation: 0.04,
  extraction: 0.03,
  classification: 0.04,
  rewriting: 0.05,
  creative_writing: 0.09,
  brainstorming: 0.05,
  code_generation: 0.07,
  code_debug_explain: 0.04,
  math: 0.04,
  reasoning: 0.03,
  analysis: 0.04,
  planning_agentic: 0.03,
};
