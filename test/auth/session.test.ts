import { base64url, decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeSessionId, readSession, SESSION_MS, signSession } from "../../src/auth/session.ts";
import type { AccountId, KeyId } from "../../src/domain/ids.ts";
import type { AccountRef } from "../../src/domain/key.ts";
import { fakePorts, TEST_CONFIG } from "../support/fake-ports.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const ACCOUNT: AccountRef = { accountId: "acct_0Aa1Bb2Cc3D" as AccountId, jurisdiction: "eu" };
const { ports } = fakePorts();
const SESSION = {
  id: makeSessionId(ports.randomBytes),
  keyId: "key_0Aa1Bb2C" as KeyId,
  expiresAtMs: NOW_MS + SESSION_MS,
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const verdictOn = (token: string, from = ports) =>
  readSession(from, token).then(
    ({ caller }) => caller.sessionId,
    (error) => `${error.status} ${error.code}`,
  );
const REFUSED = "401 invalid_token";

describe("a session's token", () => {
  it("says which session of which key it is, and until when", async () => {
    const token = await signSession(ports, ACCOUNT, SESSION);
    expect(await readSession(ports, token)).toEqual({
      caller: { by: "session", ...ACCOUNT, keyId: SESSION.keyId, sessionId: SESSION.id },
      expiresAtMs: SESSION.expiresAtMs,
    });
  });

  it("is a JWT that nothing else of ours could be taken for, and names nobody", async () => {
    const token = await signSession(ports, ACCOUNT, SESSION);
    expect(decodeProtectedHeader(token)).toEqual({ alg: "HS256", typ: "session+jwt" });
    expect(decodeJwt(token)).toEqual({
      iss: "inferroute",
      aud: "inferroute-session",
      sub: "acct_0Aa1Bb2Cc3D/key_0Aa1Bb2C",
      jti: SESSION.id,
      jurisdiction: "eu",
      iat: NOW_MS / 1000,
      exp: (NOW_MS + SESSION_MS) / 1000,
    });
  });

  it("ends after 12 hours, to the second", async () => {
    const token = await signSession(ports, ACCOUNT, SESSION);
    vi.setSystemTime(NOW_MS + 12 * 3_600_000 - 1);
    expect(await verdictOn(token)).toBe(SESSION.id);
    vi.setSystemTime(NOW_MS + 12 * 3_600_000);
    expect(await verdictOn(token)).toBe(REFUSED);
  });

  it("is worth nothing under another SESSION_KEY", async () => {
    const other = fakePorts({ config: { sessionKey: "another-session-key-of-32-characters" } }).ports;
    expect(await verdictOn(await signSession(other, ACCOUNT, SESSION))).toBe(REFUSED);
  });

  it("is refused for every character of it that was changed", async () => {
    const token = await signSession(ports, ACCOUNT, SESSION);
    for (let at = 0; at < token.length - 1; at += 5) {
      if (token[at] === ".") continue;
      const other = token[at] === "A" ? "B" : "A";
      expect(await verdictOn(token.slice(0, at) + other + token.slice(at + 1))).toBe(REFUSED);
    }
  });

  it.each<[string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>]>([
    ["another issuer", {}, { iss: "other" }],
    ["another audience", {}, { aud: "inferroute" }],
    ["another type", { typ: "JWT" }, {}],
    ["no expiry", {}, { exp: undefined }],
    ["no id", {}, { jti: undefined }],
    ["no subject", {}, { sub: undefined }],
    ["another algorithm", { alg: "HS512" }, {}],
  ])("signed by us with %s is none", async (_, header, claims) => {
    const forge = async (changedHeader: object, changedClaims: object) => {
      const good = decodeJwt(await signSession(ports, ACCOUNT, SESSION));
      return new SignJWT(JSON.parse(JSON.stringify({ ...good, ...changedClaims })))
        .setProtectedHeader({ alg: "HS256", typ: "session+jwt", ...changedHeader })
        .sign(new TextEncoder().encode(TEST_CONFIG.sessionKey));
    };
    expect(await verdictOn(await forge({}, {}))).toBe(SESSION.id);
    expect(await verdictOn(await forge(header, claims))).toBe(REFUSED);
  });

  it.each(["", "x", "a.b.c", "..", "e30.e30."])("is not this: %j", async (text) => {
    expect(await verdictOn(text)).toBe(REFUSED);
  });

  it("alg none", async () => {
    const payload = (await signSession(ports, ACCOUNT, SESSION)).split(".")[1];
    const header = base64url.encode(JSON.stringify({ alg: "none", typ: "session+jwt" }));
    expect(await verdictOn(`${header}.${payload}.`)).toBe(REFUSED);
  });
});
