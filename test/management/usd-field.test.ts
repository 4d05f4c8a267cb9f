import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { usdField } from "../../src/management/usd-field.ts";

const field = usdField(1_000_000);

describe("usdField", () => {
  it("takes every amount of whole micro-dollars", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), (micro) => {
        expect(field.safeParse(Number((micro / 1e6).toFixed(6))).success).toBe(true);
      }),
    );
  });

  it.each([0.0000001, 1.2345678, 999_999.9999999, -0.01, 1_000_000.01, Number.NaN, Infinity, "1"])(
    "refuses %s",
    (amount) => {
      expect(field.safeParse(amount).success).toBe(false);
    },
  );
});
