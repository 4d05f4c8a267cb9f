import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base62, isBase62, randomBase62 } from "../../src/lib/base62.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function numberOf(text: string): bigint {
  return [...text].reduce((sum, character) => sum * 62n + BigInt(ALPHABET.indexOf(character)), 0n);
}

describe("base62", () => {
  it("writes a big-endian integer, padded to its width", () => {
    expect(base62(Uint8Array.of(0), 3)).toBe("000");
    expect(base62(Uint8Array.of(61), 2)).toBe("0z");
    expect(base62(Uint8Array.of(62), 2)).toBe("10");
    expect(base62(Uint8Array.of(1, 0), 2)).toBe("48");
  });

  it("keeps the number, whatever its bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        const text = base62(bytes, 11);
        expect(text).toHaveLength(11);
        expect(numberOf(text)).toBe(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
      }),
    );
  });

  it("holds 4, 8 and 32 bytes in the 6, 11 and 43 characters of a key", () => {
    for (const [length, width] of [
      [4, 6],
      [8, 11],
      [32, 43],
    ] as const) {
      expect(base62(new Uint8Array(length).fill(255), width)).toHaveLength(width);
    }
  });

  it("throws rather than cut a number short", () => {
    expect(() => base62(Uint8Array.of(62), 1)).toThrow(RangeError);
  });
});

describe("randomBase62", () => {
  it("draws four bytes a character and knows no other character", () => {
    const asked: number[] = [];
    const text = randomBase62(500, (length) => {
      asked.push(length);
      return crypto.getRandomValues(new Uint8Array(length));
    });
    expect(asked).toEqual([2_000]);
    expect(text).toMatch(/^[0-9A-Za-z]{500}$/);
    expect(new Set(text).size).toBeGreaterThan(40);
  });

  it("follows its dice, even where they lie in a bigger buffer", () => {
    const bytes = Uint8Array.of(9, 9, 9, 9, 0, 0, 0, 61, 0, 0, 0, 62);
    expect(randomBase62(2, () => bytes.subarray(4))).toBe("z0");
  });
});

describe("isBase62", () => {
  it("is true for letters and digits alone", () => {
    expect(isBase62(ALPHABET)).toBe(true);
    for (const text of ["a-b", "a_b", "a b", "é", "a\n", "٣"]) expect(isBase62(text)).toBe(false);
  });
});
