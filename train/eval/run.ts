// `npm run eval`: everything the packs can measure, with intervals and baselines, as a table, as JSON
// beside it and as a picture of the cost–quality frontier. Never on rows the fit has seen.
//   [--data DIR] [--out DIR] [--short]
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findDataFolder } from "../lib/data-folder.ts";
import { fitQuality } from "../quality/fit-quality.ts";
import { readTaskData } from "../tasks/task-data.ts";
import { trainTasks } from "../tasks/train-tasks.ts";
import { type Section, table } from "./figure.ts";
import { frontierOf, frontierReport } from "./frontier.ts";
import { frontierSvg } from "./frontier-svg.ts";
import { goldReport } from "./gold.ts";
import { type Packs, readPacks } from "./packs.ts";
import { gsm8kReport } from "./pairs.ts";
import { containerOf, randomFolds, withoutBenchmark } from "./predict-outcomes.ts";
import { heldOutReport, unseenReport } from "./quality.ts";
import { speedReport } from "./speed.ts";
import { evaluateTasks } from "./tasks.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    out: { type: "string", default: "train/report" },
    short: { type: "boolean", default: false },
  },
});

/** The whole report takes some minutes; the short one under one, on fewer folds and benchmarks. */
const EFFORT = {
  whole: { folds: 5, repeats: 5, unseen: null },
  short: { folds: 3, repeats: 1, unseen: ["zeroeval-math-l5", "routerbench-mbpp", "llmrouter-gsm8k"] },
} as const;

const folder = findDataFolder(values.data ?? null);
if (folder.ok) {
  report(readPacks(folder.path), values.short ? "short" : "whole");
  if (!values.short) reportTasks(folder.path);
} else {
  console.error(folder.line);
  process.exitCode = 1;
}

function report(data: Packs, effort: keyof typeof EFFORT): void {
  const { folds: foldCount, repeats, unseen } = EFFORT[effort];
  mkdirSync(values.out, { recursive: true });
  const sections: Section[] = [];
  const show = (section: Section) => {
    sections.push(section);
    console.log(table(section));
  };
  const base = containerOf(fitQuality(data));
  show(goldReport(data.gold, base, repeats));
  const folds = randomFolds(data, foldCount);
  show(gsm8kReport(folds, "GSM8K, prompts held out: ranked for GPT-4-1106 against Mixtral-8x7B"));
  show(gsm8kReport([withoutBenchmark(data, "llmrouter-gsm8k")], "GSM8K, the whole benchmark held out"));
  show(heldOutReport(folds));
  const frontier = frontierOf(folds);
  if (frontier !== null) {
    show(frontierReport(frontier));
    writeFileSync(join(values.out, "frontier.svg"), frontierSvg(frontier));
  }
  const benchmarks = unseen ?? [...new Set(data.outcomes.map(({ benchmark }) => benchmark))];
  show(unseenReport(data, benchmarks));
  show(
    speedReport(
      base,
      data.gold.map(({ prompt }) => prompt),
    ),
  );
  writeFileSync(join(values.out, "quality.json"), `${JSON.stringify({ effort, sections }, null, 2)}\n`);
}

/** The task classifier's own report: left-out sources and languages, calibration, noise. Minutes. */
function reportTasks(path: string): void {
  const data = readTaskData(path);
  const { lines, metrics } = evaluateTasks(data, trainTasks(data));
  console.log(["\nTask classifier", ...lines].join("\n"));
  writeFileSync(join(values.out, "tasks.json"), `${JSON.stringify(metrics, null, 2)}\n`);
}
