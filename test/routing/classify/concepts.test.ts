import { describe, expect, it } from "vitest";
import { createFoundConcepts, findConcepts } from "../../../src/routing/classify/concepts.ts";
import { createTokens, scanTokens } from "../../../src/routing/classify/tokens.ts";
import { CONCEPTS_FOLDER } from "../../../train/lib/data-folder.ts";
import { compileConcepts } from "../../../train/tasks/compile-concepts.ts";

const { names, table } = compileConcepts(CONCEPTS_FOLDER);
const tokens = createTokens();
const found = createFoundConcepts();

function conceptsOf(text: string): readonly string[] {
  scanTokens(text, tokens);
  findConcepts(tokens, table, found);
  return [...found.concepts.subarray(0, found.count)].map((concept) => names[concept] ?? "");
}

describe("findConcepts", () => {
  it.each([
    ["Write a poem about autumn", ["write", "poem"]],
    ["Schreibe ein Gedicht über den Herbst", ["write", "poem"]],
    ["Напиши стихотворение про осень", ["write", "poem"]],
    ["写一首关于秋天的诗", ["write", "poem"]],
    ["اكتب قصيدة عن الخريف", ["write", "poem"]],
    ["शरद ऋतु पर एक कविता लिखिए", ["write", "poem"]],
    ["가을에 대한 노래를 써줘", ["write", "poem"]],
    ["¿Por qué el cielo es azul?", ["why"]],
    ["なぜ空は青いの", ["why"]],
  ])("finds in %j what it speaks of", (text, expected) => {
    expect(conceptsOf(text)).toEqual(expect.arrayContaining([...expected]));
  });

  it("names each concept once, however often it comes", () => {
    const all = conceptsOf("write write a poem, a poem, poems");
    expect(new Set(all).size).toBe(all.length);
  });

  it("forgets the text before", () => {
    conceptsOf("write a poem");
    expect(conceptsOf("qqq zzz")).toEqual([]);
  });

  it("has room to end every search", () => {
    const empty = table.keys.filter((key) => key === 0).length;
    expect(empty / table.keys.length).toBeGreaterThanOrEqual(0.5);
  });
});
