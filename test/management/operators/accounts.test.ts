import { describe, expect, it } from "vitest";
import { authenticate } from "../../../src/auth/api-key.ts";
import type { AccountId } from "../../../src/domain/ids.ts";
import { SCOPES } from "../../../src/domain/key.ts";
import type { AccountDirectory, DirectoryEntry } from "../../../src/domain/ports.ts";
import { mountOperators } from "../../../src/management/operators.ts";
import { ACCOUNT, ADMIN_TOKEN, FACTS, fakePorts, KEY, mounted, NOW_MS, TRANSACTION } from "../fake-ports.ts";

const ENTRY: DirectoryEntry = { ...ACCOUNT, slug: "acme", subjectMac: null, createdAtMs: NOW_MS };

/** A directory in memory, with the two uniqueness rules of the real one. */
function directory(...entries: DirectoryEntry[]): AccountDirectory & { readonly entries: DirectoryEntry[] } {
  return {
    entries,
    find: async (id) => entries.find(({ accountId }) => accountId === id) ?? null,
    list: async (limit, afterId) =>
      entries.filter(({ accountId }) => accountId > (afterId ?? "")).slice(0, limit),
    findBySubject: async (macs) =>
      entries.find(({ subjectMac }) => subjectMac !== null && macs.includes(subjectMac)) ?? null,
    renewSubject: async () => undefined,
    remove: async () => undefined,
    add: async (entry) => {
      const isTaken = entries.some(
        ({ slug, subjectMac }) =>
          slug === entry.slug || (subjectMac !== null && subjectMac === entry.subjectMac),
      );
      if (!isTaken) entries.push(entry);
      return !isTaken;
    },
  };
}

function app(known = directory(ENTRY)) {
  const ports = fakePorts(
    {
      "open-account": { ok: true, account: FACTS },
      "change-account": { ok: true, account: FACTS },
      account: { ok: true, account: FACTS },
      "create-key": { ok: true, key: KEY },
      deposit: ({ reference }) => ({
        ok: true,
        transaction: { ...TRANSACTION, reference },
        repeated: reference === "again",
      }),
    },
    { directory: known },
  );
  const ask = mounted(ports, (http) => mountOperators(http, "/admin"));
  return {
    ports,
    known,
    ask: (method: string, path: string, body?: unknown) =>
      ask(method, `/admin${path}`, { bearer: ADMIN_TOKEN, body }),
    askAs: ask,
  };
}

const ID = ACCOUNT.accountId;

describe("operators", () => {
  it.each([
    ["POST", "/accounts"],
    ["GET", "/accounts"],
    ["PATCH", `/accounts/${ID}`],
    ["POST", `/accounts/${ID}/management-key`],
    ["POST", `/accounts/${ID}/credits`],
    ["GET", "/catalog"],
    ["PUT", "/catalog"],
    ["GET", "/catalog/versions"],
    ["POST", "/catalog/rollback"],
    ["GET", "/origins"],
    ["GET", "/audit"],
    ["DELETE", `/accounts/${ID}`],
  ])("alone may %s %s", async (method, path) => {
    const { askAs, ports } = app();
    for (const bearer of [null, undefined, `${ADMIN_TOKEN}x`]) {
      const ask = bearer === undefined ? {} : { bearer };
      expect((await askAs(method, `/admin${path}`, ask)).status).toBe(401);
    }
    expect(ports.asked).toEqual([]);
  });
});

describe("POST /accounts", () => {
  it("opens an account and hands out a management key that can do everything", async () => {
    const { ports, known, ask } = app();
    const reply = await ask("POST", "/accounts", { name: "Acme", plan: "pro", jurisdiction: "us" });
    expect(reply.status).toBe(201);
    expect(reply.headers.get("cache-control")).toBe("no-store");
    const { account_id, slug, management_key } = reply.body;
    expect(Object.keys(reply.body)).toEqual(["account_id", "slug", "management_key"]);
    expect(slug).toMatch(/^acme-[a-z0-9]{6}$/);
    const caller = await authenticate(ports, new Headers({ "x-api-key": management_key }));
    expect(caller).toMatchObject({ accountId: account_id, jurisdiction: "us" });
    expect(ports.asked).toMatchObject([
      {
        account: { accountId: account_id, jurisdiction: "us" },
        commands: [
          {
            kind: "open-account",
            name: "Acme",
            plan: "pro",
            jurisdiction: "us",
            managementKey: { id: caller.keyId, scopes: SCOPES, expiresAtMs: null },
          },
        ],
      },
    ]);
    expect(known.entries.at(-1)).toMatchObject({ accountId: account_id, slug, jurisdiction: "us" });
  });

  it("keeps a subject as its MAC, and one account for each", async () => {
    const { known, ask } = app(directory());
    const body = { name: "Acme", plan: "free", subject: "auth0|jane@example.com" };
    expect((await ask("POST", "/accounts", body)).body.slug).toBe("acme");
    expect(known.entries[0]?.subjectMac).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(JSON.stringify(known.entries)).not.toContain("jane");
    const again = await ask("POST", "/accounts", body);
    expect(again).toMatchObject({ status: 400, body: { error: { param: "subject" } } });
    expect(known.entries).toHaveLength(1);
  });

  it.each([
    ["name", { plan: "free" }],
    ["plan", { name: "A" }],
    ["plan", { name: "A", plan: "gold" }],
    ["jurisdiction", { name: "A", plan: "free", jurisdiction: "mars" }],
    ["email", { name: "A", plan: "free", email: "a@b.c" }],
  ])("refuses a wrong %s", async (param, body) => {
    const { ports, ask } = app();
    expect(await ask("POST", "/accounts", body)).toMatchObject({ status: 400, body: { error: { param } } });
    expect(ports.asked).toEqual([]);
  });
});

