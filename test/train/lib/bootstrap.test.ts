import { describe, expect, it } from "vitest";
import { bootstrap, pick } from "../../../train/lib/bootstrap.ts";

const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("bootstrap", () => {
  it("gives the figure of all rows and an interval around it", () => {
    const values = Array.from({ length: 200 }, (_, i) => i % 2);
    const { value, low, high } = bootstrap(200, (rows) => meanOf(pick(values, rows)));
    expect(value).toBe(0.5);
    // 1.96 standard errors of a fair coin's share over 200 throws.
    const reach = 1.96 * Math.sqrt(0.25 / 200);
    expect(low).toBeCloseTo(0.5 - reach, 1);
    expect(high).toBeCloseTo(0.5 + reach, 1);
  });

  it("gives the same interval every time", () => {
    const figure = (rows: Uint32Array) => meanOf(pick([1, 5, 2, 8], rows));
    expect(bootstrap(4, figure)).toEqual(bootstrap(4, figure));
  });
});
