import { describe, expect, it } from "vitest";
import { contentLikeness } from "../../../src/routing/ability/content-likeness.ts";
import { createStems, readStems, STEM_BUCKETS } from "../../../src/routing/ability/document.ts";

const OWN = "enzyme kidney";
const OTHER = "holiday letter";

/** Stems of OWN speak for the own rows and the second of two subjects, those of OTHER against both. */
const words = new Int8Array(STEM_BUCKETS);
const subjectWords = new Int8Array(STEM_BUCKETS * 2);
for (const [text, sign] of [
  [OWN, 1],
  [OTHER, -1],
] as const) {
  const stems = createStems();
  readStems(text, stems);
  for (const bucket of stems.buckets.subarray(0, stems.count)) {
    words[bucket] = 100 * sign;
    subjectWords[2 * bucket] = -100;
    subjectWords[2 * bucket + 1] = 100 * sign;
  }
}
const own = { kindShares: Float32Array.of(0, 1), words, wordScale: 0.01 };
const subjects = { classes: 2, words: subjectWords, wordScale: 0.01, bias: new Float32Array(2) };
const USUAL = Float32Array.of(0.2, 0.8);

function likenessOf(text: string, kinds = USUAL, table = subjects): number {
  const stems = createStems();
  readStems(text, stems);
  return contentLikeness({ stems, kinds }, own, table);
}

describe("contentLikeness", () => {
  it("is whole for own words in usual kinds, however they are written", () => {
    for (const text of [OWN, OWN.toUpperCase(), "(A) enzyme\n- kidney", "1. Kidney? 2. Enzyme."]) {
      expect(likenessOf(text)).toBe(1);
    }
  });

  it("is nothing for everyone's words", () => {
    expect(likenessOf(OTHER)).toBe(0);
  });

  it("is nothing in kinds the own rows are never of", () => {
    expect(likenessOf(OWN, Float32Array.of(1, 0))).toBe(0);
  });

  it("is nothing where no subject explains the words", () => {
    const against = { ...subjects, words: new Int8Array(STEM_BUCKETS * 2).fill(-100) };
    expect(likenessOf(OWN, USUAL, against)).toBe(0);
  });

  it("is nothing without subjects and without words", () => {
    expect(likenessOf(OWN, USUAL, { ...subjects, classes: 1 })).toBe(0);
    expect(likenessOf("")).toBe(0);
  });
});
