import { base64url, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { identify } from "../../src/auth/identify.ts";
import { subjectMacs } from "../../src/auth/subject.ts";
import type { AccountId } from "../../src/domain/ids.ts";
import type { DirectoryEntry, Ports } from "../../src/domain/ports.ts";
import { fakePorts, TEST_CONFIG } from "../support/fake-ports.ts";
import {
  ALGORITHMS,
  JWKS,
  makeToken,
  PUBLIC_PEM,
  publish,
  SUBJECT,
  type TokenChanges,
  trustingPorts,
} from "./identity-provider.ts";

const [MAC, OLD_MAC = ""] = await subjectMacs(TEST_CONFIG, SUBJECT);
const ENTRY: DirectoryEntry = {
  accountId: "acct_0Aa1Bb2Cc3D" as AccountId,
  jurisdiction: "eu",
  slug: "acme",
  subjectMac: MAC,
  createdAtMs: 0,
};
const NOW_S = Math.floor(Date.parse("2026-11-20T12:00:00Z") / 1000);

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_S * 1000, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function asking(token: string): Request {
  return new Request("https://router.example/v1/models", { headers: { authorization: `Bearer ${token}` } });
}

async function verdictOn(token: string, { ports } = trustingPorts([ENTRY])): Promise<string> {
  return identify(ports, asking(token)).then(
    ({ accountId, by }) => `${by} of ${accountId}`,
    (error) => `${error.status} ${error.code}`,
  );
}

const ACCEPTED = `subject of ${ENTRY.accountId}`;
const REFUSED = "401 invalid_token";

function unsigned(header: object, payload: object): string {
  return `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(payload))}.`;
}

describe("a token of the provider", () => {
  it.each(ALGORITHMS)("signed with %s acts for its subject's account", async (alg) => {
    expect(await verdictOn(await makeToken({ alg }))).toBe(ACCEPTED);
  });

  it("claims nothing but to be the subject: no key of the account is named", async () => {
    const { ports } = trustingPorts([ENTRY]);
    expect(await identify(ports, asking(await makeToken()))).toEqual({
      by: "subject",
      keyId: "key_identity",
      accountId: ENTRY.accountId,
      jurisdiction: "eu",
    });
  });

  it.each<[string, TokenChanges]>([
    ["without a type", { header: { typ: undefined } }],
    ["of the type 'jwt'", { header: { typ: "jwt" } }],
    ["for several audiences, ours among them", { claims: { aud: ["other", "inferroute"] } }],
    ["issued by a clock 5 s ahead", { claims: { iat: NOW_S + 5, nbf: NOW_S + 5 } }],
    ["that expired 4 s ago", { claims: { exp: NOW_S - 4 } }],
    ["issued 12 h ago", { claims: { iat: NOW_S - 12 * 3600 } }],
  ])("%s is accepted", async (_, changes) => {
    expect(await verdictOn(await makeToken(changes))).toBe(ACCEPTED);
  });

  it.each<[string, TokenChanges]>([
    ["wrong audience", { claims: { aud: "other" } }],
    ["wrong issuer", { claims: { iss: "https://login.example" } }],
    ["expired", { claims: { exp: NOW_S - 6 } }],
    ["not yet valid", { claims: { nbf: NOW_S + 60 } }],
    ["no exp", { claims: { exp: undefined } }],
    ["no sub", { claims: { sub: undefined } }],
    ["empty sub", { claims: { sub: "" } }],
    ["a sub that is no text", { claims: { sub: 7 } }],
    ["no iss", { claims: { iss: undefined } }],
    ["no aud", { claims: { aud: undefined } }],
    ["no iat", { claims: { iat: undefined } }],
    [
      "older than 12 h, however long it says it lives",
      { claims: { iat: NOW_S - 13 * 3600, exp: NOW_S + 9e6 } },
    ],
    ["issued in the future", { claims: { iat: NOW_S + 60 } }],
    ["a subject nobody opened an account for", { claims: { sub: "user|2" } }],
    ["unknown kid", { header: { kid: "gone" } }],
    ["the kid of another key", { header: { kid: "ES256" } }],
    ["a kid that is no text", { header: { kid: 7 } }],
    ["crit", { header: { crit: ["b64"], b64: true } }],
    ["another type", { header: { typ: "at+jwt" } }],
    ["oversized", { claims: { padding: "x".repeat(8 * 1024) } }],
  ])("is refused: %s", async (_, changes) => {
    expect(await verdictOn(await makeToken(changes))).toBe(REFUSED);
  });

  it("is refused for every character of it that was changed", async () => {
    const token = await makeToken();
    const fake = trustingPorts([ENTRY]);
    for (let at = 0; at < token.length - 1; at += 7) {
      const other = token[at] === "A" ? "B" : "A";
      if (token[at] === ".") continue;
      expect(await verdictOn(token.slice(0, at) + other + token.slice(at + 1), fake)).toBe(REFUSED);
    }
  });
});

describe("a forged token is refused", () => {
  const claims = {
    iss: "https://login.example/",
    aud: "inferroute",
    sub: SUBJECT,
    iat: NOW_S,
    exp: NOW_S + 60,
  };

  it.each(["none", "None", "NONE", "nOnE", ""])(
    "alg none, spelled %j, before any key is fetched",
    async (alg) => {
      const fake = trustingPorts([ENTRY]);
      expect(await verdictOn(unsigned({ alg, typ: "JWT" }, claims), fake)).toBe(REFUSED);
      expect(await verdictOn(unsigned({ alg, kid: "EdDSA" }, claims), fake)).toBe(REFUSED);
      expect(fake.fetches).toEqual([]);
    },
  );

  it("HS256 signed with the public key (key confusion)", async () => {
    const fake = trustingPorts([ENTRY]);
    for (const key of [PUBLIC_PEM, JSON.stringify(JWKS.keys[2]), JWKS.keys[2]?.n ?? ""]) {
      const forged = await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", kid: "RS256", typ: "JWT" })
        .sign(new TextEncoder().encode(key));
      expect(await verdictOn(forged, fake)).toBe(REFUSED);
    }
    expect(fake.fetches).toEqual([]);
  });

  it("with a key of its own in its header", async () => {
    const { generateKeyPair, exportJWK } = await import("jose");
    const own = await generateKeyPair("EdDSA", { extractable: true });
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: "EdDSA", kid: "EdDSA", jwk: await exportJWK(own.publicKey) })
      .sign(own.privateKey);
    expect(await verdictOn(forged)).toBe(REFUSED);
  });

  it.each(["a.b.c", "..", "e30..", "e30.e30.", `${"a".repeat(9000)}.b.c`])(
    "text that is none: %.20s",
    async (text) => {
      expect(await verdictOn(text)).not.toContain("subject");
      expect(await verdictOn(text)).toMatch(/^401 /);
    },
  );

  it("whatever it is, where no provider is configured", async () => {
    expect(await verdictOn(await makeToken(), fakePorts())).toBe(REFUSED);
  });
});

