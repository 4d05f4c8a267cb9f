import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hmacSha256, isEqualConstantTime } from "../../src/lib/hmac.ts";

describe("hmacSha256", () => {
  it("gives the value of RFC 4231, test case 2", async () => {
    const mac = await hmacSha256("Jefe", "what do ya want for nothing?");
    expect(Buffer.from(mac).toString("hex")).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });

  it("agrees with another implementation on any text", async () => {
    const secret = fc.string({ unit: "grapheme", minLength: 1 });
    await fc.assert(
      fc.asyncProperty(secret, fc.string({ unit: "grapheme" }), async (key, text) => {
        const wanted = createHmac("sha256", key).update(text).digest("hex");
        expect(Buffer.from(await hmacSha256(key, text)).toString("hex")).toBe(wanted);
      }),
      { numRuns: 50 },
    );
  });
});

describe("isEqualConstantTime", () => {
  it("is equality", () => {
    const near = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 4 });
    fc.assert(
      fc.property(near, near, (left, right) => {
        expect(isEqualConstantTime(left, right)).toBe(left === right);
      }),
    );
  });
});
