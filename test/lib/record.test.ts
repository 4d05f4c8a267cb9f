import { describe, expect, it } from "vitest";
import { countOf, countOrNull, listOf, parseJson, recordOf } from "../../src/lib/record.ts";

describe("recordOf", () => {
  it("is the object itself", () => {
    const value = { a: 1 };
    expect(recordOf(value)).toBe(value);
  });

  it.each([null, undefined, 1, "a", true, [1]])("is empty for %j", (value) => {
    expect(recordOf(value)).toEqual({});
  });
});

describe("listOf", () => {
  it("is the list itself, and empty for everything else", () => {
    expect(listOf([1, null])).toEqual([1, null]);
    for (const value of [null, undefined, {}, "ab", { length: 2 }]) expect(listOf(value)).toEqual([]);
  });
});

describe("countOf", () => {
  it("is a whole number that is not negative", () => {
    expect(countOf(0)).toBe(0);
    expect(countOf(12)).toBe(12);
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "3", null, undefined, [3], true])(
    "is 0 for %j, or null where that is another thing than nothing",
    (value) => {
      expect(countOf(value)).toBe(0);
      expect(countOrNull(value)).toBeNull();
    },
  );

  it("tells a zero from none", () => {
    expect(countOrNull(0)).toBe(0);
    expect(countOrNull(12)).toBe(12);
  });
});

describe("parseJson", () => {
  it("is the value, and undefined where there is none", () => {
    expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
    expect(parseJson("null")).toBeNull();
    for (const text of ["", "{", "<html>", "undefined", "NaN"]) expect(parseJson(text)).toBeUndefined();
  });
});
