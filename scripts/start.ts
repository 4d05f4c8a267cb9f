// `npm start`: the router with simulated origins on this machine, ready to be called. It only keeps the
// order; the contract that outside scripts rely on stands in docs/operations.md.
import { join } from "node:path";
import { workerBindings } from "./local/bindings.ts";
import { bundle } from "./local/bundle.ts";
import { readCatalogFile, simulatedSecretNames } from "./local/catalog-source.ts";
import { banner, DEMO_FILE, readDemoFile } from "./local/demo-file.ts";
import { endOnSignals } from "./local/end-signals.ts";
import { describeFailure, fault } from "./local/fault.ts";
import { furnish } from "./local/furnish.ts";
import { lineWriter } from "./local/line-writer.ts";
import { renderLine } from "./local/log-lines.ts";
import { isPortFree, waitUntilPortFree } from "./local/ports.ts";
import { type LocalSecrets, loadSecrets } from "./local/secrets.ts";
import { readSettings, type Settings } from "./local/settings.ts";
import { emptyStateFolder, openStateDir, readState, removeState, writeState } from "./local/state-dir.ts";
import { guardChildren, isAlive } from "./local/watchdog.ts";
import { createWorker, portInUse } from "./local/worker.ts";
import { readRuntimeChoice } from "./local/worker-config.ts";

const ROOT = join(import.meta.dirname, "..");
// The children of a killed predecessor end within a second; twice that is surely somebody else's port.
const PREDECESSOR_PATIENCE_MS = 2_000;

const print = lineWriter(process.stdout);
let close = async () => {};
const ending = endOnSignals(() => close());

async function start(): Promise<void> {
  const settings = readSettings(process.env, { root: ROOT, isTerminal: process.stdout.isTTY });
  const fileRows = settings.catalogFile === null ? null : readCatalogFile(settings.catalogFile);
  await claim(settings);
  const secrets = loadSecrets(settings.stateDir, simulatedSecretNames());
  const worker = await launchWorker(settings, secrets);
  close = worker.close;
  ending.claimSignals();
  await worker.ready;
  const facts = await furnish({ settings, secrets, fileRows });
  writeState(settings.stateDir, DEMO_FILE, facts);
  print(banner(facts));
}

/** The state folder and the port are ours, and nothing of a killed predecessor is left. */
async function claim({ stateDir, port }: Settings): Promise<void> {
  openStateDir(stateDir);
  if (!(await waitUntilPortFree(port, PREDECESSOR_PATIENCE_MS))) throw fault(portInUse(port));
  await refuseSharedState(stateDir);
  // Whoever waits for this file must not read the one of the start before.
  removeState(stateDir, DEMO_FILE);
  // What a killed runtime left behind stays in our folder and goes with the next start.
  process.env.TMPDIR = emptyStateFolder(stateDir, "tmp");
}

/** Two runtimes on the same databases would damage them. */
async function refuseSharedState(stateDir: string): Promise<void> {
  const other = readDemoFile(readState(stateDir, DEMO_FILE));
  if (other === null || !isAlive(other.pid)) return;
  if (await isPortFree(Number(new URL(other.base_url).port))) return;
  throw fault(
    `STATE_DIR ${stateDir} is in use by process ${other.pid}: stop it, or choose another STATE_DIR.`,
  );
}

async function launchWorker(settings: Settings, secrets: LocalSecrets) {
  const built = await bundle(ROOT, join(settings.stateDir, "bundle"));
  guardChildren("workerd");
  return createWorker({
    port: settings.port,
    stateDir: settings.stateDir,
    migrationsDir: join(ROOT, "migrations"),
    bundle: built,
    runtime: readRuntimeChoice(join(ROOT, "wrangler.toml")),
    bindings: workerBindings(settings, secrets),
    onLine: (line) => print(renderLine(line, settings.log)),
  });
}

try {
  await start();
} catch (error) {
  if (!ending.hasBegun()) {
    console.error(describeFailure(error));
    // Ends the Worker and the simulators as well: Miniflare stops its runtime when this process exits.
    process.exit(1);
  }
}
