import { describe, expect, it } from "vitest";
import type { Command } from "../../src/domain/account-commands.ts";
import { type KeyRecord, SCOPES } from "../../src/domain/key.ts";
import { mountKeys } from "../../src/management/keys.ts";
import { fakePorts, KEY, mounted, NOW_MS, type Script } from "./fake-ports.ts";

const NEW_KEY = { ok: true, key: KEY } as const;

function app(script: Script = { "create-key": NEW_KEY, "change-key": NEW_KEY, "get-key": NEW_KEY }) {
  const ports = fakePorts(script);
  return { ports, ask: mounted(ports, (http) => mountKeys(http, "/keys-api")) };
}

/** What the last call asked the object for, behind its authorization. */
function workOf(ports: ReturnType<typeof fakePorts>): Command | undefined {
  return ports.asked.at(-1)?.commands[1];
}

describe("POST /keys", () => {
  it("makes a key with the default scopes and shows it once", async () => {
    const { ports, ask } = app();
    const reply = await ask("POST", "/keys-api/keys", { body: { name: "ci" } });
    expect(reply.status).toBe(201);
    expect(reply.headers.get("cache-control")).toBe("no-store");
    expect(reply.body.key).toMatch(/^inf_1e00000000001[0-9A-Za-z]{68}$/);
    expect(workOf(ports)).toMatchObject({
      kind: "create-key",
      key: {
        name: "ci",
        scopes: ["inference", "jobs", "usage:read"],
        modelPool: null,
        optimizeMode: null,
        region: null,
        rpm: null,
        budget: null,
        expiresAtMs: null,
      },
    });
    expect(JSON.stringify(ports.asked)).not.toContain(reply.body.key);
  });

  it("hands every setting on in the units of the inside", async () => {
    const { ports, ask } = app();
    const body = {
      name: "x".repeat(100),
      model_pool: ["Qwen/*", "qwen", "acme/tuned"],
      optimize_mode: "cost",
      region: "eu-west",
      deployment: null,
      scopes: ["keys:read", "inference", "keys:read"],
      rpm: 5,
      expires_at: "2026-10-01T15:00:00.5+02:00",
      budget: { amount_usd: 0.000001, period: "month" },
    };
    expect((await ask("POST", "/keys-api/keys", { body })).status).toBe(201);
    expect(workOf(ports)).toMatchObject({
      key: {
        modelPool: body.model_pool,
        optimizeMode: "cost",
        region: "eu-west",
        scopes: ["keys:read", "inference"],
        rpm: 5,
        expiresAtMs: NOW_MS + 3_600_500,
        budget: { amountMicroUsd: 1, period: "month" },
      },
    });
  });

  it.each([
    ["name", {}, "missing_required_parameter"],
    ["name", { name: "" }],
    ["name", { name: "x".repeat(101) }],
    ["name", { name: 7 }],
    ["colour", { name: "k", colour: "red" }],
    ["model_pool", { name: "k", model_pool: [] }],
    ["model_pool[1]", { name: "k", model_pool: ["Qwen/*", "Qwen*"] }],
    ["model_pool[0]", { name: "k", model_pool: ["rival/tuned"] }],
    ["model_pool[0]", { name: "k", model_pool: ["rival/*"] }],
    ["model_pool[0]", { name: "k", model_pool: [7] }],
    ["optimize_mode", { name: "k", optimize_mode: "best" }],
    ["region", { name: "k", region: "mars" }],
    ["deployment", { name: "k", deployment: "dep_1" }],
    ["scopes", { name: "k", scopes: [] }],
    ["scopes[0]", { name: "k", scopes: ["admin"] }],
    ["rpm", { name: "k", rpm: 0 }],
    ["rpm", { name: "k", rpm: 1.5 }],
    ["rpm", { name: "k", rpm: "9" }],
    ["expires_at", { name: "k", expires_at: "2026-10-01T12:00:00Z" }],
    ["expires_at", { name: "k", expires_at: "tomorrow" }],
    ["expires_at", { name: "k", expires_at: "2027-02-30T00:00:00Z" }],
    ["budget.amount_usd", { name: "k", budget: { amount_usd: -1, period: "month" } }],
    ["budget.amount_usd", { name: "k", budget: { amount_usd: 0.1234567, period: "month" } }],
    ["budget.period", { name: "k", budget: { amount_usd: 1, period: "day" } }],
    ["budget.period", { name: "k", budget: { amount_usd: 1 } }, "missing_required_parameter"],
    ["budget.note", { name: "k", budget: { amount_usd: 1, period: "month", note: "" } }],
  ])("refuses a wrong %s: %j", async (param, body, code = "invalid_value") => {
    const { ports, ask } = app();
    const reply = await ask("POST", "/keys-api/keys", { body });
    expect(reply.status).toBe(400);
    expect(reply.body.error).toMatchObject({ code, param });
    expect(workOf(ports)?.kind).not.toBe("create-key");
  });

  it("refuses a body that is no object", async () => {
    const { ask } = app();
    const reply = await ask("POST", "/keys-api/keys", { body: ["name"] });
    expect(reply).toMatchObject({ status: 400, body: { error: { code: "invalid_value" } } });
    expect(reply.body.error.message).toContain("JSON object");
  });

  it("lets nobody grant a scope they lack", async () => {
    const granter: KeyRecord = { ...KEY, scopes: ["keys:write", "inference"] };
    const { ports, ask } = app({
      authorize: { ok: true, key: granter, limits: {}, budgetLeftMicroUsd: null },
      "create-key": NEW_KEY,
    });
    const reply = await ask("POST", "/keys-api/keys", {
      body: { name: "k", scopes: ["inference", "billing:read"] },
    });
    expect(reply).toMatchObject({ status: 403, body: { error: { code: "scope_missing", param: "scopes" } } });
    expect(workOf(ports)).toBeUndefined();
    const granted = await ask("POST", "/keys-api/keys", { body: { name: "k", scopes: ["inference"] } });
    expect(granted.status).toBe(201);
  });

  it("says 401 before it looks at the body, and asks no object", async () => {
    const { ports, ask } = app();
    const reply = await ask("POST", "/keys-api/keys", { body: { wrong: true }, bearer: "inf_typo" });
    expect(reply).toMatchObject({ status: 401, body: { error: { code: "invalid_api_key" } } });
    expect(ports.asked).toEqual([]);
  });

  it("says what the object refuses", async () => {
    const { ask } = app({ authorize: { ok: false, code: "scope_missing", message: "no" } });
    const reply = await ask("POST", "/keys-api/keys", { body: { name: "k" } });
    expect(reply).toMatchObject({ status: 403, body: { error: { code: "scope_missing", message: "no" } } });
  });
});

