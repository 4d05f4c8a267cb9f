// Ports for tests: the real clock of the test (fake timers move it), dice that always fall alike, an origin and
// an Account object that the test scripts, and a record of everything that went out through a door.
import { randomFillSync } from "node:crypto";
import type { Answer, Command } from "../../src/domain/account-commands.ts";
import type { Catalog } from "../../src/domain/catalog.ts";
import type { Config } from "../../src/domain/config.ts";
import { type OriginHealth, UNKNOWN_HEALTH } from "../../src/domain/health.ts";
import type { AccountRef } from "../../src/domain/key.ts";
import type { LogEvent, Ports } from "../../src/domain/ports.ts";
import { after } from "../../src/lib/alarm-clock.ts";
import { boundedMap } from "../../src/lib/bounded-map.ts";
import { type Guest, type RoomTerms, room } from "../../src/lib/room.ts";
import { shareBudget } from "../../src/lib/share-budget.ts";
import { mailbox } from "../../src/usage/mailbox.ts";

export type FakeFetch = (url: string, init: RequestInit) => Promise<Response>;
export type FakeApply = (commands: readonly Command[], ref: AccountRef) => Promise<readonly Answer[]>;

export interface FakeSettings {
  readonly config?: Partial<Config>;
  readonly callerGone?: AbortSignal;
  readonly random?: () => number;
  readonly fetch?: FakeFetch;
  readonly fetchPublic?: FakeFetch;
  readonly workersAi?: Ports["workersAi"];
  readonly secrets?: Readonly<Record<string, string>>;
  readonly apply?: FakeApply;
  readonly catalog?: Catalog;
  readonly callerPlace?: Ports["callerPlace"];
  /** Retries that nothing must earn; 100 where it does not matter. */
  readonly freeRetries?: number;
  /** Large where it does not matter. */
  readonly room?: RoomTerms;
}

export interface FetchCall {
  readonly url: string;
  readonly init: RequestInit;
  readonly signal: AbortSignal;
  /** The body as JSON; undefined without one. */
  readonly body: unknown;
}

export interface AccountCall {
  readonly ref: AccountRef;
  readonly commands: readonly Command[];
}

export interface FakePorts {
  readonly ports: Ports;
  readonly fetches: readonly FetchCall[];
  readonly accountCalls: readonly AccountCall[];
  /** One per call of `ports.account`: a retry must take a new stub. */
  readonly stubs: readonly AccountRef[];
  readonly logs: readonly LogEvent[];
  /** Another request in the same isolate, let in. */
  otherGuest(): Guest;
  /** Everything handed to waitUntil so far. */
  settled(): Promise<unknown>;
}

export const TEST_CONFIG: Config = {
  adminToken: "operator-token-of-at-least-32-characters",
  peppers: [
    { version: 2, value: "pepper-two" },
    { version: 1, value: "pepper-one" },
  ],
  routeKeys: [
    { version: 2, value: "route-key-two" },
    { version: 1, value: "route-key-one" },
  ],
  sessionKey: "session-key-of-at-least-32-characters",
  allowedOrigins: ["https://dashboard.example"],
  identityProvider: null,
  hedgeShare: 0,
  isLocal: true,
};

