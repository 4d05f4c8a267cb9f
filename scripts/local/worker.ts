// The Worker under the local runtime: bundle, bindings and the socket on which callers reach it without
// Miniflare's own proxy in between. It does not know what the Worker answers.
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare, MiniflareCoreError, NoOpLog } from "miniflare";
import type { Bundle } from "./bundle.ts";
import { fault } from "./fault.ts";
import type { RuntimeLine } from "./log-lines.ts";
import { applyMigrations } from "./migrations.ts";
import { LOOPBACK } from "./ports.ts";
import type { RuntimeChoice } from "./worker-config.ts";

export interface WorkerOptions {
  readonly port: number;
  readonly stateDir: string;
  readonly migrationsDir: string;
  readonly bundle: Bundle;
  readonly runtime: RuntimeChoice;
  /** Vars and secrets. */
  readonly bindings: Readonly<Record<string, string>>;
  onLine(line: RuntimeLine): void;
}

export interface LocalWorker {
  /** Resolves when the Worker answers and its database is up to date. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/**
 * Megabytes for young objects. By its own measure V8 leaves so much garbage between two collections that the process
 * is half as large again, and takes minutes to get there. Requests per second are the same.
 */
const V8_FLAGS = "--max-semi-space-size=2";

export function createWorker(options: WorkerOptions): LocalWorker {
  // The only way to tell them: Miniflare has no option for it.
  process.env.MINIFLARE_WORKERD_V8_FLAGS ??= V8_FLAGS;
  const miniflare = new Miniflare(convertV4MiniflareOptions(miniflareOptions(options)));
  const makeReady = async () => {
    await miniflare.ready.catch((error: unknown) => {
      throw translate(error, options.port);
    });
    await applyMigrations(await miniflare.getD1Database("DB"), options.migrationsDir);
  };
  return { ready: makeReady(), close: () => miniflare.dispose() };
}

function miniflareOptions({ bundle, runtime, ...options }: WorkerOptions) {
  return {
    name: "inferroute",
    modulesRoot: bundle.dir,
    modules: bundle.modules.map(({ name, kind }) => ({ type: kind, path: join(bundle.dir, name) })),
    compatibilityDate: runtime.compatibilityDate,
    compatibilityFlags: [...runtime.compatibilityFlags],
    bindings: options.bindings,
    durableObjects: {
      ACCOUNT: { className: "Account", useSQLite: true },
      USAGE_LOG: { className: "UsageLog", useSQLite: true },
      ANSWERS: { className: "Answers", useSQLite: true },
      ORIGIN_HEALTH: { className: "OriginHealth", useSQLite: true },
    },
    d1Databases: { DB: "directory" },
    kvNamespaces: { CATALOG: "catalog" },
    r2Buckets: { ARCHIVE: "archive" },
    // Straight to the network: Miniflare puts a Worker of its own before a global fetch, which costs as much
    // as half of the router does.
    serviceBindings: { EGRESS: { network: { allow: ["public", "private"], tlsOptions: TLS } } },
    resourcePersistencePath: join(options.stateDir, "worker"),
    unsafeDirectSockets: [{ host: LOOPBACK, port: options.port }],
    // No look-up of this machine's place over the network at every start.
    cf: false,
    logRequests: false,
    log: new NoOpLog(),
    handleStructuredLogs: options.onLine,
    unsafeHandleRuntimeRestart: () => options.onLine(restartLine()),
  };
}

/** The authorities that browsers trust, as for a global fetch. */
const TLS = { trustBrowserCas: true } as const;

function restartLine(): RuntimeLine {
  return { timestamp: Date.now(), level: "error", message: "The runtime crashed and was started again." };
}

/** The port was free a moment ago; another process may have been quicker. */
function translate(error: unknown, port: number): unknown {
  const isTaken = error instanceof MiniflareCoreError && error.code === "ERR_ADDRESS_IN_USE";
  return isTaken ? fault(portInUse(port)) : error;
}

export function portInUse(port: number): string {
  return `Port ${port} is in use: stop what listens there, or choose another with PORT.`;
}
