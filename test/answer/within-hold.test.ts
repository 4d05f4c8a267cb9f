import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withinHold } from "../../src/answer/within-hold.ts";
import type { Price } from "../../src/domain/catalog.ts";
import { costOf } from "../../src/domain/price.ts";
import type { Usage } from "../../src/domain/usage.ts";
import { sampleTarget } from "../domain/sample-target.ts";

const used = (fields: Partial<Usage>): Usage => ({
  inputTokens: 10,
  cachedInputTokens: 0,
  outputTokens: 5,
  gpuMs: 7,
  estimated: false,
  ...fields,
});
const priced = (price: Price) => sampleTarget({ model: { price } });

const rate = fc.integer({ min: 0, max: 500_000_000 }).map((micro) => micro / 1_000_000);
const prices: fc.Arbitrary<Price> = fc.oneof(
  fc.record({ gpu_per_minute: rate }),
  fc.record({
    input_per_mtok: rate,
    cached_input_per_mtok: fc.option(rate),
    output_per_mtok: rate,
  }),
);
const claims: fc.Arbitrary<Usage> = fc
  .record({
    inputTokens: fc.nat(2_000_000),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    outputTokens: fc.nat(100_000),
    gpuMs: fc.nat(100_000_000),
  })
  .map(({ share, ...counts }) =>
    used({ ...counts, cachedInputTokens: Math.floor(counts.inputTokens * share) }),
  );

describe("a bill within its hold", () => {
  it("is never above it, untouched where it was not, marked where it was", () => {
    fc.assert(
      fc.property(prices, claims, fc.nat(10_000_000), (price, claim, held) => {
        const billed = withinHold(priced(price), claim, held);
        expect(costOf(price, billed)).toBeLessThanOrEqual(held);
        if (costOf(price, claim) <= held) expect(billed).toBe(claim);
        else expect(billed.estimated).toBe(true);
        expect(billed.cachedInputTokens).toBeLessThanOrEqual(billed.inputTokens);
        for (const part of ["inputTokens", "outputTokens", "gpuMs"] as const) {
          expect(billed[part]).toBeLessThanOrEqual(claim[part]);
          expect(billed[part]).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it("is the most that the hold pays for: input goes, output stays", () => {
    const target = priced({ input_per_mtok: 1, cached_input_per_mtok: null, output_per_mtok: 2 });
    expect(withinHold(target, used({ inputTokens: 1_000, cachedInputTokens: 900 }), 100)).toEqual(
      used({ inputTokens: 90, cachedInputTokens: 90, estimated: true }),
    );
  });

  it("cuts output where the hold does not even pay for that", () => {
    const target = priced({ input_per_mtok: 1, cached_input_per_mtok: null, output_per_mtok: 2 });
    expect(withinHold(target, used({ outputTokens: 80 }), 100)).toEqual(
      used({ inputTokens: 0, outputTokens: 50, estimated: true }),
    );
  });

  it("cuts the time alone where time is paid", () => {
    expect(withinHold(priced({ gpu_per_minute: 0.06 }), used({ gpuMs: 90_000 }), 1_000)).toEqual(
      used({ gpuMs: 1_000, estimated: true }),
    );
  });
});
