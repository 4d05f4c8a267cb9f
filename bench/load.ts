// One load on one Worker with wrk, and what it cost that Worker's process. Linux only: /proc has the CPU times.
import { execFile, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Stage } from "./stage.ts";

export interface LoadResult {
  /** Answers with the expected status, per second. */
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMsPerRequest: number;
  /** Answers with another status than expected. */
  readonly others: number;
}

export interface Load {
  readonly stage: Stage;
  readonly connections: number;
  readonly seconds: number;
  readonly body: object;
  readonly path: string;
  readonly expect: number;
}

export function assertWrk(): void {
  if (spawnSync("wrk", ["--version"]).error !== undefined) {
    throw new Error("This benchmark needs wrk: install Debian's package 'wrk'.");
  }
}

/** Never blocks this process: it drains the log of the Worker under load, which would stand still otherwise. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const script = join(tmpdir(), `bench-${process.pid}.lua`);
  writeFileSync(script, luaOf(load));
  const { stage, connections, seconds } = load;
  const cpuBefore = cpuMs(stage.pid);
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "-s", script, stage.baseUrl];
  const { stdout: output } = await promisify(execFile)("wrk", args);
  const spentMs = cpuMs(stage.pid) - cpuBefore;
  const [, good = "0", bad = "0", us = "1"] = /RESULT (\d+) (\d+) (\d+)/.exec(output) ?? [];
  return {
    rps: Number(good) / (Number(us) / 1e6),
    p50Ms: percentile(output, "50%"),
    p99Ms: percentile(output, "99%"),
    cpuMsPerRequest: spentMs / (Number(good) + Number(bad)),
    others: Number(bad),
  };
}

function luaOf({ stage, body, path, expect }: Load): string {
  return `
wrk.method = "POST"
wrk.path = ${JSON.stringify(path)}
wrk.body = ${JSON.stringify(JSON.stringify(body))}
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer ${stage.apiKey}"
good, bad = 0, 0
threads = {}
function setup(thread) table.insert(threads, thread) end
function response(status) if status == ${expect} then good = good + 1 else bad = bad + 1 end end
function done(summary)
  local g, b = 0, 0
  for _, t in ipairs(threads) do g = g + t:get("good"); b = b + t:get("bad") end
  print(string.format("RESULT %d %d %d", g, b, summary.duration))
end
`;
}

/** User and system time of a process so far; a tick is 10 ms on every Linux that runs this. */
const MS_PER_TICK = 10;

export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

function percentile(output: string, name: string): number {
  const [, value = "0", unit = "ms"] = new RegExp(`${name}\\s+([\\d.]+)(us|ms|s)`).exec(output) ?? [];
  return Number(value) * (unit === "us" ? 0.001 : unit === "s" ? 1_000 : 1);
}
