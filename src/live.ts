// The only builder of real Ports: platform in, doors out. What an isolate shares between requests (caches,
// health, configuration) is made here once; nothing of a request ever is.
import { catalogCache } from "./catalog/load.ts";
import type { AccountDoor } from "./domain/account-commands.ts";
import type { Config } from "./domain/config.ts";
import { type OriginHealth, UNKNOWN_HEALTH } from "./domain/health.ts";
import type { AnswersDoor } from "./domain/idempotency.ts";
import type { AccountRef, KeyCaller, KeyView } from "./domain/key.ts";
import type { FoundAccount, KeySet, LogEvent, Ports, RememberedRefusal } from "./domain/ports.ts";
import type { UsageLogDoor } from "./domain/usage-log.ts";
import { type Env, readConfig } from "./env.ts";
import { alarmClock } from "./lib/alarm-clock.ts";
import { boundedMap } from "./lib/bounded-map.ts";
import { archive } from "./live/archive.ts";
import { catalogStore } from "./live/catalog-store.ts";
import { accountDirectory } from "./live/directory.ts";
import { installRouting } from "./routing/install.ts";
import weights from "./routing/weights/inferroute.bin";
import { mailbox } from "./usage/mailbox.ts";

/** A few hundred bytes each: some megabytes of an isolate's 128. */
const REMEMBERED_KEYS = 10_000;
const REMEMBERED_TARGETS = 10_000;
const REMEMBERED_CONVERSATIONS = 20_000;
/** A deployment has one identity provider. */
const REMEMBERED_KEY_SETS = 1;
/** How old a catalog may be before it is looked up again, behind the request that finds it old. */
const CATALOG_FRESH_MS = 5_000;

type Shared = Pick<
  Ports,
  | "config"
  | "callers"
  | "keyViews"
  | "conversations"
  | "subjects"
  | "keySets"
  | "refusals"
  | "mailbox"
  | "health"
> & {
  readonly catalogs: ReturnType<typeof catalogCache>;
};

let shared: Shared | null = null;

/** @throws Error naming a missing secret: the deployment is wrong, not the request. */
export function livePorts(env: Env, ctx: ExecutionContext, request: Request): Ports {
  shared ??= share(env);
  const { catalogs, ...sharedPorts } = shared;
  const now = () => Date.now();
  const waitUntil = (promise: Promise<unknown>) => ctx.waitUntil(promise);
  return {
    ...sharedPorts,
    callerGone: request.signal,
    callerPlace: placeOf(request),
    now,
    after: alarmClock(now),
    random: () => Math.random(),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    fetch: (url, init) => (env.EGRESS === undefined ? fetch(url, init) : env.EGRESS.fetch(url, init)),
    fetchPublic: (url, init) => fetch(url, init),
    secret: (name) => secretOf(env, name),
    account: (ref) => accountDoor(env, sharedPorts.config, ref),
    usageLog: (ref, month) => usageLogDoor(placed(env.USAGE_LOG, sharedPorts.config, ref), ref, month),
    answers: (ref, jurisdiction) => answersDoor(env, sharedPorts.config, { ...ref, jurisdiction }),
    catalog: () => catalogs.current(now(), waitUntil),
    catalogStore: catalogStore(env.DB, env.CATALOG),
    directory: accountDirectory(env.DB),
    archive: archive(env.ARCHIVE),
    waitUntil,
    log,
  };
}

function share(env: Env): Shared {
  installRouting(weights);
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
    callers: boundedMap<KeyCaller>(REMEMBERED_KEYS),
    refusals: boundedMap<RememberedRefusal>(REMEMBERED_KEYS),
    mailbox: mailbox(),
    keyViews: boundedMap<KeyView>(REMEMBERED_KEYS),
    conversations: boundedMap<string>(REMEMBERED_CONVERSATIONS),
    subjects: boundedMap<FoundAccount>(REMEMBERED_KEYS),
    keySets: boundedMap<KeySet>(REMEMBERED_KEY_SETS),
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
  const namespace = placed(env.ACCOUNT, config, ref);
  const stub = namespace.get(namespace.idFromName(ref.accountId));
  return stub as unknown as AccountDoor; // the class lives in durable-objects/, which src may not import
}

function usageLogDoor(namespace: DurableObjectNamespace, ref: AccountRef, month: string): UsageLogDoor {
  const stub = namespace.get(namespace.idFromName(`${ref.accountId}/${month}`));
  return stub as unknown as UsageLogDoor; // as above
}

/** `ref.jurisdiction` is the text's here: that of the region the request was pinned to. */
function answersDoor(env: Env, config: Config, ref: AccountRef): AnswersDoor {
  const namespace = placed(env.ANSWERS, config, ref);
  const stub = namespace.get(namespace.idFromName(`${ref.accountId}/${ref.jurisdiction}`));
  return stub as unknown as AnswersDoor; // as above
}

/** The namespace within the account's jurisdiction. */
function placed(namespace: DurableObjectNamespace, config: Config, ref: AccountRef): DurableObjectNamespace {
  // Local workerd does not implement jurisdictions; the name still holds the account apart.
  const isPlaced = ref.jurisdiction !== "none" && !config.isLocal;
  return isPlaced ? namespace.jurisdiction(ref.jurisdiction) : namespace;
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
