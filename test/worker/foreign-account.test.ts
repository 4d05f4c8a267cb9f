// OWASP API1, generated: every route that is not inference, asked with the key and the session of one account
// for the things of another. A new route is in the matrix as soon as it is mounted.

import { env } from "cloudflare:test";
import { beforeAll, describe, expect, test } from "vitest";
import { makeApp } from "../../src/app.ts";
import { DIALECTS } from "../../src/dialects/index.ts";
import { packRow } from "../../src/domain/packed-row.ts";
import { monthOf, type UsageLogDoor } from "../../src/domain/usage-log.ts";
import type { UsageRow } from "../../src/domain/usage-row.ts";
import { livePorts } from "../../src/live.ts";
import {
  ask,
  askAsOperator,
  BASE,
  migrateDirectory,
  type OpenedAccount,
  openAccount,
  signIn,
  type WorkerAsk,
} from "../support/worker-app.ts";

const KEYS = "/api/v1/inference/keys";
const PRIVATE_MODEL = "victim/secret-tuning";
const REQUEST_ID = "req_0Victims0Request000001";
const DECISION_ID = "rt_0Victims0Request000001";
const NAMES = {
  key: "canary-key-name",
  account: "Canary Account",
  reference: "canary-reference",
  tag: "canary-tag",
};

const inference = new Set(
  DIALECTS.flatMap(({ bases, endpoints }) =>
    bases.flatMap((base) => endpoints.map(({ path }) => base + path)),
  ),
);
const ROUTES = makeApp(livePorts)
  .routes.filter(({ path, method }) => method !== "ALL" && path !== "/" && !inference.has(path))
  .map(({ method, path }) => ({ method, path }));

/** Ids in the places of a path's parameters: of every kind, for the path does not say which it means. */
function pathsOf(path: string): readonly string[] {
  if (path.includes("*"))
    return [PRIVATE_MODEL, `${PRIVATE_MODEL}/health`].map((id) => path.replace("*", id));
  if (!path.includes(":")) return [path];
  return ids.map((id) => path.replace(/:\w+/g, id));
}

const namesThings = (path: string) => path.includes(":") || path.includes("*");

let victim: OpenedAccount;
let ids: readonly string[] = [];
let canaries: readonly string[] = [];
let strangers: readonly WorkerAsk[] = [];
let owner: WorkerAsk = {};

beforeAll(async () => {
  await migrateDirectory();
  victim = await openAccount({ name: NAMES.account });
  owner = { bearer: victim.managementKey };
  await putCatalog();
  const { body: key } = await ask("POST", KEYS, { ...owner, body: { name: NAMES.key } });
  await askAsOperator("POST", `/accounts/${victim.accountId}/credits`, {
    amount_usd: 7,
    reference: NAMES.reference,
  });
  const own = await ask("GET", "/api/v1/inference/key", owner);
  await signIn(victim.managementKey);
  await logRequest(own.body.id);
  ids = [key.id, own.body.id, victim.accountId, REQUEST_ID, DECISION_ID];
  canaries = [...ids, victim.slug, ...Object.values(NAMES), PRIVATE_MODEL];
  const stranger = await openAccount({ name: "Stranger" });
  const cookie = await signIn(stranger.managementKey);
  const headers = { cookie, origin: BASE, "content-type": "application/json" };
  strangers = [{ bearer: stranger.managementKey }, { headers }];
});

async function putCatalog(): Promise<void> {
  const model = {
    id: PRIVATE_MODEL,
    task: "text-generation",
    price: { input_per_mtok: 1, output_per_mtok: 1 },
  };
  const reply = await askAsOperator("PUT", "/catalog", {
    regions: [{ id: "moon" }],
    models: [{ ...model, visibility: "private", account: victim.accountId }],
    origins: [],
  });
  expect(reply.text).toContain("version");
}

