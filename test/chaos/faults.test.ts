// The tables of the fault suite as a whole: no fault of the list is missing, and each is met streamed and whole
// where both can be.
import { describe, expect, test } from "vitest";
import { ALL_CASES } from "../../chaos/faults.ts";

const ORIGIN = [
  "F10",
  "F11",
  "F12",
  "F13",
  "F14",
  "F15",
  "F16",
  "F17",
  "F19",
  "F21",
  "F22",
  "F23",
  "F27",
  "F29",
];
const REGION = ["F30"];
const CALLER = ["F32", "F33", "F34", "F35", "F36", "F37", "F39", "F40"];
/** What can only happen to a stream. */
const STREAMED_ONLY = ["F16", "F27", "F34", "F39", "F40"];

const modesOf = (fault: string) =>
  new Set(ALL_CASES.filter((one) => one.fault === fault).map(({ mode }) => mode));

test.each([...ORIGIN, ...REGION, ...CALLER])("%s is there, streamed and whole", (fault) => {
  const expected = STREAMED_ONLY.includes(fault) ? ["streamed"] : ["streamed", "whole"];
  expect([...modesOf(fault)].sort()).toEqual(expected);
});

test("no two cases have one name", () => {
  const names = ALL_CASES.map(({ fault, what, mode }) => `${fault} ${what} ${mode}`);
  expect(new Set(names).size).toBe(names.length);
});

describe("the short form", () => {
  const short = ALL_CASES.filter(({ isShort }) => isShort);

  test("is a third to a half of all", () => {
    expect(short.length / ALL_CASES.length).toBeGreaterThan(0.3);
    expect(short.length / ALL_CASES.length).toBeLessThan(0.5);
  });

  test("meets origins and callers, streamed and whole, and nothing that takes long", () => {
    const kinds = new Set(
      short.map(({ fault, mode }) => `${CALLER.includes(fault) ? "caller" : "origin"} ${mode}`),
    );
    expect(kinds.size).toBe(4);
    expect(Math.max(...short.map(({ seconds }) => seconds))).toBeLessThan(15);
  });
});
