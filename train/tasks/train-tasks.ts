// From the data to the task weights: the temperature is found on prompts that were held out in turn,
// authored ones and whole natural sources, then one model is fitted on everything.
import type { TaskWeights } from "../../src/routing/classify/task-model.ts";
import { fitTemperature, type Unseen } from "./calibrate.ts";
import { fitTasks, toWeights } from "./fit-tasks.ts";
import { type Answer, answersOf } from "./predict.ts";
import type { TaskData } from "./task-data.ts";
import type { TaskRow } from "./task-rows.ts";

export interface TrainedTasks {
  readonly weights: TaskWeights;
  readonly temperature: number;
  /** Of every authored prompt, by a model that had not seen it. */
  readonly heldOut: readonly Answer[];
  /** One of the models that `heldOut` came from, with the prompts it had not seen. */
  readonly oneFold: { readonly weights: TaskWeights; readonly rows: readonly TaskRow[] };
}

const FOLDS = 5;

/** Sources of prompts that people really asked, with labels that mean what ours do. */
export const NATURAL_SOURCES: readonly string[] = ["arena-hard", "self-instruct-human", "followbench"];

export function trainTasks(data: TaskData): TrainedTasks {
  const concepts = data.concepts.table;
  const folds = authoredFolds(data);
  const answersAt = (temperature: number) =>
    folds.flatMap(({ fitted, rows }) => answersOf(toWeights(fitted, concepts, temperature), rows));
  const authored: Unseen = { answers: answersAt(1), shares: "even" };
  const temperature = fitTemperature([authored, ...leftOutSources(data)]);
  const [first] = folds;
  if (first === undefined) throw new Error("There are no folds to calibrate on.");
  return {
    weights: toWeights(
      fitTasks(data.corpus, () => true),
      concepts,
      temperature,
    ),
    temperature,
    heldOut: answersAt(temperature),
    oneFold: { weights: toWeights(first.fitted, concepts, temperature), rows: first.rows },
  };
}

function authoredFolds({ authored, corpus }: TaskData) {
  const foldOf = new Map(authored.map((row, index) => [row, index % FOLDS]));
  return Array.from({ length: FOLDS }, (_, fold) => ({
    fitted: fitTasks(corpus, (sample) => foldOf.get(sample.row) !== fold),
    rows: authored.filter((row) => foldOf.get(row) === fold),
  }));
}

function leftOutSources({ corpus, pack, concepts }: TaskData): readonly Unseen[] {
  return NATURAL_SOURCES.map((source) => {
    const fitted = fitTasks(corpus, ({ row }) => row.source !== source);
    const rows = pack.filter((row) => row.source === source);
    return { answers: answersOf(toWeights(fitted, concepts.table, 1), rows), shares: "natural" };
  });
}
