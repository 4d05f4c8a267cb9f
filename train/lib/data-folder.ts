// Finds the folder of the data packs: an option, the environment, or beside the project. The packs are
// not part of the project; without them there is nothing to train on.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const PROJECT = resolve(import.meta.dirname, "../..");
const BESIDE = join(PROJECT, "../shared/data/routing");

export type DataFolder =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly line: string };

/** `option` is what `--data` names, if it was given. */
export function findDataFolder(option: string | null): DataFolder {
  const path = resolve(option ?? process.env.ROUTING_DATA ?? BESIDE);
  if (existsSync(join(path, "tasks.train.jsonl.gz"))) return { ok: true, path };
  const line = `No training data in ${path}: give the folder that holds tasks.train.jsonl.gz with --data DIR or ROUTING_DATA.`;
  return { ok: false, line };
}

export const PROMPTS_FOLDER = join(PROJECT, "train/prompts");
export const CONCEPTS_FOLDER = join(PROJECT, "train/concepts");
export const WEIGHTS_FILE = join(PROJECT, "src/routing/weights/inferroute.bin");
export const METRICS_FILE = join(PROJECT, "train/metrics.json");
