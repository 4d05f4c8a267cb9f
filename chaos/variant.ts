// A variant of the Worker under the local runtime, with the fast origin behind it: for what the router as it is
// started by `npm start` cannot be asked. State goes to a folder of its own and away with it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Origin, openOrigin } from "../bench/stage.ts";
import { connectApi, expectSuccess } from "../scripts/local/api.ts";
import { bundle } from "../scripts/local/bundle.ts";
import type { DemoFile } from "../scripts/local/demo-file.ts";
import { findFreePorts } from "../scripts/local/ports.ts";
import { newToken, newVersionedSecret } from "../scripts/local/secrets.ts";
import { guardChildren } from "../scripts/local/watchdog.ts";
import { createWorker, type LocalWorker } from "../scripts/local/worker.ts";
import { readRuntimeChoice } from "../scripts/local/worker-config.ts";
import { openAccount } from "../test/support/accounts.ts";
import { claimSignals } from "./ending.ts";
import { MODEL } from "./wire.ts";

const ROOT = join(import.meta.dirname, "..");

export interface Variant {
  readonly baseUrl: string;
  /** As `npm start` hands it out; no simulators. */
  readonly demo: DemoFile;
  close(): Promise<void>;
}

/** `entry`: path of the Worker's module, from the root. */
export async function openVariant(entry: string): Promise<Variant> {
  const stateDir = mkdtempSync(join(tmpdir(), "chaos-variant-"));
  const origin = await openOrigin();
  const adminToken = newToken();
  const [port = 0] = await findFreePorts(1);
  // A runtime must not outlive a run that is killed.
  guardChildren("workerd");
  const worker = createWorker({
    port,
    stateDir,
    migrationsDir: join(ROOT, "migrations"),
    bundle: await bundle(ROOT, join(stateDir, "bundle"), entry),
    runtime: readRuntimeChoice(join(ROOT, "wrangler.toml")),
    bindings: bindingsWith(adminToken),
    onLine: () => undefined,
  });
  claimSignals();
  const close = () => closeAll({ worker, origin, stateDir });
  try {
    await worker.ready;
    const baseUrl = `http://127.0.0.1:${port}`;
    return { baseUrl, demo: await furnish(baseUrl, { adminToken, origin }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function bindingsWith(adminToken: string): Readonly<Record<string, string>> {
  return {
    LOCAL: "true",
    LEASE_S: "60",
    ADMIN_TOKEN: adminToken,
    KEY_PEPPERS: newVersionedSecret(),
    ROUTE_KEYS: newVersionedSecret(),
    SESSION_KEY: newToken(),
  };
}

interface Running {
  readonly worker: LocalWorker;
  readonly origin: Origin;
  readonly stateDir: string;
}

async function closeAll({ worker, origin, stateDir }: Running): Promise<void> {
  origin.close();
  await worker.close();
  rmSync(stateDir, { recursive: true, force: true, maxRetries: 10 });
}

interface Furnishing {
  readonly adminToken: string;
  readonly origin: Origin;
}

async function furnish(baseUrl: string, { adminToken, origin }: Furnishing): Promise<DemoFile> {
  const path = "/api/v1/admin/catalog";
  const body = catalogOf(origin.port);
  expectSuccess(await connectApi(baseUrl)({ method: "PUT", path, bearer: adminToken, body }));
  const bare = {
    base_url: baseUrl,
    dashboard_url: `${baseUrl}/`,
    admin_token: adminToken,
    pid: process.pid,
    simulators: [],
    api_key: "",
    management_key: "",
    account_id: "",
  };
  const { accountId, managementKey, apiKey } = await openAccount(bare, { creditsUsd: 1_000 });
  return { ...bare, account_id: accountId, management_key: managementKey, api_key: apiKey };
}

function catalogOf(originPort: number) {
  const price = { input_per_mtok: 0.23, output_per_mtok: 0.4 };
  const base_url = `http://127.0.0.1:${originPort}/v1`;
  return {
    regions: [{ id: "here" }],
    models: [{ id: MODEL, task: "text-generation", parameters_b: 70, price }],
    origins: [
      { id: "fast", region: "here", kind: "openai-compatible", base_url, serves: [{ model: MODEL }] },
    ],
  };
}
