import { describe, expect, it } from "vitest";
import { bootstrap, pick } from "../../../train/lib/bootstrap.ts";

const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("bootstrap", () => {
  it("gives the figure of all rows and an interval around it", () => {
    const values = Array.from({ length: 200 }, (_, i) => i % 2);
    const { value, low, high, deviation } = bootstrap(200, (rows) => meanOf(pick(values, rows)));
    expect(value).toBe(0.5);
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
    // The standard error of a fair coin's share over 200 throws.
    expect(deviation).toBeCloseTo(Math.sqrt(0.25 / 200), 2);
  });

  it("gives the same interval every time", () => {
    const figure = (rows: Uint32Array) => meanOf(pick([1, 5, 2, 8], rows));
    expect(bootstrap(4, figure)).toEqual(bootstrap(4, figure));
  });
});
