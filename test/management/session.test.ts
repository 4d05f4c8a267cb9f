import { describe, expect, it } from "vitest";
import { makeKey } from "../../src/auth/api-key.ts";
import { SESSION_PATH } from "../../src/auth/session-cookie.ts";
import { mountSession } from "../../src/management/session.ts";
import { ACCOUNT, fakePorts, KEY, mounted, NOW_MS, type Script } from "./fake-ports.ts";

const TWELVE_HOURS_MS = 12 * 3_600_000;
const JSON_FROM_HERE = { "content-type": "application/json", origin: "http://localhost" };

function app(script: Script = {}) {
  const ports = fakePorts({
    "open-session": ({ sessionId, keyId, expiresAtMs }) => ({
      ok: true,
      session: { id: sessionId, keyId, expiresAtMs },
    }),
    "end-session": { ok: true, ended: true },
    ...script,
  });
  return { ports, ask: mounted(ports, mountSession) };
}

async function signedIn(script: Script = {}) {
  const { ports, ask } = app(script);
  const reply = await ask("POST", SESSION_PATH);
  const cookie = reply.headers.get("set-cookie")?.split(";")[0] ?? "";
  return { ports, ask, reply, cookie };
}

describe("POST /auth/session", () => {
  it("opens a session of the key for 12 hours and hands it out in a cookie", async () => {
    const { ports, reply } = await signedIn();
    expect(reply.status).toBe(201);
    expect(reply.headers.get("cache-control")).toBe("no-store");
    expect(reply.headers.get("set-cookie")).toMatch(
      /^session=[\w-]+\.[\w-]+\.[\w-]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const [authorize, open] = ports.asked.at(-1)?.commands ?? [];
    expect(authorize).toMatchObject({ kind: "authorize", by: "key", scope: "keys:write" });
    expect(open).toMatchObject({ kind: "open-session", expiresAtMs: NOW_MS + TWELVE_HOURS_MS });
    expect(reply.body).toEqual({
      account_id: ACCOUNT.accountId,
      key_id: open?.kind === "open-session" ? open.keyId : null,
      expires_at: "2026-10-02T00:00:00.000Z",
    });
  });

  it("ends with the secret that opened it", async () => {
    const { reply } = await signedIn({
      "open-session": ({ sessionId, keyId }) => ({
        ok: true,
        session: { id: sessionId, keyId, expiresAtMs: NOW_MS + 60_000 },
      }),
    });
    expect(reply.headers.get("set-cookie")).toContain("Max-Age=60;");
    expect(reply.body.expires_at).toBe("2026-10-01T12:01:00.000Z");
  });

  it("needs a key: no cookie opens another session, and no page of a stranger opens one", async () => {
    const { ask, cookie, ports } = await signedIn();
    const before = ports.asked.length;
    const byCookie = await ask("POST", SESSION_PATH, {
      bearer: null,
      headers: { ...JSON_FROM_HERE, cookie },
    });
    expect([byCookie.status, byCookie.body.error.code]).toEqual([401, "missing_api_key"]);
    const foreign = await ask("POST", SESSION_PATH, { headers: { origin: "https://evil.example" } });
    expect([foreign.status, foreign.body.error.code]).toEqual([403, "origin_not_allowed"]);
    expect(ports.asked).toHaveLength(before);
  });

  it("is refused to a key without keys:write", async () => {
    const refusal = { ok: false, code: "scope_missing", message: "No." } as const;
    const { reply } = await signedIn({ authorize: refusal });
    expect(reply.status).toBe(403);
    expect(reply.headers.has("set-cookie")).toBe(false);
  });
});

describe("GET /auth/session", () => {
  it("shows whose session it is, when the account's object still knows it", async () => {
    const { ask, cookie, ports, reply } = await signedIn();
    const shown = await ask("GET", SESSION_PATH, { bearer: null, headers: { cookie } });
    expect(shown.status).toBe(200);
    expect(shown.body).toEqual(reply.body);
    const [opened] = ports.asked[0]?.commands.slice(1) ?? [];
    expect(ports.asked.at(-1)).toEqual({
      account: expect.objectContaining(ACCOUNT),
      commands: [
        {
          kind: "authorize",
          by: "session",
          keyId: reply.body.key_id,
          sessionId: opened?.kind === "open-session" ? opened.sessionId : null,
          scope: null,
        },
      ],
    });
  });

  it("is 401 for a session that has ended, and for none", async () => {
    const ended = { ok: false, code: "invalid_token", message: "Ended." } as const;
    const { cookie } = await signedIn();
    const { ask } = app({ authorize: ended });
    expect((await ask("GET", SESSION_PATH, { bearer: null, headers: { cookie } })).status).toBe(401);
    expect((await ask("GET", SESSION_PATH, { bearer: null })).status).toBe(401);
  });

  it("is 404 for a key: Bearer wins over a cookie, and a key has no session", async () => {
    const { ask, cookie } = await signedIn();
    const { raw } = await makeKey(fakePorts(), ACCOUNT);
    const reply = await ask("GET", SESSION_PATH, { bearer: raw, headers: { cookie } });
    expect(reply.status).toBe(404);
    expect(KEY.scopes).toContain("keys:write");
  });
});

describe("DELETE /auth/session", () => {
  it("ends the session in the object and takes the cookie away", async () => {
    const { ask, cookie, ports } = await signedIn();
    const reply = await ask("DELETE", SESSION_PATH, { bearer: null, headers: { ...JSON_FROM_HERE, cookie } });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("set-cookie")).toBe("session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
    expect(ports.asked.at(-1)?.commands.map(({ kind }) => kind)).toEqual(["authorize", "end-session"]);
  });

  it("needs a known Origin, as every write with a cookie", async () => {
    const { ask, cookie, ports } = await signedIn();
    const before = ports.asked.length;
    const headers = { cookie, "content-type": "application/json" };
    expect((await ask("DELETE", SESSION_PATH, { bearer: null, headers })).status).toBe(403);
    expect(ports.asked).toHaveLength(before);
  });
});
