import { beforeAll, describe, expect, test, vi } from "vitest";
import { JWKS, makeToken } from "../auth/identity-provider.ts";
import {
  ask,
  BASE,
  migrateDirectory,
  type OpenedAccount,
  openAccount,
  signIn,
} from "../support/worker-app.ts";

const KEYS = "/api/v1/inference/keys";
const SESSION = "/api/v1/auth/session";
const FROM_HERE = { origin: BASE, "content-type": "application/json" };
const CHAT = { model: "auto", messages: [{ role: "user", content: "Hello" }] };

let account: OpenedAccount;
beforeAll(async () => {
  await migrateDirectory();
  account = await openAccount({ subject: "user|1" });
});

describe("a session", () => {
  test("reads and writes as its key, from our own pages", async () => {
    const cookie = await signIn(account.managementKey);
    expect(cookie).toMatch(/^__Host-session=/);
    const shown = await ask("GET", SESSION, { headers: { cookie } });
    expect(shown).toMatchObject({ status: 200, body: { account_id: account.accountId } });
    const own = await ask("GET", "/api/v1/inference/key", { headers: { cookie } });
    expect(own.body).toMatchObject({ id: shown.body.key_id, name: "management" });
    const created = await ask("POST", KEYS, { headers: { cookie, ...FROM_HERE }, body: { name: "by hand" } });
    expect(created.status).toBe(201);
  });

  test("writes nothing for others: cookie without Origin, foreign Origin, non-JSON", async () => {
    const cookie = await signIn(account.managementKey);
    const list = await ask("GET", KEYS, { headers: { cookie } });
    const tries: Record<string, string>[] = [
      { "content-type": "application/json" },
      { ...FROM_HERE, origin: "https://evil.example" },
      { origin: BASE, "content-type": "text/plain" },
    ];
    for (const headers of tries) {
      for (const path of [
        KEYS,
        "/v1/chat/completions",
        "/api/v1/inference/chat/completions",
        "/api/v1/inference/route",
      ]) {
        const headersOfTry = { cookie, ...headers };
        const body = headers["content-type"] === "text/plain" ? undefined : CHAT;
        const reply = await ask("POST", path, { headers: headersOfTry, body });
        expect([path, reply.status, reply.body.error.code]).toEqual([path, 403, "origin_not_allowed"]);
        expect(reply.headers.get("access-control-allow-origin")).not.toBe("*");
      }
    }
    expect((await ask("GET", KEYS, { headers: { cookie } })).text).toBe(list.text);
  });

  test("infers from our own pages: the request gets as far as its routing", async () => {
    const cookie = await signIn(account.managementKey);
    const reply = await ask("POST", "/v1/chat/completions", {
      headers: { cookie, ...FROM_HERE },
      body: CHAT,
    });
    expect([401, 403]).not.toContain(reply.status);
  });

  test("is over when it was ended by DELETE, for whoever kept the cookie", async () => {
    const cookie = await signIn(account.managementKey);
    const ended = await ask("DELETE", SESSION, { headers: { cookie, ...FROM_HERE } });
    expect(ended.status).toBe(200);
    expect(ended.headers.get("set-cookie")).toBe(
      "__Host-session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure",
    );
    const after = await ask("GET", KEYS, { headers: { cookie } });
    expect([after.status, after.body.error.code]).toEqual([401, "invalid_token"]);
    expect(
      (await ask("GET", KEYS, { headers: { cookie: await signIn(account.managementKey) } })).status,
    ).toBe(200);
  });

  test("is over when its key is revoked", async () => {
    const scopes = ["keys:read", "keys:write"];
    const { body: key } = await ask("POST", KEYS, {
      bearer: account.managementKey,
      body: { name: "short", scopes },
    });
    const cookie = await signIn(key.key);
    expect((await ask("GET", KEYS, { headers: { cookie } })).status).toBe(200);
    await ask("DELETE", `${KEYS}/${key.id}`, { bearer: account.managementKey });
    expect((await ask("GET", KEYS, { headers: { cookie } })).status).toBe(401);
  });

  test("has its key's scopes and no more; a key without keys:write opens none", async () => {
    const { body: key } = await ask("POST", KEYS, { bearer: account.managementKey, body: { name: "plain" } });
    const refused = await ask("POST", SESSION, { bearer: key.key });
    expect([refused.status, refused.body.error.code]).toEqual([403, "scope_missing"]);
    const scopes = ["keys:write"];
    const { body: writer } = await ask("POST", KEYS, {
      bearer: account.managementKey,
      body: { name: "w", scopes },
    });
    const cookie = await signIn(writer.key);
    expect((await ask("GET", KEYS, { headers: { cookie } })).body.error.code).toBe("scope_missing");
  });

  test("is nothing to operators' routes", async () => {
    const cookie = await signIn(account.managementKey);
    const reply = await ask("GET", "/api/v1/admin/accounts", { headers: { cookie } });
    expect(reply.status).toBe(401);
  });
});

