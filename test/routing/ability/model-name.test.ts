import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalName, familyName } from "../../../src/routing/ability/model-name.ts";

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

  it("drops the tariff and the quantisation, but no tag that tells the size", () => {
    for (const name of ["acme/One-7B:free", "one-7b-awq", "one-7b-fp8:nitro", "One-7B-GGUF"]) {
      expect(canonicalName(name)).toBe("one-7b");
    }
    expect(canonicalName("one:7b")).not.toBe(canonicalName("one:70b"));
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(canonicalName(canonicalName(name))).toBe(canonicalName(name));
      }),
    );
  });
});

describe("familyName", () => {
  it("is the same for releases of one model, and another for other models", () => {
    expect(familyName("mixtral-8x7b-instruct-v0.1")).toBe(familyName("mixtral-8x7b"));
    expect(familyName("gpt-4-1106-preview")).toBe(familyName("gpt-4"));
    expect(familyName("gpt-4o")).not.toBe(familyName("gpt-4"));
    expect(familyName("llama-3-8b")).not.toBe(familyName("llama-3-70b"));
  });

  it("is never empty for a name", () => {
    expect(familyName("-chat")).toBe("-chat");
  });
});
