// Reads what the report needs, through the loaders that training uses. Judges nothing.
import { join } from "node:path";
import * as z from "zod";
import { PROMPTS_FOLDER } from "../lib/data-folder.ts";
import { readJsonLines } from "../lib/json-lines.ts";
import { readOutcomeRows } from "../lib/outcome-rows.ts";
import type { OutcomeRow } from "../quality/types.ts";
import { readAuthored, readPack } from "../tasks/task-rows.ts";

const GOLD_ROW = z.object({
  prompt: z.string(),
  domain: z.string(),
  strong: z.boolean(),
  weak: z.boolean(),
  strong_model: z.string(),
  weak_model: z.string(),
});
/** One line of mmlu-gold1500, as `--outcomes` gets it. */
export type GoldRow = z.infer<typeof GOLD_ROW>;

export interface Packs {
  readonly outcomes: readonly OutcomeRow[];
  /** Prompts without outcomes, as training gets them. */
  readonly texts: readonly string[];
  readonly gold: readonly GoldRow[];
}

export function readPacks(folder: string): Packs {
  const rows = [...readAuthored(PROMPTS_FOLDER), ...readPack(folder, "tasks.train")];
  return {
    outcomes: readOutcomeRows(folder),
    texts: rows.map(({ text }) => text),
    gold: readJsonLines(join(folder, "mmlu-gold1500.jsonl.gz")).map((line) => GOLD_ROW.parse(line)),
  };
}
