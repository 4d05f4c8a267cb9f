// `npm run chaos`: breaks the router on purpose and says whether its promises hold. `--short`: within a minute,
// for every push. `--only a,b`, `--seed N`, `--rounds N`, `--usage-rows N`, `--json FILE`. Exit code 1 with the
// facts at the first broken promise. It only keeps the order; the promises stand in the parts.
import { writeFileSync } from "node:fs";
import { inspect, parseArgs } from "node:util";
import { continuation } from "./continuation.ts";
import { claimSignals, endAll, ending } from "./ending.ts";
import { exactCredits } from "./exact-credits.ts";
import { faults } from "./faults.ts";
import { killRounds } from "./kill-rounds.ts";
import { limiter } from "./limiter.ts";
import { type Part, type Settings, seconds, type Table } from "./part.ts";
import { soak } from "./soak.ts";
import { summaryLoad } from "./summary-load.ts";

/** Parts that only ask whether something holds run beside each other. */
const SIDE_BY_SIDE: Readonly<Record<string, Part>> = {
  "kill-rounds": killRounds,
  limiter,
  "exact-credits": exactCredits,
  continuation,
};
/** Ten minutes, beside the others: too long for the short form. */
const LONG: Readonly<Record<string, Part>> = { soak };
/** Its origins are given up in less than a second: others' work must not look like their silence. */
const AFTERWARDS: Readonly<Record<string, Part>> = { faults };
/** What measures must have the machine for itself; too long for the short form. */
const ALONE: Readonly<Record<string, Part>> = { "summary-load": summaryLoad };

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string" },
    seed: { type: "string" },
    rounds: { type: "string" },
    "usage-rows": { type: "string" },
    json: { type: "string" },
  },
});
const settings = readSettings();
const results: Record<string, { readonly seconds: number; readonly table: Table }> = {};
claimSignals();

console.log(`chaos, ${settings.form} form, seed ${settings.seed}`);
const startedAtMs = Date.now();
let failure: unknown = null;
try {
  const isWhole = settings.form === "full" || values.only !== undefined;
  await runAll({ ...SIDE_BY_SIDE, ...(isWhole ? LONG : {}) });
  await runAll(AFTERWARDS);
  if (isWhole) await runAll(ALONE);
} catch (error) {
  failure = error;
}
report();

async function runAll(parts: Readonly<Record<string, Part>>): Promise<void> {
  const chosen = Object.entries(parts).filter(([name]) => values.only?.split(",").includes(name) ?? true);
  const runs = chosen.map(([name, part]) =>
    runPart(name, part).catch((error: unknown) => {
      // The others end what they started; their ends are no news.
      endAll(error);
      throw error;
    }),
  );
  await Promise.allSettled(runs);
  ending.throwIfAborted();
}

async function runPart(name: string, part: Part): Promise<void> {
  const sinceMs = Date.now();
  const print = (line: string) => console.log(`[${name}] ${line}`);
  const table = await part({ signal: ending, print }, settings);
  const tookMs = Date.now() - sinceMs;
  results[name] = { seconds: tookMs / 1000, table };
  print(`kept, ${seconds(tookMs)}`);
}

function report(): void {
  for (const [name, { table }] of Object.entries(results)) {
    console.log(`\n${name}`);
    console.table(table);
  }
  const outcome = failure === null ? "every promise kept" : "FAILED";
  console.log(`\n${outcome} in ${seconds(Date.now() - startedAtMs)}, seed ${settings.seed}`);
  if (failure !== null) console.error(inspect(failure, { depth: 8, maxStringLength: 2_000 }));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(summary(), null, 2)}\n`);
  process.exitCode = failure === null ? 0 : 1;
}

function summary() {
  const broken =
    failure instanceof Error ? { message: failure.message, facts: failure.cause ?? null } : failure;
  return { ...settings, kept: failure === null, broken, results };
}

function readSettings(): Settings {
  const form = values.short ? "short" : "full";
  return {
    form,
    // A seed of its own for each run, so that a year of runs meets a year of moments.
    seed: whole(values.seed) ?? Math.floor(Math.random() * 1_000_000),
    rounds: whole(values.rounds) ?? (form === "short" ? 4 : 100),
    usageRows: whole(values["usage-rows"]) ?? 1_000_000,
  };
}

function whole(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`${text}: use a whole number from 1 on`);
}
