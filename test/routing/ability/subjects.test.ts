import { describe, expect, it } from "vitest";
import { createStems, readStems } from "../../../src/routing/ability/document.ts";
import { readSubjects } from "../../../src/routing/ability/subjects.ts";
import { documentOf } from "../../../train/quality/documents.ts";
import { fitWords } from "../../../train/quality/fit-words.ts";

const TEXTS = ["the court heard the appeal", "the judge of the court", "the cell divides", "a cell membrane"];
const table = fitWords({
  documents: TEXTS.map(documentOf),
  labels: Uint8Array.of(0, 0, 1, 1),
  classes: 2,
  evidence: 1,
});

function subjectsOf(text: string): readonly number[] {
  const stems = createStems();
  const into = new Float32Array(2);
  readStems(text, stems);
  readSubjects(stems, table, into);
  return [...into];
}

describe("readSubjects", () => {
  it("knows a subject by its words, and by their other endings", () => {
    expect(subjectsOf("a courtroom appeal")[0]).toBeGreaterThan(0.5);
    expect(subjectsOf("membranes of cells")[1]).toBeGreaterThan(0.5);
  });

  it("gives probabilities, and the classes' shares where no word is known", () => {
    expect(subjectsOf("zzz qqq")).toEqual([0.5, 0.5]);
    const [law = 0, biology = 0] = subjectsOf("the court of the cell");
    expect(law + biology).toBeCloseTo(1, 6);
  });
});
