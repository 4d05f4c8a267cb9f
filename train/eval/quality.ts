// How well correctness is predicted: on held-out prompts of known benchmarks, and on benchmarks left out
// whole; and whether routing by it ever does worse than routing without reading the prompt.
import { bootstrap, pick } from "../lib/bootstrap.ts";
import { auc, calibrationError } from "../lib/metrics.ts";
import { type Figure, mean, type Section } from "./figure.ts";
import type { Packs } from "./packs.ts";
import { type Fold, type Prediction, predictFold, withoutBenchmark } from "./predict-outcomes.ts";

export function heldOutReport(folds: readonly Fold[]): Section {
  const all = folds.flatMap(predictFold);
  const errors = calibrationError(columnOf(all, "predicted"), columnOf(all, "score"));
  return {
    title: "Predicted correctness, held-out prompts of known benchmarks",
    figures: [
      { name: "AUC, all models and prompts together", value: aucOf(all), n: all.length },
      { name: "AUC per model, mean", value: meanAuc(all, ({ model }) => model), must: 0.66, aim: 0.74 },
      {
        name: "AUC within benchmark and model, mean",
        value: meanAuc(all, ({ model, row }) => `${row.benchmark} ${model}`),
        note: "difficulty alone, without the benchmark's level",
      },
      { name: "same, best guess without reading the prompt", value: aucOf(all, "uninformed") },
      { name: "calibration error", value: errors },
    ],
  };
}

/** Each benchmark in turn is unseen by words, lines, forest and abilities. */
export function unseenReport(packs: Packs, benchmarks: readonly string[]): Section {
  const predictions = benchmarks.map((benchmark) => predictFold(withoutBenchmark(packs, benchmark)));
  const choices = predictions.map((some, at) => choiceFigure(benchmarks[at] ?? "", some));
  const all = predictions.flat();
  const notBelow = choices.filter(({ high }) => (high ?? 0) >= 0).length;
  return {
    title: "Benchmarks left out whole",
    figures: [
      { name: "AUC, all together", value: aucOf(all), must: 0.56, aim: 0.62, n: all.length },
      { name: "AUC per model, mean", value: meanAuc(all, ({ model }) => model), must: 0.56, aim: 0.62 },
      {
        name: "AUC within benchmark and model, mean",
        value: meanAuc(all, ({ model, row }) => `${row.benchmark} ${model}`),
      },
      { name: "same, best guess without reading the prompt", value: aucOf(all, "uninformed") },
      {
        name: "share not significantly (95 %) below the no-information choice",
        value: notBelow / Math.max(1, choices.length),
        must: 0.95,
        aim: 0.98,
      },
      ...choices,
    ],
  };
}

/** Quality of the model chosen per prompt, less that of the one model with the best average elsewhere. */
function choiceFigure(benchmark: string, predictions: readonly Prediction[]): Figure {
  const byRow = new Map<string, Prediction[]>();
  for (const one of predictions) byRow.set(one.row.id, [...(byRow.get(one.row.id) ?? []), one]);
  const differences = [...byRow.values()].map(
    (answers) => scoreOfBest(answers, "predicted") - scoreOfBest(answers, "uninformed"),
  );
  const { value, low, high } = bootstrap(
    differences.length,
    (rows) => mean([...pick(differences, rows)]),
    200,
  );
  return { name: `  routed less uninformed: ${benchmark}`, value, low, high, n: differences.length };
}

function scoreOfBest(answers: readonly Prediction[], by: "predicted" | "uninformed"): number {
  let best = answers[0];
  for (const one of answers) if (best === undefined || one[by] > best[by]) best = one;
  return best?.score ?? 0;
}

function aucOf(predictions: readonly Prediction[], by: "predicted" | "uninformed" = "predicted"): number {
  return auc(columnOf(predictions, by), columnOf(predictions, "score"));
}

/** Groups in which all answers were right, or all wrong, say nothing and are left out. */
function meanAuc(predictions: readonly Prediction[], groupOf: (one: Prediction) => string): number {
  const groups = new Map<string, Prediction[]>();
  for (const one of predictions) {
    const group = groups.get(groupOf(one));
    if (group === undefined) groups.set(groupOf(one), [one]);
    else group.push(one);
  }
  return mean([...groups.values()].map((group) => aucOf(group)).filter(Number.isFinite));
}

function columnOf(
  predictions: readonly Prediction[],
  column: "predicted" | "uninformed" | "score",
): Float64Array {
  return Float64Array.from(predictions, (one) => one[column]);
}