/** A request of the victim, as settlement would have left it in the log. */
async function logRequest(keyId: string): Promise<void> {
  const nowMs = Date.now();
  const row: UsageRow = {
    request_id: REQUEST_ID,
    decision_id: DECISION_ID,
    created_at_ms: nowMs,
    key_id: keyId,
    account_id: victim.accountId,
    endpoint: "/v1/chat/completions",
    dialect: "openai",
    model_requested: PRIVATE_MODEL,
    model: PRIVATE_MODEL,
    origin: "moon-1",
    region: "moon",
    task: null,
    complexity: null,
    status: 200,
    outcome: "ok",
    error: null,
    stream: false,
    input_tokens: 1,
    cached_input_tokens: 0,
    output_tokens: 1,
    gpu_ms: 0,
    estimated: false,
    cost_micro_usd: 5,
    baseline_micro_usd: null,
    latency_ms: 1,
    ttft_ms: 1,
    queue_ms: 0,
    queue_depth: 0,
    overhead_ms: 0,
    attempts: [],
    cache: null,
    user: null,
    tags: { note: NAMES.tag },
  };
  const { USAGE_LOG } = env as unknown as { readonly USAGE_LOG: DurableObjectNamespace };
  const stub = USAGE_LOG.get(USAGE_LOG.idFromName(`${victim.accountId}/${monthOf(nowMs)}`));
  const logged = {
    seq: 1,
    request_id: REQUEST_ID,
    charged_micro_usd: 5,
    balance_after_micro_usd: 1,
    at_ms: nowMs,
  };
  const batch = { rows: [{ ...logged, row_json: packRow(row) }], refused: [] };
  await (stub as unknown as UsageLogDoor).append("batch", batch); // RPC's own types cannot express an interface
}

/** A body that every writing route takes, or refuses for its fields after it knew whose thing is meant. */
function withBody(method: string, asking: WorkerAsk): WorkerAsk {
  return method === "GET" ? asking : { ...asking, body: {} };
}

describe("the things of another account", () => {
  test("are in the matrix: its owner sees what a stranger must not", async () => {
    expect(ROUTES.length).toBeGreaterThan(30);
    expect(ROUTES.filter(({ path }) => namesThings(path)).length).toBeGreaterThan(10);
    const shown = await Promise.all(
      [
        KEYS,
        `${KEYS}/${ids[0]}`,
        "/api/v1/inference/credits/transactions",
        `/api/v1/inference/usage/${REQUEST_ID}`,
        "/v1/models",
        `/v1/models/${PRIVATE_MODEL}`,
      ].map((path) => ask("GET", path, owner)),
    );
    expect(shown.map(({ status }) => status)).toEqual(shown.map(() => 200));
    const all = shown.map(({ text }) => text).join();
    for (const canary of [NAMES.key, NAMES.reference, NAMES.tag, PRIVATE_MODEL])
      expect(all).toContain(canary);
  });

  test.each(ROUTES)("are out of reach: $method $path", async ({ method, path }) => {
    for (const stranger of strangers) {
      for (const asked of pathsOf(path)) {
        const { status, text } = await ask(method, asked, withBody(method, stranger));
        if (namesThings(path))
          expect([asked, [401, 403, 404].includes(status), status]).toEqual([asked, true, status]);
        for (const canary of canaries) if (!asked.includes(canary)) expect(text).not.toContain(canary);
      }
    }
  });

  test("are as they were after all that", async () => {
    const keys = await ask("GET", KEYS, owner);
    expect(keys.body.data).toMatchObject([
      { name: "management", revoked_at: null },
      { name: NAMES.key, revoked_at: null },
    ]);
    expect((await ask("GET", "/api/v1/inference/credits", owner)).body.balance_usd).toBe(7);
    const audit = await askAsOperator("GET", `/audit?account=${victim.accountId}`);
    expect(audit.body.data.map(({ action }: { action: string }) => action)).toEqual([
      "session.open",
      "credits.give",
      "key.create",
      "account.open",
    ]);
  });
});
