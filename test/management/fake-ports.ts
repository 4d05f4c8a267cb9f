// Ports for management tests: an account door that records what it is asked and answers from a script, a
// small catalog, and a Hono app that mounts one resource with the variables the real one sets.
import { Hono } from "hono";
import { makeKey } from "../../src/auth/api-key.ts";
import { compileCatalog } from "../../src/catalog/compile.ts";
import type {
  AccountFacts,
  Answer,
  Command,
  CommandKind,
  Transaction,
} from "../../src/domain/account-commands.ts";
import type { CatalogRows, Model, Origin } from "../../src/domain/catalog.ts";
import { RouterError } from "../../src/domain/errors.ts";
import { UNKNOWN_HEALTH } from "../../src/domain/health.ts";
import type { AnswersDoor } from "../../src/domain/idempotency.ts";
import type { AccountId, KeyId, RequestId } from "../../src/domain/ids.ts";
import {
  type AccountRef,
  type KeyCaller,
  type KeyRecord,
  type KeyView,
  SCOPES,
} from "../../src/domain/key.ts";
import type { FoundAccount, KeySet, Ports, RememberedRefusal } from "../../src/domain/ports.ts";
import type { UsageLogDoor } from "../../src/domain/usage-log.ts";
import type { Http, HttpEnv } from "../../src/http.ts";
import { after } from "../../src/lib/alarm-clock.ts";
import { boundedMap } from "../../src/lib/bounded-map.ts";
import { room } from "../../src/lib/room.ts";
import { shareBudget } from "../../src/lib/share-budget.ts";
import { mailbox } from "../../src/usage/mailbox.ts";

export const NOW_MS = Date.parse("2026-10-01T12:00:00.000Z");
export const ADMIN_TOKEN = "admin-token-of-at-least-32-characters";
// Brands exist at compile time only; a test may name its own ids.
export const ACCOUNT: AccountRef = { accountId: "acct_00000000001" as AccountId, jurisdiction: "eu" };

export const KEY: KeyRecord = {
  id: "key_00000001" as KeyId,
  name: "mine",
  prefix: "inf_1e0000000000100000001",
  scopes: SCOPES,
  modelPool: null,
  optimizeMode: null,
  region: null,
  rpm: null,
  budget: null,
  spentMicroUsd: 1_500_000,
  expiresAtMs: null,
  createdAtMs: NOW_MS - 1000,
  lastUsedAtMs: null,
  revokedAtMs: null,
};

export const FACTS: AccountFacts = {
  name: "Acme",
  plan: "pro",
  status: "active",
  limits: {},
  jurisdiction: "eu",
  createdAtMs: NOW_MS,
};

export const TRANSACTION: Transaction = {
  seq: 7,
  id: "txn_7",
  kind: "deposit",
  amountMicroUsd: 2_500_000,
  balanceAfterMicroUsd: 3_000_001,
  reference: "invoice-1",
  requestId: null,
  createdAtMs: NOW_MS,
};

/** Answers by kind of command; a function sees the command. */
export type Script = {
  readonly [K in CommandKind]?: Answer | ((command: Extract<Command, { kind: K }>) => Answer);
};

export interface Asked {
  readonly account: AccountRef;
  readonly commands: readonly Command[];
}

export interface FakePorts extends Ports {
  /** Every call of an account's door, in order. */
  readonly asked: Asked[];
}

export function fakePorts(script: Script = {}, overrides: Partial<Ports> = {}): FakePorts {
  const asked: Asked[] = [];
  const full: Script = { authorize: { ok: true, key: KEY, limits: {}, budgetLeftMicroUsd: null }, ...script };
  let salt = 0;
  return {
    asked,
    config: {
      adminToken: ADMIN_TOKEN,
      peppers: [{ version: 1, value: "pepper-of-sixteen-characters" }],
      routeKeys: [{ version: 1, value: "route-key-of-16-characters" }],
      sessionKey: "session-key-of-at-least-32-characters",
      allowedOrigins: ["https://dashboard.example"],
      identityProvider: null,
      hedgeShare: 0,
      isLocal: true,
    },
    callerGone: new AbortController().signal,
    now: () => NOW_MS,
    after,
    random: () => 0.5,
    // Different at every call, the same at every run.
    randomBytes: (length) => Uint8Array.from({ length }, (_, at) => (at * 31 + ++salt * 17) % 256),
    fetch: async () => new Response(null, { status: 500 }),
    fetchPublic: async () => new Response(null, { status: 500 }),
    workersAi: null,
    secret: () => null,
    account: (account) => ({
      apply: async (commands) => {
        asked.push({ account, commands });
        return run(full, commands);
      },
      drain: async () => undefined,
      erase: async () => undefined,
    }),
    usageLog: () => USAGE_LOG,
    answers: () => ANSWERS,
    catalog: async () => compileCatalog(ROWS, 1, NOW_MS),
    catalogStore: {
      newest: async () => null,
      get: async () => null,
      list: async () => [],
      put: async (rows, actor, nowMs) => ({ version: 1, rows, actor, createdAtMs: nowMs }),
    },
    directory: {
      find: async () => null,
      list: async () => [],
      findBySubject: async () => null,
      add: async () => true,
      renewSubject: async () => undefined,
      remove: async () => undefined,
    },
    archive: { put: async () => undefined },
    callers: boundedMap<KeyCaller>(10),
    subjects: boundedMap<FoundAccount>(10),
    keySets: boundedMap<KeySet>(10),
    conversations: boundedMap(100),
    keyViews: boundedMap<KeyView>(10),
    refusals: boundedMap<RememberedRefusal>(10),
    retries: shareBudget({ share: 0.2, free: 10 }),
    hedges: shareBudget({ share: 0, free: 0 }),
    slowMarks: boundedMap(10),
    room: room({ guests: 10, bytes: 1_000_000 })(),
    mailbox: mailbox(),
    health: { get: () => UNKNOWN_HEALTH, update: () => undefined },
    regionHealth: { refresh: async () => undefined, setDrained: async () => undefined },
    callerPlace: null,
    waitUntil: () => undefined,
    log: () => undefined,
    ...overrides,
  };
}

