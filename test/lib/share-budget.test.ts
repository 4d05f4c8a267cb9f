import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shareBudget } from "../../src/lib/share-budget.ts";

describe("a share budget", () => {
  it("gives a share of what was counted, and what is free", () => {
    const budget = shareBudget({ share: 0.2, free: 2 });
    for (let request = 0; request < 10; request++) budget.count(1_000);
    const spends = Array.from({ length: 6 }, () => budget.spend(1_000));
    expect(spends).toEqual([true, true, true, true, false, false]);
  });

  it("forgets both after ten seconds", () => {
    const budget = shareBudget({ share: 1, free: 1 });
    budget.count(0);
    expect([budget.spend(0), budget.spend(0), budget.spend(0)]).toEqual([true, true, false]);
    expect(budget.spend(9_999)).toBe(false);
    expect([budget.spend(10_000), budget.spend(10_000)]).toEqual([true, false]);
  });

  it("never gives more within any ten seconds than they earned, and never less", () => {
    const events = fc.array(
      fc.record({ isSpend: fc.boolean(), passMs: fc.integer({ min: 0, max: 4_000 }) }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 3 }), (list, free) => {
        const share = 0.25;
        const budget = shareBudget({ share, free });
        const counted: number[] = [];
        const spent: number[] = [];
        let nowMs = 1_700_000_000_000;
        for (const { isSpend, passMs } of list) {
          nowMs += passMs;
          const isWithin = (atMs: number) => Math.floor(nowMs / 1_000) - Math.floor(atMs / 1_000) < 10;
          if (!isSpend) {
            budget.count(nowMs);
            counted.push(nowMs);
            continue;
          }
          const earned = share * counted.filter(isWithin).length + free;
          const isGiven = budget.spend(nowMs);
          expect(isGiven).toBe(spent.filter(isWithin).length + 1 <= earned);
          if (isGiven) spent.push(nowMs);
        }
      }),
    );
  });

  it("forgets nothing while the clock runs backwards", () => {
    const budget = shareBudget({ share: 0, free: 1 });
    expect(budget.spend(60_000)).toBe(true);
    expect(budget.spend(1_000)).toBe(false);
  });
});
