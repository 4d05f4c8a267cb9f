// Everything the task classifier is trained and judged on, read and featurised once.
import { CONCEPTS_FOLDER, PROMPTS_FOLDER } from "../lib/data-folder.ts";
import { type CompiledConcepts, compileConcepts } from "./compile-concepts.ts";
import { buildCorpus, type Corpus } from "./corpus.ts";
import { readAuthored, readPack, type TaskRow } from "./task-rows.ts";

export interface TaskData {
  readonly concepts: CompiledConcepts;
  readonly corpus: Corpus;
  readonly pack: readonly TaskRow[];
  readonly authored: readonly TaskRow[];
  /** Judged on, never trained on. */
  readonly dev: readonly TaskRow[];
}

export function readTaskData(dataFolder: string): TaskData {
  const pack = readPack(dataFolder, "tasks.train");
  const dev = readPack(dataFolder, "tasks.dev");
  const authored = readAuthored(PROMPTS_FOLDER);
  const concepts = compileConcepts(CONCEPTS_FOLDER);
  const corpus = buildCorpus({ pack, authored, concepts: concepts.table });
  return { concepts, corpus, pack, authored, dev };
}