/** A log and a store of texts that hold nothing. */
const USAGE_LOG: UsageLogDoor = {
  append: async () => undefined,
  rows: async () => ({ rows: [], resumeAt: null }),
  row: async () => null,
  summary: async () => ({ ok: true, lines: [] }),
  charges: async () => ({ charges: [], resumeBefore: null }),
  exportRows: async () => [],
  putFeedback: async () => true,
  deleteFeedback: async () => false,
  feedback: async () => [],
  savings: async () => ({ requests: 0, paid_micro_usd: 0, baseline_micro_usd: 0 }),
  erase: async () => undefined,
};
const ANSWERS: AnswersDoor = {
  put: async () => undefined,
  get: async () => null,
  recall: async () => null,
  remember: async () => undefined,
  erase: async () => undefined,
};

/** As the object does it: in order, and the first refusal ends the list. */
function run(script: Script, commands: readonly Command[]): readonly Answer[] {
  const answers: Answer[] = [];
  for (const command of commands) {
    const scripted = script[command.kind] as Answer | ((command: Command) => Answer) | undefined; // by its own kind
    if (scripted === undefined) throw new Error(`no answer scripted for ${command.kind}`);
    const answer = typeof scripted === "function" ? scripted(command) : scripted;
    answers.push(answer);
    if (!answer.ok) break;
  }
  return answers;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any form, and expect is their assertion
  readonly body: any;
}

export interface Ask {
  readonly body?: unknown;
  /** A good key of ACCOUNT unless told otherwise; null sends none. */
  readonly bearer?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An app with one resource mounted, asked over its routes. */
export function mounted(ports: Ports, mount: (app: Http) => void) {
  const app: Http = new Hono<HttpEnv>();
  app.use("*", async (c, next) => {
    c.set("ports", ports);
    c.set("requestId", "req_0000000000000000000001" as RequestId);
    c.set("receivedAtMs", NOW_MS);
    await next();
  });
  mount(app);
  app.onError((error, c) => {
    if (!(error instanceof RouterError)) throw error;
    const { code, message, details } = error;
    return c.json({ error: { code, message, param: details.param, ...details.body } }, error.status as 400); // any
  });
  return async (method: string, path: string, ask: Ask = {}): Promise<Reply> => {
    const bearer = ask.bearer === undefined ? (await makeKey(fakePorts(), ACCOUNT)).raw : ask.bearer;
    const headers = new Headers({ "content-type": "application/json", ...ask.headers });
    if (bearer !== null) headers.set("authorization", `Bearer ${bearer}`);
    const init = { method, headers, ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }) };
    const response = await app.request(`http://localhost${path}`, init);
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
}

export function fakeModel(id: string, changes: Partial<Model> = {}): Model {
  return {
    id,
    owned_by: "inferbase",
    task: "text-generation",
    parameters_b: 8,
    context_length: 8192,
    max_output_tokens: 4096,
    capabilities: ["chat", "completions"],
    price: { input_per_mtok: 0.1, cached_input_per_mtok: null, output_per_mtok: 0.3 },
    visibility: "public",
    account: null,
    aliases: [],
    fast: false,
    ability: {},
    prefill_tokens_per_s: 5000,
    timeouts: null,
    ...changes,
  };
}

export function fakeOrigin(id: string, region: string, changes: Partial<Origin> = {}): Origin {
  return {
    id,
    region,
    kind: "openai-compatible",
    base_url: `https://${id}.invalid/v1`,
    secret: null,
    max_concurrency: 64,
    features: [],
    weight: 1,
    accounts: null,
    control_url: null,
    timeouts: { ttft_ms: 30_000, idle_ms: 20_000, total_ms: 600_000 },
    serves: [],
    ...changes,
  };
}

/** A public model, a private one of ACCOUNT, one of somebody else, and an origin kept for ACCOUNT. */
export const ROWS: CatalogRows = {
  regions: [
    { id: "us-east", name: "US East", lat: null, lon: null, jurisdiction: "us" },
    { id: "eu-west", name: "EU West", lat: null, lon: null, jurisdiction: "eu" },
  ],
  models: [
    fakeModel("Qwen/Qwen3-14B", { aliases: ["qwen"] }),
    fakeModel("acme/tuned", { visibility: "private", account: ACCOUNT.accountId }),
    fakeModel("rival/tuned", { visibility: "private", account: "acct_00000000002" }),
    fakeModel("dslim/ner", {
      task: "token-classification",
      capabilities: [],
      price: { gpu_per_minute: 0.008 },
    }),
  ],
  origins: [
    fakeOrigin("us-1", "us-east", { serves: [{ model: "Qwen/Qwen3-14B", as: "qwen3" }] }),
    fakeOrigin("eu-1", "eu-west", {
      accounts: [ACCOUNT.accountId],
      serves: [
        { model: "Qwen/Qwen3-14B", as: "qwen3" },
        { model: "acme/tuned", as: "tuned" },
      ],
    }),
  ],
};
