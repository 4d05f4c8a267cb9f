import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countTokens, splitTokens, textOfTokenIds, tokenId } from "../../sim/tokens.ts";

describe("the tokenizer", () => {
  it("gives words their leading space and marks a token each", () => {
    expect(splitTokens("Hello, big world!\n\n- yes")).toEqual([
      "Hello",
      ",",
      " big",
      " world",
      "!",
      "\n\n",
      "-",
      " yes",
    ]);
  });

  it("loses nothing: the pieces joined are the text", () => {
    const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
    fc.assert(
      fc.property(texts, (text) => {
        expect(splitTokens(text).join("")).toBe(text);
      }),
    );
  });

  it("counts what it splits", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(countTokens(text)).toBe(splitTokens(text).length);
      }),
    );
  });

  it("breaks endless words", () => {
    expect(countTokens("a".repeat(1200))).toBe(100);
  });

  it("never splits a code point", () => {
    for (const token of splitTokens("a 👩‍💻 b 🇪🇺")) expect(token.isWellFormed()).toBe(true);
  });

  it("gives token ids their words back, one each", () => {
    expect(countTokens(textOfTokenIds([1, 2, 3]))).toBe(3);
    expect(tokenId(" cache")).toBe(tokenId(" cache"));
  });
});
