import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { count, type Histogram, merge, pack, quantile, unpackInto } from "../../src/lib/histogram.ts";

function histogramOf(values: readonly number[]): Histogram {
  const histogram: Histogram = new Map();
  for (const value of values) count(histogram, value);
  return histogram;
}

function nearestRank(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.max(1, Math.ceil(sorted.length * share)) - 1] ?? Number.NaN;
}

const times = fc.array(fc.nat({ max: 900_000 }), { minLength: 1, maxLength: 200 });

describe("a histogram", () => {
  it("tells quantiles within a bucket's width of the exact ones", () => {
    fc.assert(
      fc.property(times, fc.constantFrom(0.01, 0.5, 0.95, 1), (values, share) => {
        const exact = nearestRank(values, share);
        const told = quantile(histogramOf(values), share) ?? Number.NaN;
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact / 32);
      }),
    );
  });

  it("is exact below 64", () => {
    for (let value = 0; value < 64; value++) expect(quantile(histogramOf([value]), 0.5)).toBe(value);
  });

  it("merged with another equals that of both", () => {
    fc.assert(
      fc.property(times, times, (left, right) => {
        const merged = histogramOf(left);
        merge(merged, histogramOf(right));
        expect(merged).toEqual(histogramOf([...left, ...right]));
      }),
    );
  });

  it("comes back as it was packed", () => {
    fc.assert(
      fc.property(times, (values) => {
        const unpacked: Histogram = new Map();
        unpackInto(unpacked, pack(histogramOf(values)));
        expect(unpacked).toEqual(histogramOf(values));
      }),
    );
  });

  it("has no quantiles while it is empty", () => {
    expect(quantile(new Map(), 0.5)).toBeNull();
  });

  it.each([-5, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 0.4])(
    "takes %s for a number in range",
    (value) => {
      const told = quantile(histogramOf([value]), 0.5) ?? -1;
      expect(told).toBeGreaterThanOrEqual(0);
      expect(told).toBeLessThan(2 ** 31);
    },
  );
});
