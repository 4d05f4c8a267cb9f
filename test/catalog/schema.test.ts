import { describe, expect, it } from "vitest";
import { checkCatalog } from "../../src/catalog/check.ts";
import type { CatalogRows } from "../../src/domain/catalog.ts";
import { sampleCatalog, sampleWith } from "./sample-catalog.ts";

function rowsOf(input: unknown): CatalogRows {
  const checked = checkCatalog(input);
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  return checked.rows;
}

describe("defaults of a region", () => {
  it.each([
    ["name", "us-east"],
    ["lat", null],
    ["lon", null],
    ["jurisdiction", null],
  ] as const)("%s is %j", (field, value) => {
    expect(rowsOf(sampleCatalog()).regions[0]?.[field]).toBe(value);
  });
});

describe("defaults of a model", () => {
  it.each([
    ["owned_by", "inferbase"],
    ["parameters_b", null],
    ["context_length", 8192],
    ["max_output_tokens", 8192],
    ["capabilities", ["chat", "completions"]],
    ["visibility", "public"],
    ["account", null],
    ["fast", false],
    ["ability", {}],
    ["prefill_tokens_per_s", 5000],
    ["timeouts", null],
  ] as const)("%s is %j", (field, value) => {
    expect(rowsOf(sampleCatalog()).models[0]?.[field]).toEqual(value);
  });

  it("max_output_tokens follows the context_length given", () => {
    const [model] = rowsOf(sampleWith("models", 0, { context_length: 40960 })).models;
    expect(model?.max_output_tokens).toBe(40960);
  });

  it("capabilities follow the task", () => {
    const models = rowsOf(sampleCatalog()).models;
    expect(models.map((model) => model.capabilities)).toEqual([["chat", "completions"], ["embeddings"], []]);
  });

  it("an empty list of capabilities stays empty", () => {
    expect(rowsOf(sampleWith("models", 0, { capabilities: [] })).models[0]?.capabilities).toEqual([]);
  });

  it("aliases are none", () => {
    expect(rowsOf(sampleCatalog()).models[1]?.aliases).toEqual([]);
  });

  it("a price per cached token is null, where input costs what it costs", () => {
    expect(rowsOf(sampleCatalog()).models[0]?.price).toEqual({
      input_per_mtok: 0.06,
      cached_input_per_mtok: null,
      output_per_mtok: 0.24,
    });
  });

  it("output costs nothing where a task has none", () => {
    const [, embeddings] = rowsOf(sampleWith("models", 1, { price: { input_per_mtok: 0.01 } })).models;
    expect(embeddings?.price).toEqual({
      input_per_mtok: 0.01,
      cached_input_per_mtok: null,
      output_per_mtok: 0,
    });
  });

  it("a price per GPU minute stands alone", () => {
    expect(rowsOf(sampleCatalog()).models[2]?.price).toEqual({ gpu_per_minute: 0.008 });
  });

  it("timeouts given in part are filled up", () => {
    const [model] = rowsOf(sampleWith("models", 0, { timeouts: { idle_ms: 5 } })).models;
    expect(model?.timeouts).toEqual({ ttft_ms: 30_000, idle_ms: 5, total_ms: 600_000 });
  });
});

describe("defaults of an origin", () => {
  it.each([
    ["secret", null],
    ["max_concurrency", 64],
    ["features", []],
    ["weight", 1],
    ["accounts", null],
    ["control_url", null],
    ["timeouts", { ttft_ms: 30_000, idle_ms: 20_000, total_ms: 600_000 }],
  ] as const)("%s is %j", (field, value) => {
    expect(rowsOf(sampleCatalog()).origins[0]?.[field]).toEqual(value);
  });

  it("`as` is the model's id", () => {
    expect(rowsOf(sampleCatalog()).origins[0]?.serves).toEqual([
      { model: "Qwen/Qwen3-14B", as: "qwen3-14b" },
      { model: "BAAI/bge-m3", as: "BAAI/bge-m3" },
    ]);
  });

  it("timeouts given in part are filled up", () => {
    const [origin] = rowsOf(sampleWith("origins", 0, { timeouts: { ttft_ms: 5 } })).origins;
    expect(origin?.timeouts).toEqual({ ttft_ms: 5, idle_ms: 20_000, total_ms: 600_000 });
  });

  it("base_url loses its trailing slashes: kinds append their path with one", () => {
    const [origin] = rowsOf(sampleWith("origins", 0, { base_url: "https://host.example/v1//" })).origins;
    expect(origin?.base_url).toBe("https://host.example/v1");
  });
});

it("keeps everything that is given", () => {
  const timeouts = { ttft_ms: 1, idle_ms: 2, total_ms: 3 };
  const given = {
    regions: [{ id: "eu", name: "Europe", lat: 53.3, lon: -6.3, jurisdiction: "eu" }],
    models: [
      {
        id: "acme/m",
        owned_by: "acme",
        task: "text-generation",
        parameters_b: 0.6,
        context_length: 100,
        max_output_tokens: 50,
        capabilities: ["chat", "vision"],
        price: { input_per_mtok: 0, cached_input_per_mtok: 0, output_per_mtok: 1.5 },
        visibility: "private",
        account: "acct_00000000001",
        aliases: ["m"],
        fast: true,
        ability: { math: 0.5 },
        prefill_tokens_per_s: 100,
        timeouts,
      },
    ],
    origins: [
      {
        id: "eu-1",
        region: "eu",
        kind: "hf-tasks",
        base_url: "https://host.example/hf",
        secret: "ORIGIN_KEY_EU",
        max_concurrency: 2,
        features: ["gpu_time"],
        weight: 0.5,
        accounts: ["acct_00000000001"],
        control_url: "https://host.example/control",
        timeouts,
        serves: [{ model: "acme/m", as: "m" }],
      },
    ],
  };
  expect(rowsOf(given)).toEqual(given);
});
