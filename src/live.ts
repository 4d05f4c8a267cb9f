// The only builder of real Ports: platform in, doors out. What an isolate shares between requests (caches,
// health, configuration) is made here once; nothing of a request ever is.
import { catalogCache } from "./catalog/load.ts";
import type { AccountDoor } from "./domain/account-commands.ts";
import type { Region } from "./domain/catalog.ts";
import type { Config } from "./domain/config.ts";
import type { OriginHealthDoor } from "./domain/health-gossip.ts";
import type { AnswersDoor } from "./domain/idempotency.ts";
import type { AccountRef, KeyCaller, KeyView } from "./domain/key.ts";
import { originSecret } from "./domain/origin-secret.ts";
import type { FoundAccount, KeySet, LogEvent, Ports, RememberedRefusal } from "./domain/ports.ts";
import type { UsageLogDoor } from "./domain/usage-log.ts";
import { type Env, readConfig } from "./env.ts";
import { alarmClock } from "./lib/alarm-clock.ts";
import { boundedMap } from "./lib/bounded-map.ts";
import { type Guest, room } from "./lib/room.ts";
import { shareBudget } from "./lib/share-budget.ts";
import type { SlowMark } from "./lib/slow-mark.ts";
import { archive } from "./live/archive.ts";
import { catalogStore } from "./live/catalog-store.ts";
import { accountDirectory } from "./live/directory.ts";
import { healthBoard, type SharedBoard } from "./live/health-board.ts";
import { regionHealth } from "./live/region-health.ts";
import { installRouting } from "./routing/install.ts";
import weights from "./routing/weights/inferroute.bin";
import { mailbox } from "./usage/mailbox.ts";

/** A few hundred bytes each: some megabytes of an isolate's 128. */
const REMEMBERED_KEYS = 10_000;
const REMEMBERED_CONVERSATIONS = 20_000;
/** A deployment has one identity provider. */
const REMEMBERED_KEY_SETS = 1;
const REMEMBERED_TARGETS = 10_000;
/** Requests of this isolate at once: each costs some tens of kilobytes while it runs, of 128 MB in all. */
const MOST_REQUESTS = 2_000;
/**
 * Of bodies, in both directions: a byte stands in memory once while its answer runs and up to three times while it
 * is parsed and written anew. Beside one of the largest requests hundreds of ordinary ones find room.
 */
const MOST_BODY_BYTES = 32 * 1024 * 1024;
/** Finagle's and Linkerd's terms: a fifth more than the load at worst, and ten a second for an isolate at rest. */
const RETRY_TERMS = { share: 0.2, free: 100 };
/** How old a catalog may be before it is looked up again, behind the request that finds it old. */
const CATALOG_FRESH_MS = 5_000;
/** How old it may be when it decides: what an operator changes is in force in a minute, as KV's copies are. */
const CATALOG_USABLE_MS = 60_000;

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
  | "retries"
  | "hedges"
  | "slowMarks"
> & {
  readonly guests: () => Guest;
  readonly health: SharedBoard;
  readonly catalogs: ReturnType<typeof catalogCache>;
};

let shared: Shared | null = null;

/** @throws Error naming a missing secret: the deployment is wrong, not the request. */
export function livePorts(env: Env, ctx: ExecutionContext, request: Request): Ports {
  shared ??= share(env);
  const { catalogs, guests, ...sharedPorts } = shared;
  const now = () => Date.now();
  const waitUntil = (promise: Promise<unknown>) => ctx.waitUntil(promise);
  const doorOf = (region: Region) => originHealthDoor(env, sharedPorts.config, region);
  const current = () => catalogs.current(now(), waitUntil);
  const gossip = regionHealth(sharedPorts.health, { catalog: current, doorOf, now, log });
  const catalog = async () => {
    const held = await current();
    gossip.keepUp(held, waitUntil);
    return held;
  };
  return {
    ...sharedPorts,
    callerGone: request.signal,
    callerPlace: placeOf(request),
    now,
    after: alarmClock(now),
    room: guests(),
    random: () => Math.random(),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    fetch: (url, init) => (env.EGRESS === undefined ? fetch(url, init) : env.EGRESS.fetch(url, init)),
    fetchPublic: (url, init) => fetch(url, init),
    workersAi: env.AI ?? null,
    secret: (name) => originSecret(env, name),
    account: (ref) => accountDoor(env, sharedPorts.config, ref),
    usageLog: (ref, month) => usageLogDoor(placed(env.USAGE_LOG, sharedPorts.config, ref), ref, month),
    answers: (ref, jurisdiction) => answersDoor(env, sharedPorts.config, { ...ref, jurisdiction }),
    catalog,
    regionHealth: gossip,
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
  const config = readConfig(env);
  return {
    config,
    callers: boundedMap<KeyCaller>(REMEMBERED_KEYS),
    refusals: boundedMap<RememberedRefusal>(REMEMBERED_KEYS),
    mailbox: mailbox(),
    keyViews: boundedMap<KeyView>(REMEMBERED_KEYS),
    conversations: boundedMap<string>(REMEMBERED_CONVERSATIONS),
    subjects: boundedMap<FoundAccount>(REMEMBERED_KEYS),
    keySets: boundedMap<KeySet>(REMEMBERED_KEY_SETS),
    health: healthBoard(crypto.randomUUID()),
    retries: shareBudget(RETRY_TERMS),
    hedges: shareBudget({ share: config.hedgeShare, free: 0 }),
    slowMarks: boundedMap<SlowMark>(REMEMBERED_TARGETS),
    guests: room({ guests: MOST_REQUESTS, bytes: MOST_BODY_BYTES }),
    catalogs: catalogCache(load, { freshMs: CATALOG_FRESH_MS, usableMs: CATALOG_USABLE_MS }),
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

/** The object of a region is named after it and lives inside its jurisdiction. */
function originHealthDoor(env: Env, config: Config, region: Region): OriginHealthDoor {
  const namespace = placed(env.ORIGIN_HEALTH, config, { jurisdiction: region.jurisdiction ?? "none" });
  const stub = namespace.get(namespace.idFromName(region.id));
  return stub as unknown as OriginHealthDoor; // as above
}

/** The namespace within a jurisdiction. */
function placed(
  namespace: DurableObjectNamespace,
  config: Config,
  ref: Pick<AccountRef, "jurisdiction">,
): DurableObjectNamespace {
  // Local workerd does not implement jurisdictions; the name still holds the account apart.
  const isPlaced = ref.jurisdiction !== "none" && !config.isLocal;
  return isPlaced ? namespace.jurisdiction(ref.jurisdiction) : namespace;
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
