// Judges the task classifier the hard way: sources and languages it never saw, spoilt prompts, its own
// confidence. Random rows of a source it knows say little, and are given last.
import { ROUTING_TASKS } from "../../src/domain/route.ts";
import type { TaskWeights } from "../../src/routing/classify/task-model.ts";
import { calibrationError } from "../lib/metrics.ts";
import { addNoise } from "../lib/noise.ts";
import { createRandom } from "../lib/random.ts";
import type { Sample } from "../tasks/corpus.ts";
import { fitTasks, toWeights } from "../tasks/fit-tasks.ts";
import {
  type Answer,
  accuracyOf,
  answersOf,
  bestOf,
  isRight,
  predictor,
  surestAccuracy,
} from "../tasks/predict.ts";
import type { TaskData } from "../tasks/task-data.ts";
import type { TaskRow } from "../tasks/task-rows.ts";
import { NATURAL_SOURCES, type TrainedTasks } from "../tasks/train-tasks.ts";

export interface TaskReport {
  readonly metrics: TaskMetrics;
  readonly lines: readonly string[];
}

/** Natural sources of the packs; each is left out of training in turn. */
const LEFT_OUT_SOURCES = [
  "biggen-bench",
  "arena-hard",
  "self-instruct-human",
  "followbench",
  "mt-bench-101",
] as const;
/** Languages with enough authored prompts to be left out in turn. */
const LEFT_OUT_LANGUAGES = ["zh", "es", "de", "ja", "fr", "pt", "ar", "ru", "hi", "ko", "it"] as const;
/** Authored prompts taken away, last written first, to see what the last ones brought. */
const CURVE_STEPS = [500, 1_000, 2_000, 4_000] as const;
const SURE_SHARE = 0.6;

export function evaluateTasks(data: TaskData, trained: TrainedTasks): TaskReport {
  const metrics: TaskMetrics = {
    dev: devReport(data, trained.weights),
    leftOutSources: leftOutSources(data, trained),
    leftOutLanguages: leftOutLanguages(data, trained),
    heldOutAuthored: heldOutReport(trained.heldOut),
    noise: noiseReport(trained),
    curve: learningCurve(data, trained),
    inSource: inSourceReport(data, trained.weights),
    temperature: trained.temperature,
    prompts: data.authored.length,
  };
  return { metrics, lines: linesOf(metrics) };
}

function devReport(data: TaskData, weights: TaskWeights) {
  const answers = answersOf(weights, data.dev);
  const sources = [...Map.groupBy(answers, ({ row }) => row.source)].map(([source, its]) => ({
    source,
    ...scoreOf(its),
  }));
  return {
    sources,
    mean: mean(sources.map(({ accuracy }) => accuracy)),
    surest60: mean(sources.map(({ surest60 }) => surest60)),
    calibrationError: eceOf(answers),
    perTask: perTask(answers),
  };
}

function leftOutSources(data: TaskData, { temperature }: TrainedTasks) {
  const sources = LEFT_OUT_SOURCES.map((source) => {
    const weights = weightsWithout(data, temperature, (row) => row.source === source);
    const rows = data.pack.filter((row) => row.source === source);
    const zh = rows.filter(({ lang }) => lang === "zh");
    return {
      source,
      labelQuality: rows[0]?.labelQuality ?? "",
      ...scoreOf(answersOf(weights, rows)),
      zhAccuracy: zh.length === 0 ? null : rounded(accuracyOf(answersOf(weights, zh))),
    };
  });
  return { sources, mean: mean(sources.map(({ accuracy }) => accuracy)) };
}

function leftOutLanguages(data: TaskData, { temperature }: TrainedTasks) {
  const languages = LEFT_OUT_LANGUAGES.map((lang) => {
    const weights = weightsWithout(data, temperature, (row) => row.lang === lang);
    const rows = data.authored.filter((row) => row.lang === lang);
    return { lang, ...scoreOf(answersOf(weights, rows)) };
  });
  return { languages, mean: mean(languages.map(({ accuracy }) => accuracy)) };
}

function heldOutReport(answers: readonly Answer[]) {
  const english = answers.filter(({ row }) => row.lang === "en");
  const others = answers.filter(({ row }) => row.lang !== "en");
  const languages = [...Map.groupBy(others, ({ row }) => row.lang)]
    .map(([lang, its]) => ({ lang, n: its.length, accuracy: rounded(accuracyOf(its)) }))
    .toSorted((a, b) => b.n - a.n);
  const files = [...Map.groupBy(answers, ({ row }) => row.source)].map(([source, its]) => ({
    source,
    n: its.length,
    accuracy: rounded(accuracyOf(its)),
  }));
  return {
    ...scoreOf(answers),
    files,
    meanOfFiles: mean(files.map(({ accuracy }) => accuracy)),
    english: rounded(accuracyOf(english)),
    others: rounded(accuracyOf(others)),
    languages,
    perTask: perTask(answers),
  };
}

/** Prompts that a model had not seen, each spoilt in three ways: how often the task stays the same. */
function noiseReport({ oneFold }: TrainedTasks) {
  const predict = predictor(oneFold.weights);
  const random = createRandom(NOISE_SEED);
  const same = (noise: "typos" | "case" | "spacing") =>
    rounded(
      oneFold.rows.filter(
        ({ text }) => bestOf(predict(text)) === bestOf(predict(addNoise(text, noise, random))),
      ).length / oneFold.rows.length,
    );
  const kinds = { typos: same("typos"), case: same("case"), spacing: same("spacing") };
  return { n: oneFold.rows.length, ...kinds, mean: mean(Object.values(kinds)) };
}