describe("GET /keys", () => {
  it("asks for one row more than it shows and leads to the next page", async () => {
    const keys = ["key_0000000a", "key_0000000b", "key_0000000c"].map(
      (id) => ({ ...KEY, id }) as unknown as KeyRecord,
    );
    const { ports, ask } = app({
      "list-keys": ({ limit, afterId }) => {
        const rest = keys.filter(({ id }) => afterId === null || id > afterId);
        return { ok: true, rows: rest.slice(0, limit) };
      },
    });
    const first = await ask("GET", "/keys-api/keys?limit=2");
    expect(first.body).toMatchObject({
      object: "list",
      data: [{ id: "key_0000000a" }, { id: "key_0000000b" }],
    });
    expect(ports.asked[0]?.commands[0]).toMatchObject({ kind: "authorize", scope: "keys:read" });
    const second = await ask("GET", `/keys-api/keys?limit=2&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({ data: [{ id: "key_0000000c" }], next_cursor: null });
  });
});

describe("one key", () => {
  it("is shown whole, in the wire's names and units", async () => {
    const key = { ...KEY, budget: { amountMicroUsd: 2_000_000, period: "total" } } as const;
    const { ask } = app({ "get-key": { ok: true, key } });
    const reply = await ask("GET", "/keys-api/keys/key_00000001");
    expect(reply.body).toEqual({
      id: "key_00000001",
      object: "key",
      name: "mine",
      prefix: KEY.prefix,
      scopes: [...SCOPES],
      model_pool: null,
      optimize_mode: null,
      region: null,
      deployment: null,
      rpm: null,
      budget: { amount_usd: 2, period: "total" },
      spent_usd: 1.5,
      expires_at: null,
      created_at: "2026-10-01T11:59:59.000Z",
      last_used_at: null,
      revoked_at: null,
    });
  });

  it("is changed in what was said and nothing else", async () => {
    const { ports, ask } = app();
    const body = { model_pool: null, rpm: 7 };
    expect((await ask("PATCH", "/keys-api/keys/key_00000001", { body })).status).toBe(200);
    expect(workOf(ports)).toEqual({
      kind: "change-key",
      keyId: "key_00000001",
      changes: { modelPool: null, rpm: 7 },
    });
  });

  it.each(["scopes", "expires_at", "deployment", "id"])("does not change its %s", async (field) => {
    const { ports, ask } = app();
    const reply = await ask("PATCH", "/keys-api/keys/key_00000001", { body: { [field]: null } });
    expect(reply).toMatchObject({ status: 400, body: { error: { param: field } } });
    expect(ports.asked).toEqual([]);
  });

  it("of somebody else is not found, whatever the change", async () => {
    const { ask } = app({ "get-key": { ok: false, code: "not_found", message: "none" } });
    const reply = await ask("PATCH", "/keys-api/keys/key_00000009", { body: { region: "mars" } });
    expect(reply.status).toBe(404);
  });

  it("is revoked with keys:write", async () => {
    const { ports, ask } = app({ "revoke-key": { ok: true, key: { ...KEY, revokedAtMs: NOW_MS } } });
    const reply = await ask("DELETE", "/keys-api/keys/key_00000001");
    expect(reply).toMatchObject({ status: 200, body: { revoked_at: "2026-10-01T12:00:00.000Z" } });
    expect(ports.asked[0]?.commands[0]).toMatchObject({ kind: "authorize", scope: "keys:write" });
  });
});