describe("CORS", () => {
  test("of keys is open, of cookies exact", async () => {
    const cookie = await signIn(account.managementKey);
    const origins = { evil: "https://evil.example", friend: "https://dashboard.example" };
    const allowed = async (path: string, headers: Record<string, string>, method = "GET") => {
      const reply = await ask(method, path, { headers });
      return [
        reply.headers.get("access-control-allow-origin"),
        reply.headers.get("access-control-allow-credentials"),
      ];
    };
    const authorization = `Bearer ${account.managementKey}`;
    expect(await allowed(KEYS, { origin: origins.evil, authorization })).toEqual(["*", null]);
    expect(await allowed(KEYS, { origin: origins.evil, cookie })).toEqual([null, null]);
    expect(await allowed(KEYS, { origin: origins.friend, cookie })).toEqual([origins.friend, "true"]);
    expect(await allowed(SESSION, { origin: origins.evil }, "OPTIONS")).toEqual([null, null]);
    expect(await allowed(SESSION, { origin: origins.friend }, "OPTIONS")).toEqual([origins.friend, "true"]);
    expect(await allowed("/v1/models", { origin: origins.evil }, "OPTIONS")).toEqual(["*", null]);
  });

  test("keeps what one caller sees out of every cache", async () => {
    for (const headers of [
      { authorization: `Bearer ${account.managementKey}` },
      { cookie: await signIn(account.managementKey) },
    ]) {
      expect((await ask("GET", KEYS, { headers })).headers.get("cache-control")).toBe("no-store");
    }
  });
});

describe("a rotated key", () => {
  test("has two secrets for a while; with no overlap only the new one", async () => {
    const body = { name: "turning" };
    const { body: key } = await ask("POST", KEYS, { bearer: account.managementKey, body });
    const own = (bearer: string) => ask("GET", "/api/v1/inference/key", { bearer });
    const rotate = (fields: object) =>
      ask("POST", `${KEYS}/${key.id}/rotate`, { bearer: account.managementKey, body: fields });
    const first = await rotate({});
    expect(first).toMatchObject({ status: 200, body: { id: key.id, name: "turning" } });
    expect((await own(key.key)).body.id).toBe(key.id);
    expect((await own(first.body.key)).body.id).toBe(key.id);
    const second = await rotate({ overlap_hours: 0 });
    expect((await own(key.key)).body.error.code).toBe("invalid_api_key");
    const expired = await own(first.body.key);
    expect([expired.status, expired.body.error.code]).toEqual([401, "expired_api_key"]);
    expect((await own(second.body.key)).status).toBe(200);
  });
});

describe("a token of the identity provider", () => {
  test("manages its subject's account: read, write, and every scope", async () => {
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json(JWKS));
    try {
      const own = await ask("GET", "/api/v1/inference/key", { bearer: await makeToken() });
      expect(own).toMatchObject({ status: 200, body: { id: "key_identity", name: "identity provider" } });
      for (const alg of ["ES256", "RS256"] as const) {
        const created = await ask("POST", KEYS, { bearer: await makeToken({ alg }), body: { name: alg } });
        expect(created.status).toBe(201);
      }
      const keys = await ask("GET", KEYS, { bearer: account.managementKey });
      expect(keys.text).toContain('"ES256"');
      const stranger = await ask("GET", KEYS, { bearer: await makeToken({ claims: { sub: "user|2" } }) });
      expect([stranger.status, stranger.body.error.code]).toEqual([401, "invalid_token"]);
      expect(fetched).toHaveBeenCalledTimes(1);
    } finally {
      fetched.mockRestore();
    }
  });
});
