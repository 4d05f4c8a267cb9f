// Fits the task model on a corpus: examples weighted by source, columns chosen, one linear layer, then
// signed bytes with temperature and natural shares folded in.
import { ROUTING_TASKS } from "../../src/domain/route.ts";
import type { ConceptTable } from "../../src/routing/classify/concepts.ts";
import { TASK_COUNT, type TaskWeights } from "../../src/routing/classify/task-model.ts";
import { type Example, fitLinear, type LinearModel } from "../lib/linear-fit.ts";
import type { Corpus, Sample } from "./corpus.ts";
import { compact, type Selection, selectColumns } from "./select-columns.ts";
import { labelOf } from "./task-rows.ts";
import { NATURAL_SHARES, noisyWeightOf, weightOf } from "./weighting.ts";

export interface FittedTasks {
  readonly selection: Selection;
  /** Columns, then one row per rule. */
  readonly model: LinearModel;
}

/** Room for 57,344 n-grams: 0.9 MB of the weights file. */
export const COLUMNS = 57_344;

/** Tried one at a time on held-out prompts: flat around here, worse from a rate of 0.6 or a decay of 0.001 on. */
const FIT = { passes: 6, rate: 0.2, decay: 3e-4, smoothing: 0.05, seed: 1 } as const;

/** No task counts more than four times what its rows do, however few they are. */
const MAX_BALANCE = 4;

export function fitTasks(corpus: Corpus, isIncluded: (sample: Sample) => boolean): FittedTasks {
  const unbalanced: Example[] = [];
  const totals = new Float64Array(TASK_COUNT);
  for (const [row, sample] of corpus.samples.entries()) {
    if (!isIncluded(sample)) continue;
    const weight = sample.isNoisy ? noisyWeightOf(sample.row) : weightOf(sample.row);
    if (weight === 0) continue;
    const label = labelOf(sample.row);
    totals[label] = (totals[label] ?? 0) + weight;
    unbalanced.push({ row, label, weight });
  }
  const originals = unbalanced.filter(({ row }) => corpus.samples[row]?.isNoisy === false);
  const selection = selectColumns(corpus.features, originals, COLUMNS);
  const mean = totals.reduce((sum, total) => sum + total, 0) / TASK_COUNT;
  const examples = unbalanced.map((one) => ({
    ...one,
    weight: one.weight * Math.min(MAX_BALANCE, mean / (totals[one.label] ?? 1)),
  }));
  const rows = compact(corpus.features, selection);
  const model = fitLinear(rows, examples, { ...FIT, columns: COLUMNS + TASK_COUNT, classes: TASK_COUNT });
  return { selection, model };
}

/** Logits are divided by `temperature`, then the natural shares are put on top. */
export function toWeights(
  { selection, model }: FittedTasks,
  concepts: ConceptTable,
  temperature: number,
): TaskWeights {
  const { tags, count } = selection;
  const scales = scalesOf(model, count);
  const matrix = new Int8Array(count * TASK_COUNT);
  for (let i = 0; i < matrix.length; i++) {
    const bytes = Math.round((model.weights[i] ?? 0) / (scales[i % TASK_COUNT] ?? 1));
    matrix[i] = Math.max(-127, Math.min(127, bytes));
  }
  return {
    columns: { count, tags },
    concepts,
    matrix,
    scales: scales.map((scale) => scale / temperature),
    rules: model.weights.slice(count * TASK_COUNT).map((weight) => weight / temperature),
    bias: model.bias.map((bias, t) => bias / temperature + naturalShift(t)),
  };
}

/** What a task gains over its share in balanced training, in logits. */
function naturalShift(task: number): number {
  const name = ROUTING_TASKS[task];
  return name === undefined ? 0 : Math.log(NATURAL_SHARES[name] * TASK_COUNT);
}

/** One in ten thousand weights is larger than this many steps of a byte and is cut there. */
const CUT_SHARE = 1e-4;

function scalesOf(model: LinearModel, count: number): Float32Array {
  const scales = new Float32Array(TASK_COUNT);
  for (let t = 0; t < TASK_COUNT; t++) {
    const sizes = new Float32Array(count);
    for (let c = 0; c < count; c++) sizes[c] = Math.abs(model.weights[c * TASK_COUNT + t] ?? 0);
    sizes.sort();
    scales[t] = (sizes[Math.floor(count * (1 - CUT_SHARE))] ?? 1) / 127 || 1;
  }
  return scales;
}
