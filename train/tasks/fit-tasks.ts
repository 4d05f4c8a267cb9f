// Fits the task model on a corpus: examples weighted by source, columns chosen, one linear layer, then
// signed bytes with temperature and natural shares folded in.
import { ROUTING_TASKS } from "../../src/domain/route.ts";
import type { ConceptTable } from "../../src/routing/classify/concepts.ts";
import { TASK_COUNT, type TaskWeights } from "../../src/routing/classify/task-model.ts";
import { addModel, type Example, fitLinear, type LinearModel } from "../lib/linear-fit.ts";
import type { Corpus, Sample } from "./corpus.ts";
import { compact, type Selection, selectColumns } from "./select-columns.ts";
import { isAuthored, labelOf } from "./task-rows.ts";
import { NATURAL_SHARES, noisyWeightOf, weightOf } from "./weighting.ts";

export interface FittedTasks {
  readonly selection: Selection;
  /** Columns, then one row per rule. */
  readonly model: LinearModel;
}

/** Room for n-grams: as many as a hash can tell apart beside its tag, one MB of the weights file. */
export const COLUMNS = 65_536;

/** Tried one at a time on held-out prompts: flat around here, worse from a rate of 0.6 or a decay of 0.001 on. */
const FIT = { passes: 6, averagedPasses: 3, rate: 0.2, decay: 3e-4, smoothing: 0.05, dropout: 0.3 } as const;

/**
 * Two models whose weights are averaged into one, which costs nothing at run time: the first knows the
 * packs' own formats well, the second hears mostly authored prompts.
 */
const MEMBERS = [
  { packFactor: 6, seed: 1 },
  { packFactor: 1, seed: 5 },
] as const;

/** No task counts more than four times what its rows do, however few they are. */
const MAX_BALANCE = 4;

export function fitTasks(corpus: Corpus, isIncluded: (sample: Sample) => boolean): FittedTasks {
  const all = examplesOf(corpus, isIncluded, 1);
  const originals = all.filter(({ row }) => corpus.samples[row]?.isNoisy === false);
  const selection = selectColumns(corpus.features, originals, COLUMNS);
  const rows = compact(corpus.features, selection);
  const columns = COLUMNS + TASK_COUNT;
  const model = {
    classes: TASK_COUNT,
    weights: new Float32Array(columns * TASK_COUNT),
    bias: new Float32Array(TASK_COUNT),
  };
  for (const { packFactor, seed } of MEMBERS) {
    const examples = balanced(examplesOf(corpus, isIncluded, packFactor));
    const member = fitLinear(rows, examples, { ...FIT, seed, columns, classes: TASK_COUNT });
    addModel(model, member, 1 / MEMBERS.length);
  }
  return { selection, model };
}

/** `packFactor` multiplies what rows of the packs weigh. */
function examplesOf(
  corpus: Corpus,
  isIncluded: (sample: Sample) => boolean,
  packFactor: number,
): readonly Example[] {
  const examples: Example[] = [];
  for (const [row, sample] of corpus.samples.entries()) {
    if (!isIncluded(sample)) continue;
    const own = sample.isNoisy ? noisyWeightOf(sample.row) : weightOf(sample.row);
    const weight = isAuthored(sample.row) ? own : own * packFactor;
    if (weight > 0) examples.push({ row, label: labelOf(sample.row), weight });
  }
  return examples;
}

/** Every task weighs the same as a whole. */
function balanced(examples: readonly Example[]): readonly Example[] {
  const totals = new Float64Array(TASK_COUNT);
  for (const { label, weight } of examples) totals[label] = (totals[label] ?? 0) + weight;
  const mean = totals.reduce((sum, total) => sum + total, 0) / TASK_COUNT;
  return examples.map((one) => ({
    ...one,
    weight: one.weight * Math.min(MAX_BALANCE, mean / (totals[one.label] ?? 1)),
  }));
}

/** The natural shares are put on the logits, then all is divided by `temperature`: doubt moves no decision. */
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
    bias: model.bias.map((bias, t) => (bias + naturalShift(t)) / temperature),
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
