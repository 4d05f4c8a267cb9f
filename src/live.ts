// The only builder of real Ports: platform in, doors out. What an isolate shares between requests (caches,
// health, configuration) is made here once; nothing of a request ever is.
import { catalogCache } from "./catalog/load.ts";
import type { AccountDoor } from "./domain/account-commands.ts";
import type { Config } from "./domain/config.ts";
import { type OriginHealth, UNKNOWN_HEALTH } from "./domain/health.ts";
import type { AccountRef, Caller, KeyView } from "./domain/key.ts";
import type { LogEvent, Ports } from "./domain/ports.ts";
import { type Env, readConfig } from "./env.ts";
import { boundedMap } from "./lib/bounded-map.ts";
import { catalogStore } from "./live/catalog-store.ts";
import { accountDirectory } from "./live/directory.ts";

/** A few hundred bytes each: some megabytes of an isolate's 128. */
const REMEMBERED_KEYS = 10_000;
const REMEMBERED_TARGETS = 10_000;
/** How old a catalog may be before it is looked up again, behind the request that finds it old. */
const CATALOG_FRESH_MS = 5_000;

type Shared = Pick<Ports, "config" | "callers" | "keyViews" | "health"> & {
  readonly catalogs: ReturnType<typeof catalogCache>;
};

let shared: Shared | null = null;

/** @throws Error naming a missing secret: the deployment is wrong, not the request. */
export function livePorts(env: Env, ctx: ExecutionContext, request: Request): Ports {
  shared ??= share(env);
  const { catalogs, ...sharedPorts } = shared;
  const waitUntil = (promise: Promise<unknown>) => ctx.waitUntil(promise);
  return {
    ...sharedPorts,
    callerGone: request.signal,
    callerPlace: placeOf(request),
    now: () => Date.now(),
    random: () => Math.random(),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    fetch: (url, init) => fetch(url, init),
    secret: (name) => secretOf(env, name),
    account: (ref) => accountDoor(env, sharedPorts.config, ref),
    catalog: () => catalogs.current(Date.now(), waitUntil),
    catalogStore: catalogStore(env.DB, env.CATALOG),
    directory: accountDirectory(env.DB),
    waitUntil,
    log,
  };
}

function share(env: Env): Shared {
  const store = catalogStore(env.DB, env.CATALOG);
  const load = () =>
    store.newest().catch((error: unknown) => {
      log({ event: "catalog-unreadable", level: "error", error: String(error) });
      throw error;
    });
  const board = boundedMap<OriginHealth>(REMEMBERED_TARGETS);
  const placeOnBoard = (originId: string, modelId: string) => `${originId} ${modelId}`;
  return {
    config: readConfig(env),
    callers: boundedMap<Caller>(REMEMBERED_KEYS),
    keyViews: boundedMap<KeyView>(REMEMBERED_KEYS),
    health: {
      get: (originId, modelId) => board.get(placeOnBoard(originId, modelId)) ?? UNKNOWN_HEALTH,
      update(originId, modelId, change) {
        const place = placeOnBoard(originId, modelId);
        board.set(place, change(board.get(place) ?? UNKNOWN_HEALTH));
      },
    },
    catalogs: catalogCache(load, { freshMs: CATALOG_FRESH_MS }),
  };
}

/** A new stub each time: one kept across requests fails on the second. */
function accountDoor(env: Env, config: Config, ref: AccountRef): AccountDoor {
  const { accountId, jurisdiction } = ref;
  // Local workerd does not implement jurisdictions; the name still holds the account apart.
  const isPlaced = jurisdiction !== "none" && !config.isLocal;
  const namespace = isPlaced ? env.ACCOUNT.jurisdiction(jurisdiction) : env.ACCOUNT;
  const stub = namespace.get(namespace.idFromName(accountId));
  return stub as unknown as AccountDoor; // the class lives in durable-objects/, which src may not import
}

/** The catalog may name only secrets of origins, so that no row can send our own ones out. */
function secretOf(env: Env, name: string): string | null {
  if (!name.startsWith("ORIGIN_")) return null;
  const value = (env as unknown as Readonly<Record<string, unknown>>)[name]; // bindings beyond those declared
  return typeof value === "string" ? value : null;
}

function placeOf(request: Request): Ports["callerPlace"] {
  const cf = request.cf as IncomingRequestCfProperties | undefined; // absent where the edge adds none
  const lat = Number(cf?.latitude);
  const lon = Number(cf?.longitude);
  return cf?.latitude !== undefined && Number.isFinite(lat) && Number.isFinite(lon) ? { lat, lon } : null;
}

function log(event: LogEvent): void {
  console.log(JSON.stringify(event));
}