describe("GET /accounts", () => {
  it("lists the directory with the facts of each object, page by page", async () => {
    const entries = ["acct_0000000000a", "acct_0000000000b", "acct_0000000000c"].map((accountId) => ({
      ...ENTRY,
      accountId: accountId as AccountId,
    }));
    const { ask } = app(directory(...entries));
    const first = await ask("GET", "/accounts?limit=2");
    expect(first.body.data).toHaveLength(2);
    expect(first.body.data[0]).toEqual({
      account_id: "acct_0000000000a",
      slug: "acme",
      name: "Acme",
      plan: "pro",
      status: "active",
      rpm: 1_000,
      tpm: 2_000_000,
      concurrency: 200,
      gpu_hours: 100,
      jurisdiction: "eu",
      created_at: "2026-10-01T12:00:00.000Z",
    });
    const second = await ask("GET", `/accounts?limit=2&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({ data: [{ account_id: "acct_0000000000c" }], next_cursor: null });
  });
});

describe("one account", () => {
  it("is changed in what was said and nothing else", async () => {
    const { ports, ask } = app();
    expect((await ask("PATCH", `/accounts/${ID}`, { status: "deactivated" })).status).toBe(200);
    await ask("PATCH", `/accounts/${ID}`, { plan: "team", rpm: null });
    expect(ports.asked.map(({ commands }) => commands[0])).toEqual([
      { kind: "change-account", changes: { status: "deactivated" } },
      { kind: "change-account", changes: { plan: "team", limits: { rpm: null } } },
    ]);
    const limits = { tpm: 5_000, concurrency: 7, gpu_hours: 0.5 };
    await ask("PATCH", `/accounts/${ID}`, limits);
    expect(ports.asked[2]?.commands).toEqual([
      { kind: "change-account", changes: { limits: { tpm: 5_000, concurrency: 7, gpuHours: 0.5 } } },
    ]);
    expect(ports.asked[0]?.account.jurisdiction).toBe("eu");
  });

  it.each([
    { status: "gone" },
    { rpm: 0 },
    { name: "New" },
    { tpm: 1.5 },
    { concurrency: 0 },
    { gpu_hours: -1 },
    { gpu_hours: "1" },
    { gpuHours: 1 },
  ])("is not changed by %j", async (body) => {
    const { ports, ask } = app();
    expect((await ask("PATCH", `/accounts/${ID}`, body)).status).toBe(400);
    expect(ports.asked).toEqual([]);
  });

  it.each(["acct_99999999999", "acct_1", "nobody", "acct_0000000000%00"])("%s is not found", async (id) => {
    const { ports, ask } = app();
    const replies = [
      await ask("PATCH", `/accounts/${id}`, {}),
      await ask("POST", `/accounts/${id}/management-key`),
      await ask("POST", `/accounts/${id}/credits`, { amount_usd: 1, reference: "r" }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(ports.asked).toEqual([]);
  });

  it("gets another management key", async () => {
    const { ports, ask } = app();
    const reply = await ask("POST", `/accounts/${ID}/management-key`);
    expect(reply).toMatchObject({ status: 201, body: { account_id: ID } });
    expect(reply.headers.get("cache-control")).toBe("no-store");
    const caller = await authenticate(ports, new Headers({ "x-api-key": reply.body.management_key }));
    expect(ports.asked[0]).toMatchObject({
      account: ACCOUNT,
      commands: [{ kind: "create-key", key: { id: caller.keyId, scopes: SCOPES } }],
    });
  });
});

describe("POST /accounts/{id}/credits", () => {
  it("answers 201 for new credits and 200 for the same reference again", async () => {
    const { ports, ask } = app();
    const first = await ask("POST", `/accounts/${ID}/credits`, { amount_usd: 12.345678, reference: "new" });
    expect(first).toMatchObject({ status: 201, body: { id: "txn_7", reference: "new", amount_usd: 2.5 } });
    expect(ports.asked[0]?.commands).toEqual([
      { kind: "deposit", reference: "new", microUsd: 12_345_678, entry: "deposit" },
    ]);
    const again = await ask("POST", `/accounts/${ID}/credits`, { amount_usd: 1, reference: "again" });
    expect(again).toMatchObject({ status: 200, body: { id: "txn_7" } });
  });

  it.each([
    ["amount_usd", { amount_usd: 0, reference: "r" }],
    ["amount_usd", { amount_usd: -1, reference: "r" }],
    ["amount_usd", { amount_usd: 1_000_000.000001, reference: "r" }],
    ["amount_usd", { amount_usd: 0.0000001, reference: "r" }],
    ["amount_usd", { amount_usd: "1", reference: "r" }],
    ["amount_usd", { reference: "r" }],
    ["reference", { amount_usd: 1 }],
    ["reference", { amount_usd: 1, reference: "" }],
  ])("refuses a wrong %s: %j", async (param, body) => {
    const { ports, ask } = app();
    const reply = await ask("POST", `/accounts/${ID}/credits`, body);
    expect(reply).toMatchObject({ status: 400, body: { error: { param } } });
    expect(ports.asked).toEqual([]);
  });
});
