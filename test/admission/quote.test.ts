import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outputLimit, quote } from "../../src/admission/quote.ts";
import type { Price, Target } from "../../src/domain/catalog.ts";
import { costOfWorstCase, estimateInputTokens, worstCase } from "../../src/domain/price.ts";
import { sampleInference, sampleRoute, sampleTarget } from "../domain/sample-target.ts";

const rate = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1e8 }));
const price: fc.Arbitrary<Price> = fc.oneof(
  fc.tuple(rate, rate).map(([input, output]) => ({
    input_per_mtok: input / 1e6,
    cached_input_per_mtok: null,
    output_per_mtok: output / 1e6,
  })),
  rate.map((perMinute) => ({ gpu_per_minute: perMinute / 1e6 })),
);
const target = fc
  .record({
    price,
    context_length: fc.integer({ min: 1, max: 200_000 }),
    max_output_tokens: fc.integer({ min: 1, max: 100_000 }),
    prefill_tokens_per_s: fc.integer({ min: 1, max: 20_000 }),
  })
  .map((model) => sampleTarget({ model }));
const targets = fc.array(target, { minLength: 1, maxLength: 4 });
const inference = fc
  .record({
    choices: fc.integer({ min: 0, max: 8 }),
    maxOutputTokens: fc.option(fc.integer({ min: 1, max: 200_000 })),
    bytes: fc.nat(300_000),
    messages: fc.integer({ min: 1, max: 50 }),
  })
  .map(({ choices, maxOutputTokens, bytes, messages }) =>
    sampleInference({
      choices,
      maxOutputTokens,
      prompt: { text: "", system: "", turns: 1, size: { bytes, messages } },
    }),
  );

type Asked = ReturnType<typeof sampleInference>;

function costAt(asked: Asked, { model }: Target, tokensPerChoice: number): number {
  const inputTokens = estimateInputTokens(asked.prompt.size);
  return costOfWorstCase(model, worstCase(model, inputTokens, tokensPerChoice * asked.choices));
}

