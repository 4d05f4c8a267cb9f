import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64, base64url } from "../../src/lib/base64.ts";

describe("base64", () => {
  it("agrees with another implementation", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(base64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      }),
    );
  });

  it("takes bytes by the megabyte, beyond what a call may spread", () => {
    const bytes = Uint8Array.from({ length: 1_000_003 }, (_, at) => at % 251);
    expect(base64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
  });
});

describe("base64url", () => {
  it("has no padding and no character that a URL escapes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(base64url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
      }),
    );
  });
});
