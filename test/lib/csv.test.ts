import { describe, expect, it } from "vitest";
import { csv } from "../../src/lib/csv.ts";

const cellOf = (value: unknown) => csv(["a"], [{ a: value }]).slice("a\r\n".length, -"\r\n".length);

describe("csv", () => {
  it("has a header row, also without rows", () => {
    expect(csv(["a", "b"], [])).toBe("a,b\r\n");
  });

  it("keeps the order of the columns, and empty what a row lacks", () => {
    expect(csv(["b", "a", "c"], [{ a: 1, b: true, c: null }, {}])).toBe("b,a,c\r\ntrue,1,\r\n,,\r\n");
  });

  it.each([
    ["plain", "plain"],
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\nlines", '"two\nlines"'],
    [[{ a: 1 }], '"[{""a"":1}]"'],
  ])("quotes %j", (value, cell) => {
    expect(cellOf(value)).toBe(cell);
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"],
    ["-2+3", "'-2+3"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
  ])("marks the formula %j as text", (value, cell) => {
    expect(cellOf(value)).toBe(cell);
  });

  it.each([-5, "-5", "+1.5", "-1e3", -0.25])("leaves the number %j alone", (value) => {
    expect(cellOf(value)).toBe(String(value));
  });
});
