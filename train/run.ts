// `npm run train`: the data packs and the authored prompts in, the weights file and its metrics out.
// With `--outcomes FILE --out DIR` it adds an operator's own outcomes to the checked-in weights instead.
// Same input, same bytes.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readContainer } from "../src/routing/weights/container.ts";
import { evaluateTasks } from "./eval/tasks.ts";
import { copySections } from "./lib/copy-sections.ts";
import { findDataFolder, METRICS_FILE, WEIGHTS_FILE } from "./lib/data-folder.ts";
import { readJsonLines } from "./lib/json-lines.ts";
import { readOutcomeRows } from "./lib/outcome-rows.ts";
import { bufferOf } from "./lib/read-weights.ts";
import { type SectionToWrite, writeContainer } from "./lib/write-container.ts";
import { fitOutcomes, fitQuality } from "./quality/fit-quality.ts";
import type { QualityPart } from "./quality/types.ts";
import { readTaskData } from "./tasks/task-data.ts";
import { taskSections } from "./tasks/task-sections.ts";
import { trainTasks } from "./tasks/train-tasks.ts";

const { values: options } = parseArgs({
  options: {
    data: { type: "string" },
    outcomes: { type: "string" },
    out: { type: "string" },
    /** Leaves the evaluation out: seconds instead of minutes. */
    quick: { type: "boolean", default: false },
  },
});

const startedAtMs = performance.now();
if (options.outcomes === undefined) trainAll();
else addOutcomes(options.outcomes, options.out ?? null);

function trainAll(): void {
  const folder = findDataFolder(options.data ?? null);
  if (!folder.ok) {
    console.error(folder.line);
    process.exitCode = 1;
    return;
  }
  const data = readTaskData(folder.path);
  say(`${data.authored.length} authored prompts, ${data.pack.length} rows of the packs`);
  const tasks = trainTasks(data);
  say(`tasks: temperature ${tasks.temperature.toFixed(2)}`);
  const texts = [...data.authored, ...data.pack].map(({ text }) => text);
  const quality = fitQuality({ outcomes: readOutcomeRows(folder.path), texts });
  for (const note of quality.notes) say(note);
  if (options.out !== undefined) mkdirSync(options.out, { recursive: true });
  const path = options.out === undefined ? WEIGHTS_FILE : join(options.out, "inferroute.bin");
  write(path, taskSections(tasks.weights), quality);
  if (options.quick) return;
  const report = evaluateTasks(data, tasks);
  for (const line of report.lines) say(line);
  writeFileSync(METRICS_FILE, `${JSON.stringify(report.metrics, null, 2)}\n`);
}

function addOutcomes(path: string, out: string | null): void {
  if (out === null) {
    console.error("Where shall the weights go? Add --out DIR.");
    process.exitCode = 1;
    return;
  }
  const base = readContainer(bufferOf(readFileSync(WEIGHTS_FILE)));
  const quality = fitOutcomes({ lines: readJsonLines(path, () => undefined), base });
  for (const note of quality.notes) say(note);
  mkdirSync(out, { recursive: true });
  write(join(out, "inferroute.bin"), copySections(base, "task."), quality);
}

function write(path: string, tasks: readonly SectionToWrite[], quality: QualityPart): void {
  const bytes = writeContainer({
    sections: [...tasks, ...quality.sections],
    meta: { quality: quality.meta },
  });
  writeFileSync(path, bytes);
  say(`${path}: ${bytes.length} bytes`);
}

function say(line: string): void {
  console.log(`${((performance.now() - startedAtMs) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
}
