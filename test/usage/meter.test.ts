import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../src/domain/frame.ts";
import { NO_USAGE, type Usage, type UsageReport } from "../../src/domain/usage.ts";
import { clamp, meter, observe, usageFrom, usageOf } from "../../src/usage/meter.ts";

const BOUNDS = { inputTokens: 12, maxInputTokens: 1_000, maxOutputTokens: 100, maxGpuMs: 10_000 };

const frame = (fields: Partial<Frame>): Frame => ({
  kind: "content",
  text: "{}",
  usage: null,
  createdS: null,
  hasContent: false,
  said: null,
  finishedChoices: 0,
  failure: null,
  ...fields,
});
const used = (inputTokens: number, outputTokens: number, fields: Partial<Usage> = {}): Usage => ({
  ...NO_USAGE,
  inputTokens,
  outputTokens,
  ...fields,
});

const report = (inputTokens: number | null, outputTokens: number | null): UsageReport => ({
  inputTokens,
  cachedInputTokens: 0,
  outputTokens,
  gpuMs: 0,
});

function metered(...frames: readonly Partial<Frame>[]): Usage {
  const counts = meter();
  for (const fields of frames) observe(counts, frame(fields));
  return usageOf(counts, BOUNDS);
}

describe("the meter", () => {
  it("takes the origin's own counts", () => {
    expect(metered({ hasContent: true }, { hasContent: true }, { usage: report(11, 7) })).toEqual(
      used(11, 7),
    );
  });

  it("takes the last of several reports, as an origin that counts along sends them", () => {
    const frames = [1, 2, 3].map((outputTokens) => ({ usage: report(11, outputTokens) }));
    expect(metered(...frames)).toEqual(used(11, 3));
  });

  it("takes every content frame for a token where nothing was reported, and says so", () => {
    const usage = metered({ hasContent: true }, { hasContent: false }, { hasContent: true });
    expect(usage).toEqual(used(12, 2, { estimated: true }));
  });

  it("counts nothing where nothing was produced: the request costs nothing", () => {
    expect(metered()).toEqual(NO_USAGE);
    expect(metered({}, { finishedChoices: 1 })).toEqual(NO_USAGE);
  });

  it("does not count more frames than tokens were allowed", () => {
    const frames = Array<Partial<Frame>>(150).fill({ hasContent: true });
    expect(metered(...frames).outputTokens).toBe(100);
  });

  it("adds up the choices that ended", () => {
    const counts = meter();
    observe(counts, frame({ finishedChoices: 2 }));
    observe(counts, frame({ finishedChoices: 1 }));
    expect(counts.finishedChoices).toBe(3);
  });
});

describe("a report of the origin", () => {
  const content = { hasContent: true };

  it.each<[string, UsageReport, Usage]>([
    ["no input", report(null, 7), used(12, 7, { estimated: true })],
    ["no output", report(11, null), used(11, 3, { estimated: true })],
    ["an input of nothing", report(0, 7), used(12, 7, { estimated: true })],
    ["an output of nothing, though there is some", report(11, 0), used(11, 3, { estimated: true })],
    ["nothing of both", report(0, 0), used(12, 3, { estimated: true })],
  ])("with %s gets our own count in its place, marked, and keeps the other", (_what, usage, expected) => {
    expect(metered(content, content, content, { usage })).toEqual(expected);
  });

  it("of no output where there was none is believed", () => {
    expect(metered({ usage: report(11, 0) })).toEqual(used(11, 0));
  });

  it("lacks no output where the wire has none", () => {
    const bounds = { ...BOUNDS, maxOutputTokens: 0 };
    expect(usageFrom(report(11, null), 0, bounds)).toEqual(used(11, 0));
    expect(usageFrom(report(null, null), 0, bounds)).toEqual(used(12, 0, { estimated: true }));
  });

  it("never makes an answer free that has something in it", () => {
    const count = fc.option(fc.nat(200));
    fc.assert(
      fc.property(count, count, fc.integer({ min: 1, max: 50 }), (input, output, own) => {
        const usage = usageFrom(report(input, output), own, BOUNDS);
        expect(usage.inputTokens).toBeGreaterThan(0);
        expect(usage.outputTokens).toBeGreaterThan(0);
        const isTaken = usage.inputTokens === input && usage.outputTokens === output;
        expect(usage.estimated).toBe(!isTaken);
      }),
    );
  });
});

describe("clamp", () => {
  it("leaves a claim that can be true as it is", () => {
    const usage = used(1_000, 100, { cachedInputTokens: 1_000, gpuMs: 5 });
    expect(clamp(usage, BOUNDS)).toEqual(usage);
  });

  it("cuts what cannot be true, the cached part with it, and marks it", () => {
    const usage = used(5_000, 101, { cachedInputTokens: 4_000, gpuMs: 5 });
    expect(clamp(usage, BOUNDS)).toEqual(
      used(1_000, 100, { cachedInputTokens: 1_000, gpuMs: 5, estimated: true }),
    );
  });

  it("believes no GPU time longer than the request ran, and marks what it cut", () => {
    expect(clamp(used(1, 1, { gpuMs: 10_000 }), BOUNDS)).toEqual(used(1, 1, { gpuMs: 10_000 }));
    expect(clamp(used(1, 1, { gpuMs: 10_001 }), BOUNDS)).toEqual(
      used(1, 1, { gpuMs: 10_000, estimated: true }),
    );
  });

  it("never lets a claim cost more than the bounds, and marks every cut", () => {
    const nat = fc.maxSafeNat();
    fc.assert(
      fc.property(nat, nat, nat, nat, (input, cached, output, gpuMs) => {
        const claim = used(input, output, { cachedInputTokens: cached, gpuMs });
        const usage = clamp(claim, BOUNDS);
        expect(usage.gpuMs).toBeLessThanOrEqual(BOUNDS.maxGpuMs);
        const isCut = usage.inputTokens < input || usage.outputTokens < output || usage.gpuMs < gpuMs;
        expect(usage.estimated).toBe(isCut);
        expect(usage.inputTokens).toBeLessThanOrEqual(BOUNDS.maxInputTokens);
        expect(usage.outputTokens).toBeLessThanOrEqual(BOUNDS.maxOutputTokens);
        expect(usage.cachedInputTokens).toBeLessThanOrEqual(usage.inputTokens);
      }),
    );
  });
});
