import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faultOfModelId } from "../../src/catalog/model-id.ts";

describe("faultOfModelId", () => {
  it.each([
    "Qwen/Qwen3-14B",
    "meta-llama/Llama-3.3-70B-Instruct",
    "gpt2",
    "a/b/c",
    "llama:free",
    "my-openai/x",
    "Inference/x",
    "x/generated",
    "x/models",
    "asr/small",
  ])("lets %j be a model", (id) => {
    expect(faultOfModelId(id)).toBeNull();
  });

  const FIRST = ["inference", "openai", "jobs", "models", "messages", "responses", "chat", "completions"];
  it.each([...FIRST, "embeddings", "audio", "keys"])("reserves the first segment %s", (segment) => {
    expect(faultOfModelId(`${segment}/x`)).toContain("first segment");
    expect(faultOfModelId(segment)).not.toBeNull();
    expect(faultOfModelId(`x/${segment}`)).toBeNull();
  });

  it.each(["health", "generate", "stream"])("reserves the last segment %s", (segment) => {
    expect(faultOfModelId(`x/${segment}`)).toContain("last segment");
    expect(faultOfModelId(segment)).not.toBeNull();
    expect(faultOfModelId(`${segment}/x`)).toBeNull();
  });

  it.each([
    "text-generation",
    "text-generation/stream",
    "text-classification",
    "image-classification",
    "embeddings",
    "object-detection",
    "asr",
  ])("reserves the task path %s", (id) => {
    expect(faultOfModelId(id)).toContain("path of a task");
  });

  it("reserves auto", () => {
    expect(faultOfModelId("auto")).toContain('"auto"');
    expect(faultOfModelId("x/auto")).toBeNull();
  });

  const BROKEN = ["", "a/../b", "..", "a..b", "a//b", "/a", "a/", "a\0b", "a\\b", "a b", "a\tb", " a", "a\n"];
  it.each([...BROKEN, "*", "Qwen/*", "a/./b", "a%2fb", "a?b", "a#b", "é", "Qwеn"])("refuses %j", (id) => {
    expect(faultOfModelId(id)).not.toBeNull();
  });

  it("takes 200 characters and no more", () => {
    expect(faultOfModelId("x".repeat(200))).toBeNull();
    expect(faultOfModelId("x".repeat(201))).toContain("200 characters");
  });

  it("lets nothing pass that a URL would change", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab./%\\?#:@ *~+-_\0") }), (id) => {
        fc.pre(faultOfModelId(id) === null);
        expect(new URL(`http://host/v1/models/${id}`).pathname).toBe(`/v1/models/${id}`);
      }),
    );
  });
});
