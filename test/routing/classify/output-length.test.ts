import { describe, expect, it } from "vitest";
import { classify } from "../../../src/routing/classify/classify.ts";
import { prompt } from "../fixtures.ts";

function tokensFor(text: string): number {
  return classify(prompt(text), []).expectedOutputTokens;
}

describe("expectedOutputTokens", () => {
  it.each([
    ["Write an essay of 500 words about rain", 700],
    ["Answer in one sentence: why is ice slippery?", 25],
    ["Give me ten short ideas for a picnic", 300],
    ["Escribe un cuento de 300 palabras", 480],
    ["写一篇800字的作文", 880],
    ["three paragraphs on the moon", 330],
  ])("%s: about %i", (text, tokens) => {
    expect(tokensFor(text)).toBe(tokens);
  });

  it("takes no number without a unit for a length", () => {
    expect(tokensFor("Who won the cup in 1998?")).toBeLessThan(500);
  });

  it("follows the text for translations and stays short for labels", () => {
    const text = "The old mill stood by the river for two hundred years before it burned down. ".repeat(10);
    const translated = tokensFor(`Translate into German:\n\n${text}`);
    expect(translated).toBeGreaterThan(text.length / 8);
    expect(translated).toBeLessThan(text.length / 2);
    expect(tokensFor(`Is the sentiment positive or negative?\n\n${text}`)).toBeLessThan(60);
  });

  it("is bounded however much is asked or pasted", () => {
    expect(tokensFor("Write 4999 pages")).toBe(8_000);
    expect(tokensFor(`Translate into German:\n\n${"word ".repeat(200_000)}`)).toBe(8_000);
  });
});
