import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DIMENSIONS, embed } from "../../sim/embedding.ts";

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, part, index) => sum + part * (b[index] ?? 0), 0);

describe("an embedding", () => {
  it("is a unit vector of the length asked for, and always the same", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: DIMENSIONS }), (text, dimensions) => {
        const vector = embed("m", text, dimensions);
        expect(vector).toHaveLength(dimensions);
        expect(dot(vector, vector)).toBeCloseTo(1, 5);
        expect(embed("m", text, dimensions)).toEqual(vector);
      }),
      { numRuns: 30 },
    );
  });

  it("is nearer to a text that shares words than to one that shares none", () => {
    const [cat, kitten, stock] = ["the cat sat on the mat", "a cat on a mat", "quarterly revenue grew"].map(
      (text) => embed("m", text, DIMENSIONS),
    );
    expect(dot(cat ?? [], kitten ?? [])).toBeGreaterThan(dot(cat ?? [], stock ?? []) + 0.1);
  });
});
