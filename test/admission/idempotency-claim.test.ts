import { describe, expect, it } from "vitest";
import { idempotencyClaim } from "../../src/admission/idempotency-claim.ts";

const PATH = "/v1/chat/completions";
const claimOf = (key: string | null, body: unknown = {}, path = PATH) =>
  idempotencyClaim(new Headers(key === null ? {} : { "idempotency-key": key }), path, body);

describe("an Idempotency-Key", () => {
  it("claims nothing where there is none", async () => {
    expect(await claimOf(null)).toBeNull();
  });

  it("stands for its endpoint: the same key on another is another claim", async () => {
    expect((await claimOf("k-1"))?.place).toBe(`${PATH} k-1`);
    expect((await claimOf("k-1", {}, "/v1/completions"))?.place).toBe("/v1/completions k-1");
  });

  it("hashes the body as it was understood: SHA-256, base64url", async () => {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode('{"a":1}')));
    expect((await claimOf("k", { a: 1 }))?.bodyHash).toBe(Buffer.from(digest).toString("base64url"));
    expect((await claimOf("k", JSON.parse('{ "a" :\n1 }')))?.bodyHash).toBe(
      (await claimOf("k", { a: 1 }))?.bodyHash,
    );
  });

  it("tells every other body apart", async () => {
    const bodies = [{ a: 1 }, { a: 2 }, { a: "1" }, { a: 1, b: null }, { b: 1 }, []];
    const hashes = await Promise.all(bodies.map(async (body) => (await claimOf("k", body))?.bodyHash));
    expect(new Set(hashes).size).toBe(bodies.length);
  });

  it.each(["a", "x".repeat(255), '"quoted"', "~!@#$%^&*()_+-=[]{}|;:,.<>/?"])("may be %s", async (key) => {
    expect((await claimOf(key))?.place).toBe(`${PATH} ${key}`);
  });

  it.each(["", "x".repeat(256), "two words", "tab\there", "ümlaut", "\u007f"])(
    "may not be %j",
    async (key) => {
      const error = await claimOf(key).catch((cause) => cause);
      expect(error).toMatchObject({
        code: "invalid_value",
        status: 400,
        details: { param: "idempotency-key" },
      });
    },
  );
});
