import { describe, expect, it } from "vitest";
import { authenticate, makeAccountId, makeKey, makeRequestId } from "../../src/auth/api-key.ts";
import type { AccountId } from "../../src/domain/ids.ts";
import { type AccountRef, JURISDICTIONS } from "../../src/domain/key.ts";
import { base62 } from "../../src/lib/base62.ts";
import { crc32 } from "../../src/lib/crc32.ts";
import { type FakePorts, fakePorts, TEST_CONFIG } from "../support/fake-ports.ts";

const ACCOUNT: AccountRef = { accountId: "acct_0Aa1Bb2Cc3D" as AccountId, jurisdiction: "eu" };
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const [CURRENT, PREVIOUS] = TEST_CONFIG.routeKeys;
if (CURRENT === undefined || PREVIOUS === undefined) throw new Error("two route keys are configured");

const bearer = (key: string) => new Headers({ authorization: `Bearer ${key}` });

async function codeOf(fake: FakePorts, headers: Headers): Promise<string> {
  const verdict = await authenticate(fake.ports, headers).then(
    () => "accepted",
    (error) => `${error.status} ${error.code}`,
  );
  expect(fake.stubs).toEqual([]);
  return verdict;
}

/** The text with its checksum made right again, as a forger would. */
function resealed(text: string): string {
  const body = text.slice(0, -6);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, crc32(body));
  return body + base62(bytes, 6);
}

function withCharacter(text: string, at: number, character: string): string {
  return text.slice(0, at) + character + text.slice(at + 1);
}

describe("a key", () => {
  for (const jurisdiction of JURISDICTIONS) {
    it(`says which account and key it claims to be, in jurisdiction ${jurisdiction}`, async () => {
      const { ports } = fakePorts();
      const made = await makeKey(ports, { ...ACCOUNT, jurisdiction });
      const caller = await authenticate(ports, bearer(made.raw));
      expect(caller).toMatchObject({ accountId: ACCOUNT.accountId, keyId: made.keyId, jurisdiction });
      expect(caller.proofs[0]).toEqual(made.proof);
    });
  }

  it("is `inf_` and 81 letters and digits, and never the same twice", async () => {
    const { ports } = fakePorts();
    const [one, two] = await Promise.all([makeKey(ports, ACCOUNT), makeKey(ports, ACCOUNT)]);
    expect(one.raw).toMatch(/^inf_[0-9A-Za-z]{81}$/);
    expect(one.raw).not.toBe(two.raw);
    expect(one.keyId).not.toBe(two.keyId);
  });

  it("shows a prefix that names it and holds no secret", async () => {
    const { raw, prefix, keyId } = await makeKey(fakePorts().ports, ACCOUNT);
    expect(raw.startsWith(prefix)).toBe(true);
    expect(prefix).toHaveLength(25);
    expect(prefix.endsWith(keyId.slice("key_".length))).toBe(true);
  });

  it("is proved under both versions of the pepper, the current one first", async () => {
    const { ports } = fakePorts();
    const { raw } = await makeKey(ports, ACCOUNT);
    const { proofs } = await authenticate(ports, bearer(raw));
    expect(proofs.map((proof) => proof.pepperVersion)).toEqual([2, 1]);
    expect(new Set(proofs.map((proof) => proof.mac)).size).toBe(2);
  });

  it("made before the route key was rotated is still accepted, and no longer when that key is gone", async () => {
    const { raw } = await makeKey(fakePorts({ config: { routeKeys: [PREVIOUS] } }).ports, ACCOUNT);
    expect(await codeOf(fakePorts(), bearer(raw))).toBe("accepted");
    const rotated = fakePorts({ config: { routeKeys: [{ version: 3, value: "three" }, CURRENT] } });
    expect(await codeOf(rotated, bearer(raw))).toBe("401 invalid_api_key");
  });
});

