import { describe, expect, it } from "vitest";
import { DEFAULT_TIMING, decodeMs, gpuMs, prefillMs } from "../../sim/gpu.ts";

describe("the GPU's clock", () => {
  it("prefills in proportion to tokens and parameters", () => {
    expect(prefillMs(DEFAULT_TIMING, 1, 64_000)).toBeCloseTo(1000);
    expect(prefillMs(DEFAULT_TIMING, 14, 64_000)).toBeCloseTo(14_000);
  });

  it("decodes slower with parameters and with each further request in the batch", () => {
    expect(decodeMs(DEFAULT_TIMING, 14, 1)).toBeCloseTo(11);
    expect(decodeMs(DEFAULT_TIMING, 70, 1)).toBeCloseTo(24);
    expect(decodeMs(DEFAULT_TIMING, 14, 51)).toBeCloseTo(22);
  });

  it("bills whole milliseconds, at least one, whatever the scale", () => {
    const work = { promptTokens: 1000, steps: 100 };
    expect(gpuMs({ ...DEFAULT_TIMING, scale: 0 }, 14, work)).toBe(gpuMs(DEFAULT_TIMING, 14, work));
    expect(gpuMs(DEFAULT_TIMING, 0.1, { promptTokens: 1, steps: 0 })).toBe(1);
  });
});
