import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeScript } from "../../sim/text.ts";
import { splitTokens } from "../../sim/tokens.ts";

const keys = fc.record({ key: fc.string(), ask: fc.string() });

describe("a script", () => {
  it("is a pure function of its key", () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(writeScript(key, 0)).toEqual(writeScript(key, 0));
      }),
    );
  });

  it("drawn longer begins with the shorter one and ends by itself at the same place", () => {
    fc.assert(
      fc.property(keys, fc.nat(400), (key, atLeast) => {
        const short = writeScript(key, 0);
        const long = writeScript(key, atLeast);
        expect(long.endsAt).toBe(short.endsAt);
        expect(long.tokens.slice(0, short.tokens.length)).toEqual(short.tokens);
        expect(long.tokens.length).toBeGreaterThanOrEqual(atLeast);
      }),
    );
  });

  it("ends by itself after 20 to about 120 tokens", () => {
    for (let index = 0; index < 300; index += 1) {
      const { endsAt } = writeScript({ key: `key ${index}`, ask: "Write some code" }, 0);
      expect(endsAt).toBeGreaterThanOrEqual(20);
      expect(endsAt).toBeLessThanOrEqual(130);
    }
  });

  it("is made of the tokenizer's own tokens", () => {
    const { tokens } = writeScript({ key: "any", ask: "" }, 2000);
    expect(splitTokens(tokens.join(""))).toEqual(tokens);
  });

  it("knows several hundred words, and characters beyond ASCII", () => {
    const text = writeScript({ key: "any", ask: "" }, 20_000).tokens.join("");
    expect(new Set(text.toLowerCase().match(/\p{L}+/gu)).size).toBeGreaterThan(300);
    expect(text).toMatch(/👩‍💻/u);
    expect(text).toMatch(/東京/u);
  });

  it("holds a block of the language asked for", () => {
    const { tokens } = writeScript({ key: "k", ask: "Write a Python function for primes" }, 0);
    expect(tokens.join("")).toMatch(/```python\n[\s\S]+```/);
  });
});
