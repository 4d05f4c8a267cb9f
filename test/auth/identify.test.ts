import { describe, expect, it } from "vitest";
import { makeKey } from "../../src/auth/api-key.ts";
import { crossOriginHeaders } from "../../src/auth/cross-origin.ts";
import { identify } from "../../src/auth/identify.ts";
import { makeSessionId, signSession } from "../../src/auth/session.ts";
import type { AccountId, KeyId } from "../../src/domain/ids.ts";
import type { AccountRef } from "../../src/domain/key.ts";
import { fakePorts, TEST_CONFIG } from "../support/fake-ports.ts";

const ACCOUNT: AccountRef = { accountId: "acct_0Aa1Bb2Cc3D" as AccountId, jurisdiction: "eu" };
const { ports } = fakePorts();
const TOKEN = await signSession(ports, ACCOUNT, {
  id: makeSessionId(ports.randomBytes),
  keyId: "key_0Aa1Bb2C" as KeyId,
  expiresAtMs: Date.now() + 3_600_000,
});
const ROUTER = "https://router.example";
const OURS = { origin: ROUTER, "content-type": "application/json" };

function asking(method: string, headers: Record<string, string>, base = ROUTER): Request {
  return new Request(`${base}/v1/chat/completions`, { method, headers });
}

async function verdictOn(request: Request): Promise<string> {
  return identify(ports, request).then(
    ({ by }) => by,
    (error) => `${error.status} ${error.code}`,
  );
}

const cookie = `theme=dark; __Host-session=${TOKEN}; other=1`;

describe("a session's cookie", () => {
  it("reads without an Origin, as browsers send it", async () => {
    expect(await verdictOn(asking("GET", { cookie }))).toBe("session");
    expect(await verdictOn(asking("HEAD", { cookie }))).toBe("session");
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"])("writes from our own page: %s", async (method) => {
    expect(await verdictOn(asking(method, { cookie, ...OURS }))).toBe("session");
    const site = { "sec-fetch-site": "same-origin", "content-type": "application/json; charset=utf-8" };
    expect(await verdictOn(asking(method, { cookie, ...OURS, ...site }))).toBe("session");
  });

  it("writes from a page of an allowed origin", async () => {
    const origin = "https://dashboard.example";
    expect(await verdictOn(asking("POST", { cookie, ...OURS, origin }))).toBe("session");
  });

  it.each<[string, Record<string, string>]>([
    ["without Origin", { "content-type": "application/json" }],
    ["foreign Origin", { ...OURS, origin: "https://evil.example" }],
    ["an Origin that only begins like ours", { ...OURS, origin: `${ROUTER}.evil.example` }],
    ["our host by another scheme", { ...OURS, origin: "http://router.example" }],
    ["our host at another port", { ...OURS, origin: `${ROUTER}:8443` }],
    ["a page without an origin", { ...OURS, origin: "null" }],
    ["a browser that says it is another site's", { ...OURS, "sec-fetch-site": "cross-site" }],
    ["without a type", { origin: ROUTER }],
    ["non-JSON: a form", { ...OURS, "content-type": "application/x-www-form-urlencoded" }],
    ["non-JSON: text", { ...OURS, "content-type": "text/plain" }],
    ["non-JSON: a type that only begins like it", { ...OURS, "content-type": "application/json-seq" }],
  ])("does not write: %s", async (_, headers) => {
    for (const method of ["POST", "PATCH", "DELETE"]) {
      expect(await verdictOn(asking(method, { cookie, ...headers }))).toBe("403 origin_not_allowed");
    }
  });

  it("is refused twice: duplicate cookies", async () => {
    const twice = [`${cookie}; __Host-session=${TOKEN}`, `__Host-session=x, ${cookie}`];
    for (const both of twice) {
      expect(await verdictOn(asking("GET", { cookie: both }))).toBe("401 invalid_token");
      expect(await verdictOn(asking("POST", { cookie: both, ...OURS }))).toBe("401 invalid_token");
    }
  });

  it("has one name on https and another on plain-http loopback", async () => {
    const plain = { cookie: `session=${TOKEN}` };
    expect(await verdictOn(asking("GET", plain))).toBe("401 missing_api_key");
    for (const base of ["http://127.0.0.1:8787", "http://localhost", "http://[::1]:1"]) {
      expect(await verdictOn(asking("GET", plain, base))).toBe("session");
      expect(await verdictOn(asking("POST", { ...plain, ...OURS, origin: base }, base))).toBe("session");
      expect(await verdictOn(asking("GET", { cookie }, base))).toBe("401 missing_api_key");
    }
    expect(await verdictOn(asking("GET", plain, "http://router.example"))).toBe("401 missing_api_key");
  });

  it("that we did not sign is refused", async () => {
    for (const value of ["", "x", TOKEN.slice(0, -2)]) {
      expect(await verdictOn(asking("GET", { cookie: `__Host-session=${value}` }))).toBe("401 invalid_token");
    }
  });

  it("loses: Bearer wins over a cookie, whatever either is worth", async () => {
    const { raw } = await makeKey(ports, ACCOUNT);
    const foreign = { cookie, origin: "https://evil.example" };
    expect(await verdictOn(asking("POST", { ...foreign, authorization: `Bearer ${raw}` }))).toBe("key");
    expect(await verdictOn(asking("POST", { ...foreign, "x-api-key": raw }))).toBe("key");
    expect(await verdictOn(asking("GET", { cookie, authorization: "Bearer sk_1" }))).toBe(
      "401 invalid_api_key",
    );
    expect(await verdictOn(asking("GET", { cookie, authorization: "Basic eA==" }))).toBe(
      "401 missing_api_key",
    );
    expect(await verdictOn(asking("GET", { cookie: "__Host-session=x", "x-api-key": raw }))).toBe("key");
  });
});

describe("CORS", () => {
  const headersOf = (request: Request) => crossOriginHeaders(TEST_CONFIG, request);
  const evil = "https://evil.example";
  const friend = "https://dashboard.example";

  it("lets any page call with a key", () => {
    for (const origin of [evil, friend, ROUTER]) {
      const request = asking("POST", { origin, authorization: "Bearer x", cookie });
      expect(headersOf(request)["access-control-allow-origin"]).toBe("*");
      expect(headersOf(request)["access-control-allow-credentials"]).toBeUndefined();
    }
    expect(headersOf(asking("OPTIONS", { origin: evil }))["access-control-allow-origin"]).toBe("*");
  });

  it("names an allowed origin to a cookie's request, and no other: never the wildcard", () => {
    expect(headersOf(asking("GET", { cookie, origin: friend }))).toMatchObject({
      "access-control-allow-origin": friend,
      "access-control-allow-credentials": "true",
      vary: "origin",
    });
    expect(headersOf(asking("GET", { cookie, origin: evil }))).toEqual({ vary: "origin" });
    expect(headersOf(asking("GET", { cookie }))).toEqual({ vary: "origin" });
  });

  it("never answers the wildcard on the session's own route", () => {
    for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) {
      for (const headers of [{}, { origin: evil }, { origin: evil, authorization: "Bearer x" }]) {
        const request = new Request(`${ROUTER}/api/v1/auth/session`, { method, headers });
        expect(headersOf(request)).toEqual({ vary: "origin" });
      }
    }
  });

  it("answers an allowed page's preflight with names: with credentials a wildcard means nothing", () => {
    const headers = headersOf(asking("OPTIONS", { origin: friend }));
    expect(headers["access-control-allow-origin"]).toBe(friend);
    expect(headers["access-control-allow-headers"]).toContain("content-type");
    expect(headers["access-control-allow-headers"]).not.toContain("*");
  });
});
