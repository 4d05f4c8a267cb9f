// A router of one's own, started as `npm start` starts it: by scripts/start.ts, as a process, on a free
// port with a state folder of its own. It knows the contract of local running and nothing of the router.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DEMO_FILE, type DemoFile } from "../../scripts/local/demo-file.ts";
import { findFreePorts } from "../../scripts/local/ports.ts";

export interface TestServerOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Kept when it is given; else one is made and removed by `stop`. */
  readonly stateDir?: string;
}

export interface TestServer {
  readonly demo: DemoFile;
  readonly baseUrl: string;
  /** Everything it printed so far, restarts included. */
  logs(): string;
  /** Ends it for good and waits for that; resolves to the exit code, null when the signal killed it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Ends it and starts it again at once, on the same port and state. */
  restart(signal?: NodeJS.Signals): Promise<TestServer>;
}

const ROOT = join(import.meta.dirname, "../..");
// The promise of `npm start` is 10 s; tests of other files share the processor.
const READY_PATIENCE_MS = 30_000;
const POLL_MS = 25;

export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), "inferroute-"));
  const [freePort] = await findFreePorts(1);
  const env = { PORT: String(freePort), LOG: "json", ...options.env, STATE_DIR: stateDir };
  return launch({ env, stateDir, isOurFolder: options.stateDir === undefined, output: [] });
}

interface Launch {
  readonly env: Readonly<Record<string, string>>;
  readonly stateDir: string;
  readonly isOurFolder: boolean;
  readonly output: string[];
}

async function launch(plan: Launch): Promise<TestServer> {
  const child = runStart(plan.env);
  const keep = (chunk: Buffer) => plan.output.push(chunk.toString());
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const demo = await untilReady(child, plan);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, "exit");
    }
    return child.exitCode;
  };
  return {
    demo,
    baseUrl: demo.base_url,
    logs: () => plan.output.join(""),
    async stop(signal = "SIGTERM") {
      const code = await end(signal);
      if (plan.isOurFolder) rmSync(plan.stateDir, { recursive: true, force: true, maxRetries: 10 });
      return code;
    },
    async restart(signal = "SIGTERM") {
      await end(signal);
      return launch(plan);
    },
  };
}

/** Without the variables of the surrounding shell that the contract names: tests say what they set. */
function runStart(env: Readonly<Record<string, string>>): ChildProcess {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(PORT|STATE_DIR|CATALOG_FILE|SIM|SIM_PORT|LOG|LEASE_S|ADMIN_TOKEN|ORIGIN_.*|NODE_OPTIONS)$/.test(
        name,
      ),
  );
  return spawn(process.execPath, ["scripts/start.ts"], {
    cwd: ROOT,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function untilReady(child: ChildProcess, { stateDir, output }: Launch): Promise<DemoFile> {
  for (let waitedMs = 0; waitedMs < READY_PATIENCE_MS; waitedMs += POLL_MS) {
    const demo = readDemo(join(stateDir, DEMO_FILE));
    if (demo?.pid === child.pid && demo !== null) return demo;
    if (child.exitCode !== null)
      throw new Error(`npm start ended with ${child.exitCode}:\n${output.join("")}`);
    await sleep(POLL_MS);
  }
  child.kill("SIGKILL");
  throw new Error(`npm start was not ready within ${READY_PATIENCE_MS} ms:\n${output.join("")}`);
}

/** null until it is written; a reader never meets half a file, for it is written by rename. */
function readDemo(path: string): DemoFile | null {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
