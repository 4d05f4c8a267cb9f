import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pathBehind } from "../../src/management/raw-path.ts";

function behind(rest: string): string {
  return pathBehind(`http://host:80/v1/models/${rest}`, "/v1/models/");
}

describe("pathBehind", () => {
  it.each([
    ["Qwen/Qwen3-14B", "Qwen/Qwen3-14B"],
    ["Qwen%2FQwen3-14B", "Qwen/Qwen3-14B"],
    ["Qwen%252FQwen3-14B", "Qwen%2FQwen3-14B"],
    ["Qwen/Qwen3-14B?wake=true", "Qwen/Qwen3-14B"],
    ["a#b", "a"],
    ["a/", "a/"],
    ["a//b", "a//b"],
    ["a/../b", "a/../b"],
    ["a%5Cb", "a\\b"],
    ["a%00", "a\0"],
    ["%zz", "%zz"],
    ["%ff", "%ff"],
    ["", ""],
  ])("reads %s as %j", (rest, name) => {
    expect(behind(rest)).toBe(name);
  });

  it("finds nothing behind another prefix", () => {
    expect(pathBehind("http://host/v1/mod%65ls/a", "/v1/models/")).toBe("");
    expect(pathBehind("http://host", "/v1/models/")).toBe("");
  });

  it("reads every name that was encoded once", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        expect(behind(encodeURIComponent(name))).toBe(name);
      }),
    );
  });
});
