// A Worker variant under plain workerd with one account, one key and the fast origin behind it: what a load needs.
// State goes to a folder of its own and away with it.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectApi, expectSuccess, textField } from "../scripts/local/api.ts";
import { bundle } from "../scripts/local/bundle.ts";
import { findFreePorts } from "../scripts/local/ports.ts";
import { newToken, newVersionedSecret } from "../scripts/local/secrets.ts";
import { createWorker } from "../scripts/local/worker.ts";
import { readRuntimeChoice } from "../scripts/local/worker-config.ts";

const ROOT = join(import.meta.dirname, "..");
export const BENCH_MODEL = "bench/model";

export interface Stage {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Of workerd: its CPU is what is measured. */
  readonly pid: number;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly entry: string;
  readonly plan: "enterprise" | "free";
  readonly originPort: number;
}

export interface BenchWorker {
  readonly baseUrl: string;
  readonly adminToken: string;
  /** Of workerd: its CPU is what is measured. */
  readonly pid: number;
  close(): Promise<void>;
}

/** `entry`: path of the Worker's module, from the root. */
export async function openWorker(entry: string): Promise<BenchWorker> {
  const stateDir = mkdtempSync(join(tmpdir(), "bench-"));
  const [port = 0] = await findFreePorts(1);
  const adminToken = newToken();
  const before = new Set(runtimePids());
  const worker = createWorker({
    port,
    stateDir,
    migrationsDir: join(ROOT, "migrations"),
    bundle: await bundle(ROOT, join(stateDir, "bundle"), entry),
    runtime: readRuntimeChoice(join(ROOT, "wrangler.toml")),
    bindings: {
      LOCAL: "true",
      LEASE_S: "60",
      ADMIN_TOKEN: adminToken,
      KEY_PEPPERS: newVersionedSecret(),
      ROUTE_KEYS: newVersionedSecret(),
      SESSION_KEY: newToken(),
    },
    onLine: () => undefined,
  });
  await worker.ready;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    adminToken,
    pid: runtimePids().find((child) => !before.has(child)) ?? 0,
    async close() {
      await worker.close();
      rmSync(stateDir, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

export async function openStage({ entry, plan, originPort }: StageOptions): Promise<Stage> {
  const worker = await openWorker(entry);
  const { baseUrl, adminToken } = worker;
  return { ...worker, apiKey: await furnish(baseUrl, { adminToken, plan, originPort }) };
}

interface Furnishing extends Omit<StageOptions, "entry"> {
  readonly adminToken: string;
}

async function furnish(baseUrl: string, { adminToken, plan, originPort }: Furnishing): Promise<string> {
  const api = connectApi(baseUrl);
  const admin = "/api/v1/admin";
  const catalog = catalogOf(originPort);
  expectSuccess(await api({ method: "PUT", path: `${admin}/catalog`, bearer: adminToken, body: catalog }));
  const body = { name: "Bench", plan };
  const opened = await api({ method: "POST", path: `${admin}/accounts`, bearer: adminToken, body });
  const credits = `${admin}/accounts/${textField(opened, "account_id")}/credits`;
  const deposit = { amount_usd: 1_000_000, reference: "bench" };
  expectSuccess(await api({ method: "POST", path: credits, bearer: adminToken, body: deposit }));
  return textField(opened, "management_key");
}

function catalogOf(originPort: number) {
  const price = { input_per_mtok: 0.1, output_per_mtok: 0.3 };
  const base_url = `http://127.0.0.1:${originPort}/v1`;
  return {
    regions: [{ id: "here" }],
    models: [{ id: BENCH_MODEL, task: "text-generation", parameters_b: 8, price }],
    origins: [
      { id: "fast", region: "here", kind: "openai-compatible", base_url, serves: [{ model: BENCH_MODEL }] },
    ],
  };
}

/** Runtimes that are children of this process; a stage adds one. */
function runtimePids(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => commandOf(name) === "workerd" && parentOf(name) === process.pid)
    .map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

export interface Origin {
  readonly port: number;
  close(): void;
}

export async function openOrigin(): Promise<Origin> {
  const child = spawn(process.execPath, [join(ROOT, "bench/origin.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const port = await new Promise<number>((resolve) => {
    child.stdout.once("data", (bytes: Buffer) => resolve(Number(bytes.toString())));
  });
  return { port, close: () => void child.kill() };
}
