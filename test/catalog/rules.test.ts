import { describe, expect, it } from "vitest";
import { checkCatalog } from "../../src/catalog/check.ts";
import { type Draft, sampleAnd, sampleCatalog, sampleWith } from "./sample-catalog.ts";

function pathsOf(input: unknown): readonly string[] {
  const checked = checkCatalog(input);
  return checked.ok ? [] : checked.faults.map((fault) => fault.path);
}

const priced = { task: "text-generation", price: { input_per_mtok: 1, output_per_mtok: 1 } };

describe("names", () => {
  it("a region's id stands once", () => {
    expect(pathsOf(sampleAnd("regions", { id: "us-east" }))).toEqual(["regions[1].id"]);
  });

  it("a model's id stands once", () => {
    expect(pathsOf(sampleAnd("models", { id: "BAAI/bge-m3", ...priced }))).toEqual(["models[3].id"]);
  });

  it("an origin's id stands once", () => {
    const [origin] = sampleCatalog().origins;
    expect(pathsOf(sampleAnd("origins", origin))).toEqual(["origins[1].id"]);
  });

  it("a region and an origin may share one", () => {
    expect(pathsOf(sampleWith("origins", 0, { id: "us-east" }))).toEqual([]);
  });

  it("differ by case", () => {
    expect(pathsOf(sampleAnd("models", { id: "baai/bge-m3", ...priced }))).toEqual([]);
  });

  it("an alias is no model's id, wherever that stands", () => {
    expect(pathsOf(sampleWith("models", 0, { aliases: ["BAAI/bge-m3"] }))).toEqual(["models[0].aliases[0]"]);
    expect(pathsOf(sampleWith("models", 1, { aliases: ["Qwen/Qwen3-14B"] }))).toEqual([
      "models[1].aliases[0]",
    ]);
  });

  it("an alias is not its own model's id", () => {
    expect(pathsOf(sampleWith("models", 1, { aliases: ["BAAI/bge-m3"] }))).toEqual(["models[1].aliases[0]"]);
  });

  it("an alias stands once, in one model and in all", () => {
    expect(pathsOf(sampleWith("models", 1, { aliases: ["x", "qwen3-14b"] }))).toEqual([
      "models[1].aliases[1]",
    ]);
    expect(pathsOf(sampleWith("models", 1, { aliases: ["x", "x"] }))).toEqual(["models[1].aliases[1]"]);
  });
});

describe("references", () => {
  it("an origin stands in a region of the list", () => {
    expect(pathsOf(sampleWith("origins", 0, { region: "mars" }))).toEqual(["origins[0].region"]);
  });

  it("an origin serves models of the list, by id and not by alias", () => {
    const serves = [{ model: "BAAI/bge-m3" }, { model: "gone" }, { model: "qwen3-14b" }];
    expect(pathsOf(sampleWith("origins", 0, { serves }))).toEqual([
      "origins[0].serves[1].model",
      "origins[0].serves[2].model",
    ]);
  });

  it("an origin serves a model once, whatever it calls it", () => {
    const serves = [{ model: "BAAI/bge-m3" }, { model: "BAAI/bge-m3", as: "other" }];
    expect(pathsOf(sampleWith("origins", 0, { serves }))).toEqual(["origins[0].serves[1].model"]);
  });

  it("two origins may serve one model", () => {
    const [origin] = sampleCatalog().origins;
    expect(pathsOf(sampleAnd("origins", { ...origin, id: "us-east-2" }))).toEqual([]);
  });
});

describe("fields of one model", () => {
  function withModel(index: number, fields: Record<string, unknown>): Draft {
    const catalog = sampleCatalog();
    catalog.models[index] = { ...catalog.models[index], ...fields };
    return catalog;
  }

  it.each(["chat", "completions", "tools", "json", "vision"])("%s is for text generation", (capability) => {
    expect(pathsOf(withModel(0, { capabilities: [capability] }))).toEqual([]);
    expect(pathsOf(withModel(1, { capabilities: ["embeddings", capability] }))).toEqual([
      "models[1].capabilities[1]",
    ]);
    expect(pathsOf(withModel(2, { capabilities: [capability] }))).toEqual(["models[2].capabilities[0]"]);
  });

  it("embeddings are for embeddings", () => {
    expect(pathsOf(withModel(0, { capabilities: ["chat", "embeddings"] }))).toEqual([
      "models[0].capabilities[1]",
    ]);
  });

  it("a private model has an owner, and a public one has none", () => {
    const account = "acct_00000000001";
    expect(pathsOf(withModel(0, { visibility: "private", account }))).toEqual([]);
    expect(pathsOf(withModel(0, { visibility: "private", account: null }))).toEqual(["models[0].account"]);
    expect(pathsOf(withModel(0, { account }))).toEqual(["models[0].account"]);
  });

  it("output fits the context, given or not", () => {
    expect(pathsOf(withModel(0, { max_output_tokens: 8192 }))).toEqual([]);
    expect(pathsOf(withModel(0, { max_output_tokens: 8193 }))).toEqual(["models[0].max_output_tokens"]);
  });
});
