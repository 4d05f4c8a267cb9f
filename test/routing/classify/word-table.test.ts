import { describe, expect, it } from "vitest";
import { createTokens, scanTokens } from "../../../src/routing/classify/tokens.ts";
import {
  buildWordTable,
  longestPhraseAt,
  stemsAt,
  valueAt,
} from "../../../src/routing/classify/word-table.ts";

const TABLE = buildWordTable([
  ["how", "how"],
  ["how do", "how do"],
  ["how do you say", "say"],
  ["trans*", "trans"],
  ["translat*", "translat"],
  ["über", "over"],
]);

function scanned(text: string) {
  const tokens = createTokens();
  scanTokens(text, tokens);
  return tokens;
}

const stemsOf = (text: string) => stemsAt(TABLE, scanned(text), 0);

describe("a word table", () => {
  it("lets the longest phrase speak alone", () => {
    expect(longestPhraseAt(TABLE, scanned("How do you say cat?"), 0)).toEqual(["say"]);
    expect(longestPhraseAt(TABLE, scanned("how do cats purr"), 0)).toEqual(["how do"]);
    expect(longestPhraseAt(TABLE, scanned("cats purr"), 0)).toBeUndefined();
  });

  it("finds no phrase across the end of a sentence", () => {
    expect(longestPhraseAt(TABLE, scanned("how? do it"), 0)).toEqual(["how"]);
  });

  it("finds every stem that a word begins with, and none inside it", () => {
    expect(stemsOf("translations")).toEqual(["trans", "translat"]);
    expect(stemsOf("a translation")).toEqual([]);
    expect(stemsOf("tra")).toEqual([]);
  });

  it("gives the word before its stems, the longest stem before the others", () => {
    expect(valueAt(TABLE, scanned("Über"), 0)).toBe("over");
    expect(valueAt(TABLE, scanned("translating"), 0)).toBe("translat");
    expect(valueAt(TABLE, scanned("12"), 0)).toBeUndefined();
  });
});