describe("the provider's keys", () => {
  it("are fetched once for many tokens, without following redirects", async () => {
    const fake = trustingPorts([ENTRY]);
    for (const alg of ALGORITHMS) expect(await verdictOn(await makeToken({ alg }), fake)).toBe(ACCEPTED);
    expect(fake.fetches.map(({ url, init }) => [url, init.redirect])).toEqual([
      ["https://login.example/keys", "manual"],
    ]);
  });

  it("are fetched again for an unknown kid, but not twice within 30 s", async () => {
    let published: unknown = { keys: JWKS.keys.slice(1) };
    const fake = trustingPorts([ENTRY], () => Response.json(published));
    expect(await verdictOn(await makeToken({ alg: "ES256" }), fake)).toBe(ACCEPTED);
    published = JWKS;
    expect(await verdictOn(await makeToken(), fake)).toBe(REFUSED);
    expect(fake.fetches).toHaveLength(1);
    vi.setSystemTime((NOW_S + 31) * 1000);
    expect(await verdictOn(await makeToken(), fake)).toBe(ACCEPTED);
    expect(fake.fetches).toHaveLength(2);
  });

  it("taken away by their provider are refused ten minutes later", async () => {
    let published: unknown = JWKS;
    const fake = trustingPorts([ENTRY], () => Response.json(published));
    const token = await makeToken({ claims: { exp: NOW_S + 3600 } });
    expect(await verdictOn(token, fake)).toBe(ACCEPTED);
    published = { keys: [] };
    vi.setSystemTime((NOW_S + 599) * 1000);
    expect(await verdictOn(token, fake)).toBe(ACCEPTED);
    vi.setSystemTime((NOW_S + 600) * 1000);
    expect(await verdictOn(token, fake)).toBe(REFUSED);
  });

  it("stay good for an hour while the provider is down, and then it is a 503", async () => {
    let answer = publish;
    const fake = trustingPorts([ENTRY], () => answer());
    const token = await makeToken({ claims: { exp: NOW_S + 9000 } });
    expect(await verdictOn(token, fake)).toBe(ACCEPTED);
    answer = () => new Response("down", { status: 500 });
    vi.setSystemTime((NOW_S + 3599) * 1000);
    expect(await verdictOn(token, fake)).toBe(ACCEPTED);
    vi.setSystemTime((NOW_S + 3600) * 1000);
    expect(await verdictOn(token, fake)).toBe("503 overloaded");
    expect(fake.logs).toMatchObject([{ event: "identity-provider-unreachable" }]);
  });

  it.each<[string, () => Response]>([
    ["an error", () => new Response(null, { status: 404 })],
    ["a redirect", () => Response.redirect("https://elsewhere.example/keys")],
    ["no JSON", () => new Response("<html>")],
    ["no set of keys", () => Response.json({ keys: "none" })],
    ["more than a quarter of a MiB", () => Response.json({ ...JWKS, padding: "x".repeat(300_000) })],
    [
      "nothing at all",
      () => {
        throw new TypeError("unreachable");
      },
    ],
  ])("cannot be read from %s: 503, and one try in 30 s", async (_, answer) => {
    const fake = trustingPorts([ENTRY], answer);
    expect(await verdictOn(await makeToken(), fake)).toBe("503 overloaded");
    expect(await verdictOn(await makeToken(), fake)).toBe("503 overloaded");
    expect(fake.fetches).toHaveLength(1);
  });

  it.each([
    [[null, 7, "x", {}]],
    [[{ kty: "OKP", kid: "EdDSA" }]],
    [[{ kty: "oct", k: "AAAA", kid: "EdDSA" }]],
  ])("that are none verify nothing: %j", async (keys) => {
    expect(
      await verdictOn(
        await makeToken(),
        trustingPorts([ENTRY], () => Response.json({ keys })),
      ),
    ).toBe(REFUSED);
  });
});

