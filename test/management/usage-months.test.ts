import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { monthOf, USAGE_RETENTION_MS } from "../../src/domain/usage-log.ts";
import { monthsWithin } from "../../src/management/usage-months.ts";

const DAY_MS = 86_400_000;

describe("months", () => {
  it("come newest first, the end left out", () => {
    const months = monthsWithin(Date.parse("2026-11-30T23:59:59.999Z"), Date.parse("2027-02-01T00:00:00Z"));
    expect(months).toEqual(["2027-01", "2026-12", "2026-11"]);
  });

  it("are five at most within 90 days", () => {
    const months = monthsWithin(Date.parse("2026-01-31T12:00:00Z"), Date.parse("2026-05-01T12:00:00Z"));
    expect(months).toEqual(["2026-05", "2026-04", "2026-03", "2026-02", "2026-01"]);
  });

  it("are none where nothing lies between", () => {
    expect(monthsWithin(5, 5)).toEqual([]);
    expect(monthsWithin(9, 5)).toEqual([]);
  });

  it("hold every instant within the retention", () => {
    const end = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2060, 0) });
    fc.assert(
      fc.property(
        end,
        fc.nat({ max: USAGE_RETENTION_MS }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (toMs, length, at) => {
          const fromMs = toMs - length;
          const instant = Math.floor(fromMs + at * (length - 1));
          fc.pre(instant >= fromMs && instant < toMs);
          const months = monthsWithin(fromMs, toMs);
          expect(months).toContain(monthOf(instant));
          expect(new Set(months).size).toBe(months.length);
          expect(months.length).toBeLessThanOrEqual(Math.ceil(length / (28 * DAY_MS)) + 1);
        },
      ),
    );
  });
});
