// `npm run size`: the bundle stays small enough to start at once, and every file short enough to read.
// It measures; it does not know why a file grew.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundle } from "./local/bundle.ts";
import { describeFailure } from "./local/fault.ts";
import { sourceFiles } from "./local/source-files.ts";

const ROOT = join(import.meta.dirname, "..");
const FOLDERS = ["src", "durable-objects", "sim", "scripts", "train", "bench", "chaos", "dashboard"];
// Weights are data and come on top; code beyond this slows every cold start.
const MOST_BUNDLE_BYTES = 400_000;
const MOST_LINES = 300;

try {
  const bundleFaults = await checkBundle();
  const faults = [...bundleFaults, ...checkFiles()];
  for (const line of faults) console.error(line);
  process.exitCode = faults.length === 0 ? 0 : 1;
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}

async function checkBundle(): Promise<readonly string[]> {
  const { dir, modules } = await bundle(ROOT, join(ROOT, "dist/size"));
  const code = modules.filter(({ kind }) => kind === "ESModule");
  const bytes = code.reduce((sum, { name }) => sum + gzipSync(readFileSync(join(dir, name))).length, 0);
  console.log(
    `Bundle: ${inKilobytes(bytes)} gzipped of at most ${inKilobytes(MOST_BUNDLE_BYTES)}, without weights.`,
  );
  return bytes <= MOST_BUNDLE_BYTES ? [] : ["The bundle is too large."];
}

function checkFiles(): readonly string[] {
  const files = sourceFiles(ROOT, FOLDERS, /\.(ts|tsx|mjs|cjs|js|css)$/);
  return files.flatMap((path) => {
    const lines = readFileSync(join(ROOT, path), "utf8").trimEnd().split("\n").length;
    return lines > MOST_LINES ? [`${path} has ${lines} lines; at most ${MOST_LINES}.`] : [];
  });
}

function inKilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
