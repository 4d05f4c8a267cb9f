import { describe, expect, it } from "vitest";
import { loadWeights } from "../../../src/routing/weights/weights.ts";
import { CONCEPTS_FOLDER } from "../../../train/lib/data-folder.ts";
import { writeContainer } from "../../../train/lib/write-container.ts";
import { compileConcepts } from "../../../train/tasks/compile-concepts.ts";
import { buildCorpus } from "../../../train/tasks/corpus.ts";
import { fitTasks, toWeights } from "../../../train/tasks/fit-tasks.ts";
import { accuracyOf, answersOf } from "../../../train/tasks/predict.ts";
import { AUTHORED, type TaskRow } from "../../../train/tasks/task-rows.ts";
import { taskSections } from "../../../train/tasks/task-sections.ts";

const ASKED = {
  translation: "Translate into German: the {} is late",
  creative_writing: "Write a short poem about my {}",
  math: "A {} costs 3 dollars and weighs 2 kg. What do 7 of them cost?",
  code_generation: "Write a Python function that counts every {} in a list",
} as const;
const THINGS = ["train", "cat", "garden", "letter", "box", "river", "teacher", "window"] as const;

function rowsOf(things: readonly string[]): readonly TaskRow[] {
  return Object.entries(ASKED).flatMap(([task, pattern]) =>
    things.map((thing) => ({
      id: `${task}-${thing}`,
      text: pattern.replace("{}", thing),
      // The keys of ASKED are tasks; Object.entries makes strings of them.
      task: task as TaskRow["task"],
      lang: "en",
      source: `${AUTHORED}test`,
      labelQuality: "human",
    })),
  );
}

const concepts = compileConcepts(CONCEPTS_FOLDER).table;

function fileOf(things: readonly string[]): Uint8Array<ArrayBuffer> {
  const corpus = buildCorpus({ pack: [], authored: rowsOf(things), concepts });
  const weights = toWeights(
    fitTasks(corpus, () => true),
    concepts,
    1,
  );
  return writeContainer({ sections: taskSections(weights), meta: {} });
}

describe("fitTasks", () => {
  it("learns from a few prompts what others of their kind ask", () => {
    const { task } = loadWeights(fileOf(THINGS.slice(0, 6)).buffer);
    expect(accuracyOf(answersOf(task, rowsOf(THINGS.slice(6))))).toBe(1);
  }, 30_000);

  it("gives the same bytes for the same prompts", () => {
    const things = THINGS.slice(0, 2);
    expect(Buffer.from(fileOf(things)).equals(Buffer.from(fileOf(things)))).toBe(true);
  }, 30_000);
});
