// `npm run simulate`: the Azure traces in accelerated time through the real router and three unlike regions, once
// per policy, or for those that `--policy` names. Prints time to first token; `--json FILE` writes the table,
// `--short` replays two minutes.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { percentile } from "../chaos/part.ts";
import { startServer } from "../test/support/server.ts";
import { FLEET, tellSlots } from "./replay/fleet.ts";
import { POLICIES, type Policy } from "./replay/policy.ts";
import { type Replayed, replay } from "./replay/replay.ts";
import { type Arrival, readTrace } from "./replay/trace.ts";

const { values: options } = parseArgs({
  options: {
    trace: { type: "string", default: "conv" },
    data: { type: "string", default: join(import.meta.dirname, "../../shared/data/traces") },
    minutes: { type: "string" },
    policy: { type: "string", multiple: true },
    "speed-up": { type: "string", default: "10" },
    json: { type: "string" },
    short: { type: "boolean", default: false },
  },
});
const clock = { speedUp: Number(options["speed-up"]) };
const policies = wanted(options.policy);
const minutes = Number(options.minutes ?? (options.short ? 2 : 20));

const trace = open(`azure-llm-2023-${options.trace}.csv.gz`);
const lastS = Math.round((trace.at(-1)?.atMs ?? 0) / 1000);
console.log(`${trace.length} requests of ${lastS} s in ${Math.round(lastS / clock.speedUp)} s per policy`);
const rows = [];
for (const policy of policies) rows.push(rowOf(await replayed(policy)));
console.table(rows);
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ trace: options.trace, minutes, rows }, null, 2)}\n`);

function wanted(names: readonly string[] = POLICIES): readonly Policy[] {
  const stranger = names.find((name) => !POLICIES.some((policy) => policy === name));
  if (stranger === undefined) return POLICIES.filter((policy) => names.includes(policy));
  console.error(`There is no policy '${stranger}': known are ${POLICIES.join(", ")}.`);
  process.exit(1);
}

function open(name: string): readonly Arrival[] {
  try {
    return readTrace(join(options.data, name), minutes);
  } catch (error) {
    console.error(`The trace ${name} cannot be read: give its folder with --data. (${String(error)})`);
    process.exit(1);
  }
}

/** A router of its own: nothing learnt under one policy helps another. */
async function replayed(policy: Policy): Promise<Replayed> {
  const server = await startServer();
  try {
    await tellSlots(server.demo);
    return await replay(server.demo, policy, { trace, clock });
  } finally {
    await server.stop("SIGKILL");
  }
}

function rowOf({ policy, ttftMs, failed, regions }: Replayed) {
  const at = (share: number) => Math.round(percentile(ttftMs, share));
  const shares = FLEET.map(
    ({ region }) => `${region} ${Math.round((100 * (regions.get(region) ?? 0)) / ttftMs.length)} %`,
  );
  return {
    policy,
    "p50 ms": at(0.5),
    "p90 ms": at(0.9),
    "p95 ms": at(0.95),
    "p99 ms": at(0.99),
    failed,
    regions: shares.join(", "),
  };
}
