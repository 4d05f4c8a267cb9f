import { describe, expect, it } from "vitest";
import { gram, solveSymmetric, zeros } from "../../../train/lib/matrix.ts";
import { createRandom } from "../../../train/lib/random.ts";

describe("solveSymmetric", () => {
  it("finds the x from which b was made", () => {
    const random = createRandom(3);
    const n = 7;
    const a = gram({ rows: 20, columns: n, data: Float64Array.from({ length: 20 * n }, random.next) }, 0.1);
    const x = Float64Array.from({ length: n * 2 }, random.next);
    const b = zeros(n, 2);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        for (let k = 0; k < 2; k++) {
          b.data[i * 2 + k] = (b.data[i * 2 + k] ?? 0) + (a.data[i * n + j] ?? 0) * (x[j * 2 + k] ?? 0);
        }
      }
    }
    for (const [i, value] of solveSymmetric(a, b).data.entries()) expect(value).toBeCloseTo(x[i] ?? 0, 6);
  });
});

describe("gram", () => {
  it("is symmetric, weighs rows and adds the ridge", () => {
    const x = { rows: 2, columns: 2, data: Float64Array.of(1, 2, 3, 4) };
    expect([...gram(x, 0.5, [1, 0]).data]).toEqual([1.5, 2, 2, 4.5]);
  });
});
