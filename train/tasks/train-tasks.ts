// From the data to the task weights: the temperature is found on prompts of files and natural sources
// that were held out whole, then one model is fitted on everything.
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

/** Each leaves out every fifth authored file, and some one natural source beside. */
const FOLDS = 5;

/** Sources of prompts that people really asked, with labels that mean what ours do. */
export const NATURAL_SOURCES: readonly string[] = ["arena-hard", "self-instruct-human", "followbench"];

export function trainTasks(data: TaskData): TrainedTasks {
  const concepts = data.concepts.table;
  const folds = sourceFolds(data);
  const answersAt = (temperature: number) =>
    folds.flatMap(({ fitted, authored }) => answersOf(toWeights(fitted, concepts, temperature), authored));
  const natural = folds
    .filter((fold) => fold.natural.length > 0)
    .map(({ fitted, natural }): Unseen => {
      return { answers: answersOf(toWeights(fitted, concepts, 1), natural), shares: "natural" };
    });
  const temperature = fitTemperature([{ answers: answersAt(1), shares: "even" }, ...natural]);
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
    oneFold: { weights: toWeights(first.fitted, concepts, temperature), rows: first.authored },
  };
}

/** A file has one author's manner, as a source has: rows drawn at random would be too easy. */
function sourceFolds({ authored, pack, corpus }: TaskData) {
  const files = [...new Set(authored.map(({ source }) => source))];
  return Array.from({ length: FOLDS }, (_, fold) => {
    const out = new Set(files.filter((_, index) => index % FOLDS === fold));
    const natural = NATURAL_SOURCES[fold];
    if (natural !== undefined) out.add(natural);
    return {
      fitted: fitTasks(corpus, ({ row }) => !out.has(row.source)),
      authored: authored.filter(({ source }) => out.has(source)),
      natural: pack.filter(({ source }) => source === natural),
    };
  });
}
