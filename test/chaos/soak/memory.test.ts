import { expect, it } from "vitest";
import { slopeOf } from "../../../chaos/soak/memory.ts";

it("slopeOf finds the growth through noise, and none in too few samples", () => {
  const samples = Array.from({ length: 100 }, (_, n) => ({ minute: n / 10, mb: 80 + n / 5 + (n % 2) }));
  expect(slopeOf(samples)).toBeCloseTo(2, 1);
  expect(slopeOf([])).toBe(0);
  expect(slopeOf([{ minute: 3, mb: 5 }])).toBe(0);
});
