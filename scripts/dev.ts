// `npm run dev`: the router under `wrangler dev`, rebuilt on every change, with the same simulators and
// demo account as `npm start`. Slow to answer: what measures or tests uses `npm start`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { workerBindings } from "./local/bindings.ts";
import { readCatalogFile, simulatedSecretNames } from "./local/catalog-source.ts";
import { banner } from "./local/demo-file.ts";
import { endOnSignals } from "./local/end-signals.ts";
import { describeFailure, fault } from "./local/fault.ts";
import { furnish } from "./local/furnish.ts";
import { waitUntilPortTaken } from "./local/ports.ts";
import { loadSecrets } from "./local/secrets.ts";
import { readSettings } from "./local/settings.ts";
import { openStateDir } from "./local/state-dir.ts";

const ROOT = join(import.meta.dirname, "..");
const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
// wrangler looks around the network before it serves.
const START_PATIENCE_MS = 60_000;

async function dev(): Promise<void> {
  // A folder of its own: wrangler lays its databases out differently than `npm start` does.
  const env = { ...process.env, STATE_DIR: process.env.STATE_DIR || ".local/dev" };
  const settings = readSettings(env, { root: ROOT, isTerminal: true });
  const fileRows = settings.catalogFile === null ? null : readCatalogFile(settings.catalogFile);
  openStateDir(settings.stateDir);
  const secrets = loadSecrets(settings.stateDir, simulatedSecretNames());
  const envFile = writeEnvFile(settings.stateDir, workerBindings(settings, secrets));

  const persist = ["--persist-to", settings.stateDir];
  await once(runWrangler(["d1", "migrations", "apply", "DB", "--local", ...persist]), "exit");
  const server = runWrangler(["dev", "--port", String(settings.port), "--env-file", envFile, ...persist]);
  server.once("exit", (code) => process.exit(code ?? 1));
  endOnSignals(async () => {
    server.kill();
    await once(server, "exit");
  });
  if (!(await waitUntilPortTaken(settings.port, START_PATIENCE_MS))) {
    throw fault(`wrangler dev does not listen on port ${settings.port}: its output stands above.`);
  }
  console.log(banner(await furnish({ settings, secrets, fileRows })));
}

function writeEnvFile(stateDir: string, bindings: Readonly<Record<string, string>>): string {
  const path = join(stateDir, "worker.env");
  const lines = Object.entries(bindings).map(([name, value]) => `${name}=${JSON.stringify(value)}\n`);
  writeFileSync(path, lines.join(""), { mode: 0o600 });
  return path;
}

function runWrangler(args: readonly string[]) {
  // CI: no questions on the way.
  const env = { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false" };
  return spawn(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
}

try {
  await dev();
} catch (error) {
  console.error(describeFailure(error));
  process.exit(1);
}
