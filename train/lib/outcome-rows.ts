// Reads outcomes.train, the pack of how well models answered, as the rows training works on.
import { join } from "node:path";
import * as z from "zod";
import type { OutcomeRow } from "../quality/types.ts";
import { readJsonLines } from "./json-lines.ts";

const BY_MODEL = z.record(z.string(), z.number());
const ROW = z.object({
  id: z.string(),
  benchmark: z.string(),
  domain: z.string().nullish(),
  prompt: z.string(),
  scores: BY_MODEL,
  cost_usd: BY_MODEL.nullish(),
});

export function readOutcomeRows(dataFolder: string): readonly OutcomeRow[] {
  return readJsonLines(join(dataFolder, "outcomes.train.jsonl.gz")).map((line) => {
    const { cost_usd: costUsd, domain, ...row } = ROW.parse(line);
    return { ...row, domain: domain ?? null, costUsd: costUsd ?? null };
  });
}