describe("a limit of output", () => {
  it("is never more than the hold pays for", () => {
    fc.assert(
      fc.property(inference, target, fc.nat(1e9), (asked, each, held) => {
        const limit = outputLimit(asked, each, held);
        if (limit === 0) return;
        expect(costAt(asked, each, limit ?? 0)).toBeLessThanOrEqual(held);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is never more than was asked for, nor than the model can give", () => {
    fc.assert(
      fc.property(inference, target, fc.nat(1e9), (asked, each, held) => {
        const limit = outputLimit(asked, each, held) ?? 0;
        expect(limit).toBeLessThanOrEqual(asked.maxOutputTokens ?? Number.POSITIVE_INFINITY);
        expect(limit).toBeLessThanOrEqual(each.model.max_output_tokens);
        expect(Number.isInteger(limit)).toBe(true);
      }),
    );
  });

  it("does not cut short what the caller asked for: all of it, or the target is passed over", () => {
    const asked = sampleInference({ maxOutputTokens: 1_000, choices: 2 });
    const each = sampleTarget();
    const cost = costAt(asked, each, 1_000);
    expect(outputLimit(asked, each, cost)).toBe(1_000);
    expect(outputLimit(asked, each, cost - 1)).toBe(0);
  });

  it("is cut to what the hold pays where the caller asked for none", () => {
    const asked = sampleInference({ choices: 2 });
    const each = sampleTarget();
    expect(outputLimit(asked, each, costAt(asked, each, 100))).toBeGreaterThanOrEqual(100);
    expect(outputLimit(asked, each, costAt(asked, each, 100))).toBeLessThan(110);
    expect(outputLimit(asked, each, 0)).toBe(0);
  });

  it("leaves room for the prompt in the context", () => {
    const size = { bytes: 3_000, messages: 0 };
    const asked = sampleInference({ prompt: { text: "", system: "", turns: 1, size } });
    const each = sampleTarget({ model: { context_length: 2_000, max_output_tokens: 2_000 } });
    expect(outputLimit(asked, each, 1e9)).toBe(750);
  });

  it("does not exist for wires without output, but the input must be paid", () => {
    const asked = sampleInference({ choices: 0 });
    const each = sampleTarget({
      model: { price: { input_per_mtok: 1, cached_input_per_mtok: null, output_per_mtok: 0 } },
    });
    expect(outputLimit(asked, each, 10)).toBeNull();
    expect(outputLimit(asked, each, 9)).toBe(0);
  });

  it("passes a target over whose input alone costs more than the hold, though its output is free", () => {
    const asked = sampleInference({ maxOutputTokens: 5 });
    const each = sampleTarget({
      model: { price: { input_per_mtok: 1, cached_input_per_mtok: null, output_per_mtok: 0 } },
    });
    expect(outputLimit(asked, each, 9)).toBe(0);
    expect(outputLimit(asked, each, 10)).toBe(5);
  });
});

describe("a quote", () => {
  it("asks for no less than nothing and no more at least than at most", () => {
    fc.assert(
      fc.property(inference, targets, (asked, route) => {
        const { leastMicroUsd, mostMicroUsd } = quote(asked, sampleRoute(route)).hold;
        expect(leastMicroUsd).toBeGreaterThanOrEqual(0);
        expect(mostMicroUsd).toBeGreaterThanOrEqual(leastMicroUsd);
      }),
    );
  });

  it("at its most pays for every target of the route", () => {
    fc.assert(
      fc.property(inference, targets, (asked, route) => {
        const { mostMicroUsd } = quote(asked, sampleRoute(route)).hold;
        for (const each of route) {
          const limit = outputLimit(asked, each, mostMicroUsd);
          if (asked.choices === 0) expect(limit).toBeNull();
          else if (asked.maxOutputTokens === null) expect(limit).toBeGreaterThan(0);
          else expect(limit).toBe(Math.min(asked.maxOutputTokens, each.model.max_output_tokens));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("at its least pays for the first target whole where a limit was set", () => {
    fc.assert(
      fc.property(inference, targets, (asked, route) => {
        const [first] = route;
        if (first === undefined || asked.maxOutputTokens === null || asked.choices === 0) return;
        const { leastMicroUsd } = quote(asked, sampleRoute(route)).hold;
        const wanted = Math.min(asked.maxOutputTokens, first.model.max_output_tokens);
        expect(outputLimit(asked, first, leastMicroUsd)).toBe(wanted);
      }),
      { numRuns: 1_000 },
    );
  });

  it("at its least pays some target at least a token where none was set", () => {
    fc.assert(
      fc.property(inference, targets, (asked, route) => {
        if (asked.maxOutputTokens !== null || asked.choices === 0) return;
        const { leastMicroUsd } = quote(asked, sampleRoute(route)).hold;
        const limits = route.map((each) => outputLimit(asked, each, leastMicroUsd) ?? 0);
        expect(Math.max(...limits)).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("counts for the minute's tokens what the most talkative target could use", () => {
    const size = { bytes: 300, messages: 1 };
    const prompt = { text: "", system: "", turns: 1, size };
    const inputTokens = estimateInputTokens(size);
    const small = sampleTarget({ model: { max_output_tokens: 100 } });
    const large = sampleTarget({ model: { max_output_tokens: 1_000 } });
    const open = sampleInference({ prompt, choices: 2 });
    expect(quote(open, sampleRoute([small, large])).tokens).toBe(inputTokens + 2_000);
    const limited = sampleInference({ prompt, choices: 2, maxOutputTokens: 7 });
    expect(quote(limited, sampleRoute([small, large])).tokens).toBe(inputTokens + 14);
    const embedded = sampleInference({ prompt, choices: 0 });
    expect(quote(embedded, sampleRoute([small])).tokens).toBe(inputTokens);
  });

  it("counts no fewer tokens than any of its targets may be asked for", () => {
    fc.assert(
      fc.property(inference, targets, (asked, route) => {
        const { tokens, hold } = quote(asked, sampleRoute(route));
        const inputTokens = estimateInputTokens(asked.prompt.size);
        for (const each of route) {
          const perChoice = outputLimit(asked, each, hold.mostMicroUsd) ?? 0;
          expect(tokens).toBeGreaterThanOrEqual(inputTokens + perChoice * asked.choices);
        }
      }),
    );
  });

  it("asks for GPU time only where it is billed: for the longest of those targets", () => {
    const asked = sampleInference({ maxOutputTokens: 100, choices: 1 });
    const inputTokens = estimateInputTokens(asked.prompt.size);
    const byToken = sampleTarget();
    const byMinute = sampleTarget({ model: { price: { gpu_per_minute: 0.1 } } });
    const slow = sampleTarget({ model: { price: { gpu_per_minute: 0.1 }, prefill_tokens_per_s: 1 } });
    const gpuMsOn = (...route: readonly Target[]) => quote(asked, sampleRoute(route)).gpuMs;
    expect(gpuMsOn(byToken)).toBe(0);
    expect(gpuMsOn(byToken, byMinute)).toBe(worstCase(byMinute.model, inputTokens, 100).gpuMs);
    expect(gpuMsOn(byMinute, slow, byToken)).toBe(worstCase(slow.model, inputTokens, 100).gpuMs);
    expect(gpuMsOn(byMinute)).toBeLessThan(gpuMsOn(slow));
  });
});
