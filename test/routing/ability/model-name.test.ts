import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalName } from "../../../src/routing/ability/model-name.ts";

describe("canonicalName", () => {
  it("drops case, pack prefix and owner", () => {
    expect(canonicalName("lr/Qwen2.5-7B-Instruct")).toBe("qwen2.5-7b-instruct");
    expect(canonicalName("Qwen/Qwen2.5-7B-Instruct")).toBe("qwen2.5-7b-instruct");
    expect(canonicalName("rb/claude-v2")).toBe("claude-v2");
  });

  it("knows RouterBench's names for models others name in full", () => {
    expect(canonicalName("rb/mistralai/mixtral-8x7b-chat")).toBe(
      canonicalName("mistralai/Mixtral-8x7B-Instruct-v0.1"),
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(canonicalName(canonicalName(name))).toBe(canonicalName(name));
      }),
    );
  });
});
