import { describe, expect, it } from "vitest";
import { limitsOf, PLANS } from "../../src/domain/plan.ts";

describe("limits", () => {
  it("follow the plan: wire.md §2", () => {
    const rows = Object.entries(PLANS).map(([plan, { rpm, tpm, concurrency, gpuHours }]) => [
      plan,
      rpm,
      tpm,
      concurrency,
      gpuHours,
    ]);
    expect(rows).toEqual([
      ["free", 100, 200_000, 20, 10],
      ["pro", 1_000, 2_000_000, 200, 100],
      ["team", 5_000, 10_000_000, 1_000, 500],
      ["enterprise", null, null, null, null],
    ]);
    expect(limitsOf("pro", {})).toEqual({ rpm: 1_000, tpm: 2_000_000, concurrency: 200, gpuHours: 100 });
  });

  it("are what an operator set, where one set any: unlimited and nothing at all, too", () => {
    const { rpm: _rpm, ...rest } = PLANS.free;
    expect(limitsOf("free", { rpm: 7 })).toEqual({ ...rest, rpm: 7 });
    expect(limitsOf("free", { rpm: null })).toEqual({ ...rest, rpm: null });
    expect(limitsOf("enterprise", { rpm: 0 })).toEqual({ ...PLANS.enterprise, rpm: 0 });
    const all = { rpm: 1, tpm: 2, concurrency: 3, gpuHours: 0.5 };
    expect(limitsOf("team", all)).toEqual(all);
  });
});
