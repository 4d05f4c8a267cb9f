// `npm run imports`: the import rules of .dependency-cruiser.cjs. It trusts the tool only as far as it
// can see: a parser that does not know our TypeScript cruises nothing and reports success.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type CruisedModule, unseenFiles } from "./local/cruise-coverage.ts";
import { sourceFiles } from "./local/source-files.ts";
import { meetingRows, type Table } from "./local/table-rows.ts";

const ROOT = join(import.meta.dirname, "..");
const FOLDERS = ["src", "durable-objects"];
const TABLES: readonly Table[] = [
  { folder: "src/dialects", contract: "src/dialects/dialect.ts" },
  { folder: "src/origins/kinds", contract: "src/origins/kinds/kind.ts" },
];
// The report holds every import of the tree; 64 MiB is a hundred times today's.
const LARGEST_REPORT_BYTES = 64 * 1024 * 1024;

interface Report {
  readonly modules: readonly CruisedModule[];
  readonly summary: {
    readonly violations: readonly { from: string; to: string; rule: { name: string } }[];
  };
}

const files = sourceFiles(ROOT, FOLDERS, /\.ts$/);
const report = await cruise();
const violations = report.summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`);
const met = TABLES.flatMap((table) => meetingRows(report.modules, table));
const unseen = unseenFiles(files, report.modules, (path) => readFileSync(join(ROOT, path), "utf8"));
const faults = [
  ...violations,
  ...met,
  ...unseen.map((path) => `not understood by dependency-cruiser: ${path}`),
];

for (const line of faults) console.error(line);
console.log(`${files.length} files, ${report.modules.length} modules cruised, ${faults.length} faults.`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function cruise(): Promise<Report> {
  const program = join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const config = join(ROOT, ".dependency-cruiser.cjs");
  const args = [program, "--config", config, "--output-type", "json", ...FOLDERS];
  const options = { cwd: ROOT, maxBuffer: LARGEST_REPORT_BYTES };
  // With JSON output the exit code says nothing about violations: they stand in the report.
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return JSON.parse(stdout);
}