describe("a key that we did not make", () => {
  it("is refused for every single character that is changed, without a call of the object", async () => {
    const fake = fakePorts();
    const { raw } = await makeKey(fake.ports, ACCOUNT);
    for (let at = 0; at < raw.length; at++) {
      const others = at < 4 ? ["x", "I", "-"] : [...ALPHABET].filter((character) => character !== raw[at]);
      for (const other of others) {
        const verdict = await codeOf(fake, bearer(withCharacter(raw, at, other)));
        if (verdict !== "401 invalid_api_key") expect([at, other, verdict]).toBe("refused");
      }
    }
    expect(await codeOf(fake, bearer(raw))).toBe("accepted");
  });

  it("is refused with any field forged and the checksum right, for its tag", async () => {
    const fake = fakePorts();
    const { raw } = await makeKey(fake.ports, ACCOUNT);
    const [version, jurisdiction, account, key, tag] = [4, 5, 6, 17, 68];
    for (const [at, character] of [
      [version, "1"],
      [jurisdiction, "u"],
      [account, "Z"],
      [key, raw[key] === "a" ? "b" : "a"],
      [tag, raw[tag] === "a" ? "b" : "a"],
    ] as const) {
      expect(await codeOf(fake, bearer(resealed(withCharacter(raw, at, character))))).toBe(
        "401 invalid_api_key",
      );
    }
  });

  it("with another secret is well-formed: only the object can tell", async () => {
    const fake = fakePorts();
    const { raw, proof } = await makeKey(fake.ports, ACCOUNT);
    const forged = resealed(withCharacter(raw, 30, raw[30] === "a" ? "b" : "a"));
    const { proofs } = await authenticate(fake.ports, bearer(forged));
    expect(proofs.map(({ mac }) => mac)).not.toContain(proof.mac);
  });

  it("is refused with a route key or a letter that does not exist, even where all else is right", async () => {
    const strange = { config: { routeKeys: [{ version: 7, value: "route-key-two" }] } };
    const { raw } = await makeKey(fakePorts(strange).ports, ACCOUNT);
    expect(await codeOf(fakePorts(), bearer(raw))).toBe("401 invalid_api_key");
    const lettered = await makeKey(fakePorts().ports, ACCOUNT);
    const letter = resealed(withCharacter(lettered.raw, 5, "x"));
    expect(await codeOf(fakePorts(), bearer(letter))).toBe("401 invalid_api_key");
  });

  it.each([
    "sk_",
    "inf_",
    "x".repeat(85),
    "inf_".padEnd(85, "0"),
    "inf_".padEnd(86, "0"),
    "inf_é".padEnd(85, "0"),
    "x".repeat(100_000),
  ])("is refused: %.20s…", async (key) => {
    expect(await codeOf(fakePorts(), bearer(key))).toBe("401 invalid_api_key");
  });

  it("is not remembered", async () => {
    const fake = fakePorts();
    await codeOf(fake, bearer("inf_0"));
    expect(fake.ports.callers.get("inf_0")).toBeUndefined();
  });
});

describe("the headers", () => {
  async function verdictOn(headers: (key: string) => Headers): Promise<string> {
    const fake = fakePorts();
    return codeOf(fake, headers((await makeKey(fake.ports, ACCOUNT)).raw));
  }

  it.each(["Bearer", "bearer", "BEARER", "bEaReR"])("take the scheme %s", async (scheme) => {
    expect(await verdictOn((key) => new Headers({ authorization: `${scheme} ${key}` }))).toBe("accepted");
  });

  it("take x-api-key", async () => {
    expect(await verdictOn((key) => new Headers({ "x-api-key": key }))).toBe("accepted");
  });

  it("take several spaces, as some clients send", async () => {
    expect(await verdictOn((key) => new Headers({ authorization: `Bearer   ${key} ` }))).toBe("accepted");
  });

  it.each([
    ["nothing at all", () => new Headers()],
    ["an empty header", () => new Headers({ authorization: "" })],
    ["an empty x-api-key", () => new Headers({ "x-api-key": "" })],
    ["a scheme without a key", () => new Headers({ authorization: "Bearer" })],
    ["another scheme", (key: string) => new Headers({ authorization: `Basic ${key}` })],
    ["a key without a scheme", (key: string) => new Headers({ authorization: key })],
    [
      "two Authorization headers",
      (key: string) =>
        new Headers([
          ["authorization", `Bearer ${key}`],
          ["authorization", `Bearer ${key}`],
        ]),
    ],
  ])("with %s are refused with missing_api_key", async (_, headers) => {
    expect(await verdictOn(headers)).toBe("401 missing_api_key");
  });

  it("let Authorization win: a bad one is not saved by x-api-key", async () => {
    const both = (key: string) => new Headers({ authorization: "Bearer inf_0", "x-api-key": key });
    expect(await verdictOn(both)).toBe("401 invalid_api_key");
  });
});

describe("remembering", () => {
  it("spares a known key its MACs and gives the same caller", async () => {
    const fake = fakePorts();
    const { raw } = await makeKey(fake.ports, ACCOUNT);
    const caller = await authenticate(fake.ports, bearer(raw));
    expect(await authenticate(fake.ports, new Headers({ "x-api-key": raw }))).toBe(caller);
  });
});

describe("ids", () => {
  it("have the widths that keys and logs rely on", () => {
    const { randomBytes } = fakePorts().ports;
    expect(makeAccountId(randomBytes)).toMatch(/^acct_[0-9A-Za-z]{11}$/);
    expect(makeRequestId(randomBytes)).toMatch(/^req_[0-9A-Za-z]{22}$/);
  });
});
