import { describe, expect, it } from "vitest";
import { retryAfterMs } from "../../src/lib/retry-after.ts";

const DAY_MS = 86_400_000;
const NOW = "Wed, 21 Oct 2026 07:28:00 GMT";

describe("retryAfterMs", () => {
  it.each([
    ["0", 0],
    ["1", 1_000],
    ["120", 120_000],
    [" 5 ", 5_000],
    ["0.5", 500],
    ["86401", DAY_MS],
    ["99999999999999999999", DAY_MS],
  ])("reads seconds: %j", (value, ms) => {
    expect(retryAfterMs(new Headers({ "retry-after": value }))).toBe(ms);
  });

  it("prefers milliseconds, rounded up", () => {
    expect(retryAfterMs(new Headers({ "retry-after-ms": "12.3", "retry-after": "60" }))).toBe(13);
    expect(retryAfterMs(new Headers({ "retry-after-ms": "1e99", "retry-after": "60" }))).toBe(60_000);
  });

  it.each([
    ["Wed, 21 Oct 2026 07:28:30 GMT", 30_000],
    ["Wed, 21 Oct 2026 07:27:00 GMT", 0],
    ["Wed, 21 Oct 2099 07:28:00 GMT", DAY_MS],
  ])("reads a date against the answer's own: %s", (until, ms) => {
    expect(retryAfterMs(new Headers({ "retry-after": until, date: NOW }))).toBe(ms);
  });

  it("cannot read a date where the answer has none", () => {
    expect(retryAfterMs(new Headers({ "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT" }))).toBeNull();
    expect(retryAfterMs(new Headers({ "retry-after": NOW, date: "whenever" }))).toBeNull();
  });

  it.each(["", "-5", "soon", "1e3", "0x10", "NaN", "Infinity", "maybe 2030", "5 seconds", "٥", "1,5"])(
    "takes %j for nothing",
    (value) => {
      expect(retryAfterMs(new Headers({ date: NOW }))).toBeNull();
      const headers = new Headers({ date: NOW });
      if (value !== "٥") headers.set("retry-after", value);
      expect(retryAfterMs(headers)).toBeNull();
    },
  );
});
