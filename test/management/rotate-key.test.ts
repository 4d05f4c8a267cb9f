import { describe, expect, it } from "vitest";
import { keyCaller } from "../../src/auth/api-key.ts";
import { mountKeys } from "../../src/management/keys.ts";
import { fakePorts, KEY, mounted, NOW_MS, type Script } from "./fake-ports.ts";

const PATH = `/keys-api/keys/${KEY.id}/rotate`;

function app(script: Script = {}) {
  const ports = fakePorts({
    "get-key": { ok: true, key: KEY },
    "rotate-key": ({ overlapMs }) => ({ ok: true, key: KEY, previousValidUntilMs: NOW_MS + overlapMs }),
    ...script,
  });
  return { ports, ask: mounted(ports, (http) => mountKeys(http, "/keys-api")) };
}

describe("POST /keys/{id}/rotate", () => {
  it("hands out a new secret of the same key, once, and says how long the old one is good", async () => {
    const { ports, ask } = app();
    const reply = await ask("POST", PATH, { body: { overlap_hours: 1 } });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("cache-control")).toBe("no-store");
    expect(reply.body).toMatchObject({
      id: KEY.id,
      object: "key",
      previous_valid_until: "2026-10-01T13:00:00.000Z",
    });
    const caller = await keyCaller(ports, reply.body.key);
    expect(caller.keyId).toBe(KEY.id);
    const [authorize, rotate] = ports.asked.at(-1)?.commands ?? [];
    expect(authorize).toMatchObject({ kind: "authorize", scope: "keys:write" });
    expect(rotate).toEqual({
      kind: "rotate-key",
      keyId: KEY.id,
      prefix: reply.body.key.slice(0, 25),
      proof: caller.proofs[0],
      overlapMs: 3_600_000,
    });
    expect(JSON.stringify(ports.asked)).not.toContain(reply.body.key);
  });

  it.each<[unknown, number]>([
    [undefined, 24],
    [{}, 24],
    [{ overlap_hours: 0 }, 0],
    [{ overlap_hours: 0.5 }, 0.5],
    [{ overlap_hours: 168 }, 168],
  ])("with the body %j keeps the old secret for %d hours", async (body, hours) => {
    const { ports, ask } = app();
    expect((await ask("POST", PATH, { body })).status).toBe(200);
    expect(ports.asked.at(-1)?.commands[1]).toMatchObject({ overlapMs: hours * 3_600_000 });
  });

  it.each([
    { overlap_hours: -1 },
    { overlap_hours: 169 },
    { overlap_hours: "24" },
    { overlap_hours: null },
    { hours: 1 },
  ])("refuses %j and rotates nothing", async (body) => {
    const { ports, ask } = app();
    const reply = await ask("POST", PATH, { body });
    expect(reply.status).toBe(400);
    expect(reply.body.error.param).toBe(Object.keys(body)[0]);
    expect(ports.asked).toEqual([]);
  });

  it("gives nobody a key that may do more than they", async () => {
    const { ports, ask } = app({
      authorize: {
        ok: true,
        key: { ...KEY, scopes: ["keys:write"] },
        limits: {},
        budgetLeftMicroUsd: null,
      },
      "get-key": { ok: true, key: { ...KEY, scopes: ["inference", "keys:write"] } },
    });
    const reply = await ask("POST", PATH, { body: {} });
    expect([reply.status, reply.body.error.code]).toEqual([403, "scope_missing"]);
    expect(ports.asked.flatMap(({ commands }) => commands).map(({ kind }) => kind)).not.toContain(
      "rotate-key",
    );
  });

  it("knows no keys of others", async () => {
    const { ask } = app({ "get-key": { ok: false, code: "not_found", message: "No." } });
    expect((await ask("POST", "/keys-api/keys/key_foreign0/rotate", { body: {} })).status).toBe(404);
  });
});