describe("the subject's account", () => {
  it("is looked up once a minute", async () => {
    const fake = trustingPorts([ENTRY]);
    let found = 0;
    const findBySubject: Ports["directory"]["findBySubject"] = async () => {
      found++;
      return ENTRY;
    };
    const ports = { ...fake.ports, directory: { ...fake.ports.directory, findBySubject } };
    for (const afterS of [0, 1, 59]) {
      vi.setSystemTime((NOW_S + afterS) * 1000);
      expect(await verdictOn(await makeToken(), { ...fake, ports })).toBe(ACCEPTED);
    }
    expect(found).toBe(1);
    vi.setSystemTime((NOW_S + 60) * 1000);
    expect(await verdictOn(await makeToken(), { ...fake, ports })).toBe(ACCEPTED);
    expect(found).toBe(2);
  });

  it("entered under the old pepper is found, and kept under the new one", async () => {
    const fake = trustingPorts([{ ...ENTRY, subjectMac: OLD_MAC }]);
    const renewed: unknown[] = [];
    const renewSubject: Ports["directory"]["renewSubject"] = async (id, mac) => {
      renewed.push([id, mac]);
    };
    const ports = { ...fake.ports, directory: { ...fake.ports.directory, renewSubject } };
    expect(await verdictOn(await makeToken(), { ...fake, ports })).toBe(ACCEPTED);
    await fake.settled();
    expect(renewed).toEqual([[ENTRY.accountId, MAC]]);
  });
});
