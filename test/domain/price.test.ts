import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Model, Price } from "../../src/domain/catalog.ts";
import {
  affordableOutputTokens,
  costOf,
  costOfWorstCase,
  estimateInputTokens,
  worstCase,
} from "../../src/domain/price.ts";
import { NO_USAGE, type Usage } from "../../src/domain/usage.ts";
import { sampleModel } from "./sample-target.ts";

const tokens = fc.integer({ min: 0, max: 100_000_000 });
/** USD at the sixth place, as the micro-dollar rate it stands for. */
const rate = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 10_000_000 }),
  fc.integer({ min: 1, max: 1e11 }),
);

const used = (fields: Partial<Usage>): Usage => ({ ...NO_USAGE, ...fields });

function ceilDivide(numerator: bigint, denominator: bigint): number {
  return Number((numerator + denominator - 1n) / denominator);
}

describe("estimateInputTokens", () => {
  it("takes a token for three bytes, rounded up, and eight for each message", () => {
    expect(estimateInputTokens({ bytes: 0, messages: 0 })).toBe(0);
    expect(estimateInputTokens({ bytes: 1, messages: 1 })).toBe(9);
    expect(estimateInputTokens({ bytes: 7, messages: 2 })).toBe(19);
  });
});

describe("costOf", () => {
  const price: Price = { input_per_mtok: 0.06, cached_input_per_mtok: 0.03, output_per_mtok: 0.24 };

  it("rounds up once, not per part", () => {
    expect(costOf(price, used({ inputTokens: 1, outputTokens: 1 }))).toBe(1);
    expect(costOf(price, used({ inputTokens: 10, outputTokens: 10 }))).toBe(3);
    expect(costOf(price, used({}))).toBe(0);
  });

  it("bills cached input tokens once, at their own price", () => {
    expect(costOf(price, used({ inputTokens: 1_000_000, cachedInputTokens: 400_000 }))).toBe(48_000);
  });

  it("bills them as the others where no price for them stands", () => {
    const uncached = { ...price, cached_input_per_mtok: null };
    expect(costOf(uncached, used({ inputTokens: 1_000_000, cachedInputTokens: 400_000 }))).toBe(60_000);
  });

  it("is exactly the ceiling of the sum, however large", () => {
    fc.assert(
      fc.property(
        tokens,
        tokens,
        tokens,
        fc.tuple(rate, rate, rate),
        (input, cachedTokens, output, rates) => {
          const cached = Math.min(input, cachedTokens);
          const [inputRate, cachedRate, outputRate] = rates;
          const sum =
            BigInt(input - cached) * BigInt(inputRate) +
            BigInt(cached) * BigInt(cachedRate) +
            BigInt(output) * BigInt(outputRate);
          const charged = costOf(
            {
              input_per_mtok: inputRate / 1e6,
              cached_input_per_mtok: cachedRate / 1e6,
              output_per_mtok: outputRate / 1e6,
            },
            used({ inputTokens: input, cachedInputTokens: cached, outputTokens: output }),
          );
          expect(charged).toBe(ceilDivide(sum, 1_000_000n));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("is exactly the ceiling of GPU time by the minute", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 }), rate, (gpuMs, perMinute) => {
        const charged = costOf({ gpu_per_minute: perMinute / 1e6 }, used({ gpuMs }));
        expect(charged).toBe(ceilDivide(BigInt(gpuMs) * BigInt(perMinute), 60_000n));
      }),
      { numRuns: 1_000 },
    );
  });

  it("never falls when more was used", () => {
    fc.assert(
      fc.property(tokens, tokens, fc.nat(1_000), (inputTokens, outputTokens, more) => {
        const less = costOf(price, used({ inputTokens, outputTokens }));
        expect(
          costOf(price, used({ inputTokens, outputTokens: outputTokens + more })),
        ).toBeGreaterThanOrEqual(less);
      }),
    );
  });

  it("throws rather than be inexact", () => {
    expect(() => costOf({ gpu_per_minute: 100_000 }, used({ gpuMs: 2 ** 53 - 1 }))).toThrow(RangeError);
  });
});

describe("affordableOutputTokens", () => {
  const realRate = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1e9 }));
  const tokenPriced = fc.tuple(realRate, realRate).map(
    ([input, output]): Price => ({
      input_per_mtok: input / 1e6,
      cached_input_per_mtok: null,
      output_per_mtok: output / 1e6,
    }),
  );
  const gpuPriced = realRate.map((perMinute): Price => ({ gpu_per_minute: perMinute / 1e6 }));
  const prefill = fc.oneof(
    fc.constantFrom(1, 3, 7, 100, 5_000, 1e8),
    fc.double({ min: 0.5, max: 1e6, noNaN: true }),
  );
  const model = fc
    .tuple(fc.oneof(tokenPriced, gpuPriced), prefill)
    .map(([price, speed]) => sampleModel({ price, prefill_tokens_per_s: speed }));
  const inputTokens = fc.integer({ min: 0, max: 200_000 });

  const costWith = (priced: Model, input: number, output: number) =>
    costOfWorstCase(priced, worstCase(priced, input, output));

  it("never costs more than the hold, and one token more would", () => {
    fc.assert(
      fc.property(
        model,
        inputTokens,
        fc.oneof(fc.nat(1_000_000), fc.integer({ min: 0, max: 1e9 })),
        (priced, input, held) => {
          const affordable = affordableOutputTokens(priced, input, held);
          expect(affordable).toBeGreaterThanOrEqual(0);
          if (affordable === Number.POSITIVE_INFINITY) {
            expect(costWith(priced, input, 1_000_000)).toBeLessThanOrEqual(held);
            return;
          }
          if (affordable > 0) expect(costWith(priced, input, affordable)).toBeLessThanOrEqual(held);
          expect(costWith(priced, input, affordable + 1)).toBeGreaterThan(held);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("gives back what a hold for exactly so many tokens was sized by", () => {
    fc.assert(
      fc.property(model, inputTokens, fc.integer({ min: 1, max: 100_000 }), (priced, input, output) => {
        const held = costWith(priced, input, output);
        expect(affordableOutputTokens(priced, input, held)).toBeGreaterThanOrEqual(output);
      }),
      { numRuns: 2_000 },
    );
  });

  it("stays exact for holds of more than 9,007 USD", () => {
    const price = { input_per_mtok: 0, cached_input_per_mtok: null, output_per_mtok: 99.999_999 };
    const held = costWith(sampleModel({ price }), 0, 800_000_001);
    expect(affordableOutputTokens(sampleModel({ price }), 0, held)).toBe(800_000_001);
  });

  it("is nothing where the input alone costs more, even when output is free", () => {
    const price = { input_per_mtok: 1, cached_input_per_mtok: null, output_per_mtok: 0 };
    expect(affordableOutputTokens(sampleModel({ price }), 1_000, 999)).toBe(0);
    expect(affordableOutputTokens(sampleModel({ price }), 1_000, 1_000)).toBe(Number.POSITIVE_INFINITY);
  });
});
