import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admits, matchesPattern, readPool, unmatchedEntry } from "../../src/routing/pool.ts";
import { CATALOG, LARGE, MIDDLE, SMALL } from "./fixtures.ts";

describe("matchesPattern", () => {
  it.each([
    ["Qwen/*", "Qwen/Qwen3-14B", true],
    ["Qwen/*", "Qwen/a/b", false],
    ["*", "gpt", true],
    ["*", "Qwen/Qwen3-14B", false],
    ["*/*", "Qwen/Qwen3-14B", true],
    ["*/Llama-*-Instruct", "meta-llama/Llama-3.1-70B-Instruct", true],
    ["Qwen/*-14B", "Qwen/Qwen3-8B", false],
    ["qwen/*", "Qwen/Qwen3-14B", false],
    ["Qwen/**B", "Qwen/Qwen3-14B", true],
    ["", "Qwen", false],
    ["Qwen/.*", "Qwen/Qwen3", false],
  ])("%s against %s is %s", (pattern, id, isMatch) => {
    expect(matchesPattern(pattern, id)).toBe(isMatch);
  });

  it("agrees with a regular expression that spells out the rule", () => {
    const piece = fc.string({ unit: fc.constantFrom("a", "b", "/", "*"), maxLength: 8 });
    const id = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 10 });
    fc.assert(
      fc.property(piece, id, (pattern, name) => {
        const spelled = new RegExp(`^${pattern.replaceAll("/", "\\/").replaceAll("*", "[^/]*")}$`);
        expect(matchesPattern(pattern, name)).toBe(spelled.test(name));
      }),
    );
  });

  it("does not stall on patterns made of stars", () => {
    const pattern = `${"*a".repeat(100)}b`;
    const startedAtMs = performance.now();
    expect(matchesPattern(pattern, "a".repeat(250))).toBe(false);
    expect(performance.now() - startedAtMs).toBeLessThan(50);
  });
});

describe("pools", () => {
  it("no pool admits every model", () => {
    expect(admits(null, LARGE)).toBe(true);
  });

  it("an empty pool admits none", () => {
    expect(admits(readPool([], CATALOG), LARGE)).toBe(false);
  });

  it("an alias stands for its model", () => {
    const pool = readPool(["qwen-small"], CATALOG);
    expect(admits(pool, SMALL)).toBe(true);
    expect(admits(pool, MIDDLE)).toBe(false);
  });

  it("names the first entry that matches nothing", () => {
    const models = [SMALL, MIDDLE];
    expect(unmatchedEntry(readPool(["Qwen/*", "no/such"], CATALOG), models, CATALOG)).toBe("no/such");
    expect(unmatchedEntry(readPool(["meta-llama/*"], CATALOG), models, CATALOG)).toBe("meta-llama/*");
    expect(unmatchedEntry(readPool(["Qwen/*", "qwen-small"], CATALOG), models, CATALOG)).toBeNull();
  });
});
