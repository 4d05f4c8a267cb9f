import { describe, expect, it } from "vitest";
import { marked, type SlowMark } from "../../src/lib/slow-mark.ts";

/** A repeatable series of samples, evenly spread between two bounds. */
function series(count: number, from: number, to: number): number[] {
  let state = 1;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return from + ((to - from) * state) / 2_147_483_647;
  });
}

const markOf = (samples: readonly number[], before: SlowMark | null = null) =>
  samples.reduce<SlowMark | null>((mark, sample) => marked(mark, sample), before)?.ms ?? 0;

describe("a slow mark", () => {
  it("begins at the first sample", () => expect(marked(null, 120)).toEqual({ ms: 120, samples: 1 }));

  it("stands where about a twentieth of the samples is above it", () => {
    const samples = series(2_000, 100, 1_100);
    const ms = markOf(samples);
    const above = series(2_000, 100, 1_100).filter((sample) => sample > ms).length / 2_000;
    expect(above).toBeGreaterThan(0.01);
    expect(above).toBeLessThan(0.12);
  });

  it("finds a new level within some forty samples", () => {
    const settled = { ms: 100, samples: 1_000 };
    expect(markOf(series(40, 900, 1_000), settled)).toBeGreaterThan(880);
  });

  it("is not carried away by one sample", () => {
    expect(marked({ ms: 100, samples: 50 }, 60_000).ms).toBeLessThan(111);
  });

  it("is never below nothing", () => {
    expect(
      markOf(
        Array.from({ length: 500 }, () => 0),
        { ms: 3, samples: 9 },
      ),
    ).toBe(0);
  });
});
