import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goDuration } from "../../src/lib/go-duration.ts";

describe("goDuration", () => {
  it.each([
    [0, "0s"],
    [-5, "0s"],
    [1, "1ms"],
    [12, "12ms"],
    [0.2, "1ms"],
    [999, "999ms"],
    [999.5, "1s"],
    [1_000, "1s"],
    [1_500, "1.5s"],
    [1_234, "1.234s"],
    [59_999, "59.999s"],
    [60_000, "1m0s"],
    [90_500, "1m30.5s"],
    [360_000, "6m0s"],
    [3_599_999, "59m59.999s"],
    [3_600_000, "1h0m0s"],
    [3_660_001, "1h1m0.001s"],
    [90_000_000, "25h0m0s"],
  ])("writes %d ms as Go does: %s", (ms, text) => {
    expect(goDuration(ms)).toBe(text);
  });

  it("reads back as the same duration, rounded up to a millisecond", () => {
    const FORM = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d{1,3})?)s)?$|^(\d+)ms$/;
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (ms) => {
        const [, hours = "0", minutes = "0", seconds = "0", milliseconds = "0"] =
          FORM.exec(goDuration(ms)) ?? [];
        const read = Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(milliseconds);
        expect(Math.round(read + Number(seconds) * 1_000)).toBe(Math.ceil(ms));
      }),
    );
  });
});
