import fc from "fast-check";
import { expect, it } from "vitest";
import { add, clear, createSparseVector } from "../../../train/lib/sparse-vector.ts";

const COLUMNS = 64;
const entries = fc.array(fc.tuple(fc.nat(COLUMNS - 1), fc.integer({ min: -8, max: 8 })), { maxLength: 200 });

it("adds up per column and forgets all when cleared", () => {
  const vector = createSparseVector(COLUMNS);
  fc.assert(
    fc.property(entries, (list) => {
      clear(vector);
      const sums = new Map<number, number>();
      for (const [column, value] of list) {
        add(vector, column, value);
        sums.set(column, (sums.get(column) ?? 0) + value);
      }
      expect(vector.length).toBe(sums.size);
      for (let i = 0; i < vector.length; i++) {
        expect(vector.values[i]).toBe(sums.get(vector.indices[i] ?? -1));
      }
    }),
  );
});
