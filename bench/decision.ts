// `npm run bench:decision`: what one routing decision costs under plain workerd. Each prompt is decided many times in
// one request and timed from outside, less what an empty request takes; percentiles are over prompts. `--quick`: fewer.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openWorker } from "./stage.ts";

const isQuick = process.argv.includes("--quick");
const PROMPTS = isQuick ? 60 : 300;
const DECISIONS = isQuick ? 100 : 400;
/** About a kilobyte, as the bar says. */
const LEAST_BYTES = 800;
const MOST_BYTES = 1_300;
const WARM_UP = 3_000;
const FOLDER = join(import.meta.dirname, "../train/prompts");

const worker = await openWorker("bench/workers/decision.ts");
try {
  await measure();
} finally {
  await worker.close();
}

async function measure(): Promise<void> {
  const prompts = kilobytePrompts();
  const [shortest = ""] = prompts;
  const firstMs = (await timed(shortest, 1)) - (await timed(shortest, 0));
  for (const text of prompts) await timed(text, Math.ceil(WARM_UP / prompts.length));
  const times: number[] = [];
  for (const text of prompts) times.push(await decisionUs(text));
  times.sort((left, right) => left - right);
  const megabyte = shortest.repeat(Math.ceil(2 ** 20 / shortest.length));
  console.table([
    {
      prompts: prompts.length,
      "p50 µs": Math.round(at(times, 0.5)),
      "p99 µs": Math.round(at(times, 0.99)),
      "1 MB prompt µs": Math.round(await decisionUs(megabyte)),
      "first decision ms": firstMs.toFixed(1),
    },
  ]);
}

/** The best of three: whatever else the machine did made it longer, never shorter. */
async function decisionUs(text: string): Promise<number> {
  const tries: number[] = [];
  for (let n = 0; n < 3; n++) {
    const emptyMs = await timed(text, 0);
    tries.push(((await timed(text, DECISIONS)) - emptyMs) / DECISIONS);
  }
  return Math.min(...tries) * 1_000;
}

async function timed(text: string, decisions: number): Promise<number> {
  const startMs = performance.now();
  const response = await fetch(worker.baseUrl, { method: "POST", body: JSON.stringify({ text, decisions }) });
  await response.text();
  return performance.now() - startMs;
}

function kilobytePrompts(): readonly string[] {
  const lines = readdirSync(FOLDER).flatMap((name) => readFileSync(join(FOLDER, name), "utf8").split("\n"));
  const texts = lines.filter((line) => line !== "").map((line) => String(JSON.parse(line).text));
  const fitting = texts.filter((text) => {
    const bytes = Buffer.byteLength(text);
    return bytes >= LEAST_BYTES && bytes <= MOST_BYTES;
  });
  const step = Math.max(1, Math.floor(fitting.length / PROMPTS));
  return fitting.filter((_, index) => index % step === 0).slice(0, PROMPTS);
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}