const NOISE_SEED = 11;

function learningCurve(data: TaskData, { temperature }: TrainedTasks) {
  const natural = [...data.dev, ...data.pack.filter(({ source }) => NATURAL_SOURCES.includes(source))];
  const random = createRandom(NOISE_SEED);
  const order = Uint32Array.from(data.authored.keys());
  random.shuffle(order);
  return [0, ...CURVE_STEPS].map((less) => {
    const gone = new Set([...order.slice(0, less)].map((index) => data.authored[index]));
    const isGone = (row: TaskRow) => gone.has(row) || NATURAL_SOURCES.includes(row.source);
    const answers = answersOf(weightsWithout(data, temperature, isGone), natural);
    const sources = [...Map.groupBy(answers, ({ row }) => row.source).values()];
    return { prompts: data.authored.length - less, accuracy: mean(sources.map(accuracyOf)) };
  });
}

function inSourceReport(data: TaskData, weights: TaskWeights) {
  const answers = answersOf(weights, data.corpus.heldOut);
  const sources = [...Map.groupBy(answers, ({ row }) => row.source)].map(([source, its]) => ({
    source,
    n: its.length,
    rows: data.pack.filter((row) => row.source === source).length,
    accuracy: rounded(accuracyOf(its)),
  }));
  const rows = sources.reduce((sum, one) => sum + one.rows, 0);
  const byRows = sources.reduce((sum, one) => sum + (one.accuracy * one.rows) / rows, 0);
  return { sources, mean: mean(sources.map(({ accuracy }) => accuracy)), byRows: rounded(byRows) };
}

function weightsWithout(
  data: TaskData,
  temperature: number,
  isLeftOut: (row: TaskRow) => boolean,
): TaskWeights {
  const fitted = fitTasks(data.corpus, ({ row }: Sample) => !isLeftOut(row));
  return toWeights(fitted, data.concepts.table, temperature);
}

function scoreOf(answers: readonly Answer[]) {
  return {
    n: answers.length,
    accuracy: rounded(accuracyOf(answers)),
    surest60: rounded(surestAccuracy(answers, SURE_SHARE)),
    calibrationError: eceOf(answers),
  };
}

function perTask(answers: readonly Answer[]): Readonly<Record<string, string>> {
  const entries = ROUTING_TASKS.map((task) => {
    const its = answers.filter(({ row }) => row.task === task);
    return [task, `${its.filter(isRight).length}/${its.length}`] as const;
  });
  return Object.fromEntries(entries);
}

function eceOf(answers: readonly Answer[]): number {
  return rounded(
    calibrationError(
      answers.map(({ confidence }) => confidence),
      answers.map((answer) => (isRight(answer) ? 1 : 0)),
    ),
  );
}

function mean(values: readonly number[]): number {
  return rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
}

/** Four digits: more would be noise, and would differ between machines. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

interface TaskMetrics {
  readonly dev: ReturnType<typeof devReport>;
  readonly leftOutSources: ReturnType<typeof leftOutSources>;
  readonly leftOutLanguages: ReturnType<typeof leftOutLanguages>;
  readonly heldOutAuthored: ReturnType<typeof heldOutReport>;
  readonly noise: ReturnType<typeof noiseReport>;
  readonly curve: ReturnType<typeof learningCurve>;
  readonly inSource: ReturnType<typeof inSourceReport>;
  readonly temperature: number;
  readonly prompts: number;
}

function linesOf(metrics: TaskMetrics): readonly string[] {
  const { dev, leftOutSources: sources, leftOutLanguages: languages, heldOutAuthored, noise } = metrics;
  const list = (items: readonly string[]) => items.join(", ");
  return [
    `tasks.dev: mean ${dev.mean}, surest 60 % ${dev.surest60}, calibration error ${dev.calibrationError}`,
    `  ${list(dev.sources.map(({ source, n, accuracy }) => `${source} ${accuracy} of ${n}`))}`,
    `left-out sources: mean ${sources.mean}`,
    `  ${list(sources.sources.map((one) => `${one.source} ${one.accuracy} of ${one.n} (${one.labelQuality})`))}`,
    `left-out languages: mean ${languages.mean}`,
    `  ${list(languages.languages.map(({ lang, n, accuracy }) => `${lang} ${accuracy} of ${n}`))}`,
    `authored files left out: mean ${heldOutAuthored.meanOfFiles}, ${heldOutAuthored.accuracy} of ${heldOutAuthored.n}, English ${heldOutAuthored.english}, others ${heldOutAuthored.others}, calibration error ${heldOutAuthored.calibrationError}`,
    `same task under noise: typos ${noise.typos}, case ${noise.case}, spacing ${noise.spacing} (${noise.n} prompts)`,
    `learning curve: ${list(metrics.curve.map(({ prompts, accuracy }) => `${prompts} ${accuracy}`))}`,
    `held-out slices of the packs: mean of sources ${metrics.inSource.mean}, by rows ${metrics.inSource.byRows}`,
  ];
}
