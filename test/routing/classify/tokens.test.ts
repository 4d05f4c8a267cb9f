import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createTokens,
  DENSE,
  MAX_TOKENS,
  NUMBER,
  scanTokens,
  WORD,
} from "../../../src/routing/classify/tokens.ts";

const tokens = createTokens();

function words(text: string): readonly string[] {
  scanTokens(text, tokens);
  return Array.from({ length: tokens.count }, (_, i) =>
    String.fromCharCode(...tokens.codes.subarray(tokens.starts[i] ?? 0, tokens.starts[i + 1] ?? 0)),
  );
}

function hashes(text: string): readonly number[] {
  scanTokens(text, tokens);
  return [...tokens.hashes.subarray(0, tokens.count)];
}

describe("scanTokens", () => {
  it.each([
    ["Don’t STOP, Élan!", ["dont", "stop", "elan"]],
    ["pleeeease", ["pleease"]],
    ["C++ and C#, node_modules", ["c++", "and", "c#", "node_modules"]],
    ["v2 of 3,000", ["v", "2", "of", "3", "000"]],
    ["写一首诗", ["写", "一", "首", "诗"]],
    ["Ёлка й", ["елка", "й"]],
    ["한국어로 번역", ["한국어로", "번역"]],
    ["", []],
    [" .\n! ", []],
  ])("reads %j as %j", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it("tells words, numbers and characters of dense scripts apart", () => {
    words("ab 12 写");
    expect([...tokens.kinds.subarray(0, 3)]).toEqual([WORD, NUMBER, DENSE]);
  });

  it("marks what opens a sentence or a line", () => {
    words("one two. three\nfour");
    expect([...tokens.opens.subarray(0, 4)]).toEqual([1, 0, 1, 1]);
  });

  it("does not care for case, accents and spaces", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."abcé ñüxyz"), maxLength: 60 });
    fc.assert(
      fc.property(letters, (text) => {
        const plain = hashes(text);
        expect(hashes(`  ${text.toUpperCase().replaceAll(" ", "   ")} `)).toEqual(plain);
        expect(hashes(text.normalize("NFC").replaceAll("é", "e"))).toEqual(plain);
      }),
    );
  });

  it("takes any text, and no more of it than its bound", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        scanTokens(text.repeat(40), tokens);
        expect(tokens.count).toBeLessThanOrEqual(MAX_TOKENS);
      }),
    );
    scanTokens("a ".repeat(5_000), tokens);
    expect(tokens.count).toBe(MAX_TOKENS);
  });
});