export function fakePorts(settings: FakeSettings = {}): FakePorts {
  const fetches: FetchCall[] = [];
  const accountCalls: AccountCall[] = [];
  const stubs: AccountRef[] = [];
  const logs: LogEvent[] = [];
  const waited: Promise<unknown>[] = [];
  const guests = room(settings.room ?? { guests: 100, bytes: 100 * 1024 * 1024 });
  const recorded = (fetch: Ports["fetch"]) => (url: string, init: RequestInit) => {
    const signal = init.signal ?? new AbortController().signal;
    fetches.push({ url, init, signal, body: jsonOf(init.body) });
    return fetch(url, init);
  };
  const ports: Ports = {
    config: { ...TEST_CONFIG, ...settings.config },
    callerGone: settings.callerGone ?? new AbortController().signal,
    now: () => Date.now(),
    after,
    random: settings.random ?? (() => 0),
    randomBytes: (length) => randomFillSync(new Uint8Array(length)),
    fetch: recorded(settings.fetch ?? unexpected("fetch")),
    fetchPublic: recorded(settings.fetchPublic ?? unexpected("fetchPublic")),
    workersAi: settings.workersAi ?? null,
    secret: (name) => settings.secrets?.[name] ?? null,
    account(ref) {
      stubs.push(ref);
      return {
        apply(commands) {
          accountCalls.push({ ref, commands });
          return (settings.apply ?? unexpected("account"))(commands, ref);
        },
        drain: unexpected("account.drain"),
        erase: unexpected("account.erase"),
      };
    },
    usageLog: () => ({
      append: unexpected("usageLog.append"),
      rows: unexpected("usageLog.rows"),
      row: unexpected("usageLog.row"),
      summary: unexpected("usageLog.summary"),
      charges: unexpected("usageLog.charges"),
      exportRows: unexpected("usageLog.exportRows"),
      putFeedback: unexpected("usageLog.putFeedback"),
      deleteFeedback: unexpected("usageLog.deleteFeedback"),
      feedback: unexpected("usageLog.feedback"),
      savings: unexpected("usageLog.savings"),
      erase: unexpected("usageLog.erase"),
    }),
    answers: () => ({
      put: unexpected("answers.put"),
      get: unexpected("answers.get"),
      recall: unexpected("answers.recall"),
      remember: unexpected("answers.remember"),
      erase: unexpected("answers.erase"),
    }),
    catalog: () => (settings.catalog ? Promise.resolve(settings.catalog) : unexpected("catalog")()),
    catalogStore: {
      newest: unexpected("catalogStore.newest"),
      get: unexpected("catalogStore.get"),
      list: unexpected("catalogStore.list"),
      put: unexpected("catalogStore.put"),
    },
    directory: {
      find: unexpected("directory.find"),
      list: unexpected("directory.list"),
      findBySubject: unexpected("directory.findBySubject"),
      add: unexpected("directory.add"),
      renewSubject: unexpected("directory.renewSubject"),
      remove: unexpected("directory.remove"),
    },
    callers: boundedMap(100),
    conversations: boundedMap(100),
    keyViews: boundedMap(100),
    subjects: boundedMap(100),
    keySets: boundedMap(100),
    refusals: boundedMap(100),
    retries: shareBudget({ share: 0.2, free: settings.freeRetries ?? 100 }),
    hedges: shareBudget({ share: settings.config?.hedgeShare ?? 0, free: 0 }),
    slowMarks: boundedMap(100),
    room: guests(),
    mailbox: mailbox(),
    archive: { put: unexpected("archive.put") },
    health: healthBoard(),
    regionHealth: {
      refresh: unexpected("regionHealth.refresh"),
      setDrained: unexpected("regionHealth.setDrained"),
    },
    callerPlace: settings.callerPlace ?? null,
    waitUntil: (promise) => void waited.push(promise),
    log: (event) => void logs.push(event),
  };
  const otherGuest = () => {
    const other = guests();
    other.enter();
    return other;
  };
  return { ports, fetches, accountCalls, stubs, logs, otherGuest, settled: () => Promise.all(waited) };
}

function healthBoard(): Ports["health"] {
  const board = new Map<string, OriginHealth>();
  const get = (originId: string, modelId: string) => board.get(`${originId} ${modelId}`) ?? UNKNOWN_HEALTH;
  return {
    get,
    update(originId, modelId, change) {
      board.set(`${originId} ${modelId}`, change(get(originId, modelId)));
    },
  };
}

function jsonOf(body: RequestInit["body"]): unknown {
  return typeof body === "string" ? JSON.parse(body) : undefined;
}

/** A door that the test did not open: whoever goes through it fails the test. */
function unexpected(door: string): () => Promise<never> {
  return () => Promise.reject(new Error(`the test did not expect a call of ${door}`));
}
