// Labelled prompts: those of the packs and those written for the project, in one shape.
import { basename, join } from "node:path";
import * as z from "zod";
import { ROUTING_TASKS, type RoutingTask } from "../../src/domain/route.ts";
import { jsonLineFiles, readJsonLines } from "../lib/json-lines.ts";

export interface TaskRow {
  readonly id: string;
  readonly text: string;
  readonly task: RoutingTask;
  readonly lang: string;
  /** The pack's source, or "authored/" and the file. */
  readonly source: string;
  /** Who labelled it: human, dataset, template, weak … */
  readonly labelQuality: string;
}

export const AUTHORED = "authored/";

const TASK = z.enum(ROUTING_TASKS);
const PACK_ROW = z.object({
  id: z.string(),
  text: z.string(),
  task: TASK,
  lang: z.string(),
  source: z.string(),
  label_quality: z.string(),
});
const AUTHORED_ROW = PACK_ROW.pick({ id: true, text: true, task: true, lang: true });

export function readPack(dataFolder: string, name: "tasks.train" | "tasks.dev"): readonly TaskRow[] {
  return readJsonLines(join(dataFolder, `${name}.jsonl.gz`)).map((line) => {
    const { label_quality: labelQuality, ...row } = PACK_ROW.parse(line);
    return { ...row, labelQuality };
  });
}

/** Every file of the folder; duplicates of a text are kept once. */
export function readAuthored(promptsFolder: string): readonly TaskRow[] {
  const rows = new Map<string, TaskRow>();
  for (const path of jsonLineFiles(promptsFolder)) {
    const source = `${AUTHORED}${basename(path, ".jsonl")}`;
    for (const line of readJsonLines(path)) {
      const row = AUTHORED_ROW.parse(line);
      if (!rows.has(row.text)) rows.set(row.text, { ...row, source, labelQuality: "human" });
    }
  }
  return [...rows.values()];
}

export function isAuthored(row: TaskRow): boolean {
  return row.source.startsWith(AUTHORED);
}

/** Its place in ROUTING_TASKS. */
export function labelOf(row: TaskRow): number {
  return ROUTING_TASKS.indexOf(row.task);
}
