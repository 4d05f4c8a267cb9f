import { describe, expect, it } from "vitest";
import { limitsOf, PLANS } from "../../src/domain/plan.ts";

describe("limits", () => {
  it("follow the plan: wire.md §2", () => {
    expect(Object.entries(PLANS).map(([plan, { rpm }]) => [plan, rpm])).toEqual([
      ["free", 100],
      ["pro", 1_000],
      ["team", 5_000],
      ["enterprise", null],
    ]);
    expect(limitsOf("pro", {})).toEqual({ rpm: 1_000 });
  });

  it("are what an operator set, where one set any: unlimited and nothing at all, too", () => {
    expect(limitsOf("free", { rpm: 7 })).toEqual({ rpm: 7 });
    expect(limitsOf("free", { rpm: null })).toEqual({ rpm: null });
    expect(limitsOf("enterprise", { rpm: 0 })).toEqual({ rpm: 0 });
  });
});
