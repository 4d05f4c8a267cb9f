import { describe, expect, it } from "vitest";
import { checkCatalog } from "../../src/catalog/check.ts";
import { compileCatalog } from "../../src/catalog/compile.ts";
import defaultCatalog from "../../src/catalog/default.json" with { type: "json" };
import type { Capability, Model } from "../../src/domain/catalog.ts";

describe("the default catalog", () => {
  const checked = checkCatalog(defaultCatalog);
  const rows = checked.ok ? checked.rows : { regions: [], models: [], origins: [] };
  const catalog = compileCatalog(rows, 1, 0);
  const textModels = rows.models.filter((model) => model.task === "text-generation");

  function regionsOf(model: Model): ReadonlySet<string> {
    return new Set(catalog.targets.get(model.id)?.map((target) => target.origin.region));
  }

  it("is accepted", () => {
    expect(checked).toMatchObject({ ok: true });
  });

  it("has three regions, two of them with a jurisdiction", () => {
    expect(rows.regions.map((region) => [region.id, region.jurisdiction])).toEqual([
      ["us-east", "us"],
      ["eu-west", "eu"],
      ["ap-south", null],
    ]);
    for (const region of rows.regions) expect([region.lat, region.lon]).not.toContain(null);
  });

  it("has text models of clearly different size and price", () => {
    const sizes = textModels.map((model) => model.parameters_b ?? 0);
    expect(Math.max(...sizes)).toBeGreaterThan(100 * Math.min(...sizes));
    const prices = textModels.map(({ price }) => ("output_per_mtok" in price ? price.output_per_mtok : 0));
    expect(Math.min(...prices)).toBeGreaterThan(0);
    expect(Math.max(...prices)).toBeGreaterThan(10 * Math.min(...prices));
    expect(textModels.length).toBeGreaterThanOrEqual(6);
  });

  it.each<Capability>(["tools", "json", "vision", "embeddings"])("has a model with %s", (capability) => {
    expect(rows.models.some((model) => model.capabilities.includes(capability))).toBe(true);
  });

  it.each([
    "text-classification",
    "token-classification",
    "image-classification",
    "object-detection",
    "automatic-speech-recognition",
  ] as const)("has a GPU-priced model for %s, at an hf-tasks origin", (task) => {
    const model = rows.models.find((row) => row.task === task);
    expect(model?.price).toHaveProperty("gpu_per_minute");
    const kinds = catalog.targets.get(model?.id ?? "")?.map((target) => target.origin.kind);
    expect(new Set(kinds)).toEqual(new Set(["hf-tasks"]));
  });

  it("has two origins in each region, at the region's simulator", () => {
    expect(rows.origins.map((origin) => [origin.id, origin.region, origin.base_url, origin.secret])).toEqual([
      ["us-east-1", "us-east", "http://127.0.0.1:9101/v1", "ORIGIN_KEY_US_EAST"],
      ["us-east-hf", "us-east", "http://127.0.0.1:9101/hf", "ORIGIN_KEY_US_EAST"],
      ["eu-west-1", "eu-west", "http://127.0.0.1:9102/v1", "ORIGIN_KEY_EU_WEST"],
      ["eu-west-hf", "eu-west", "http://127.0.0.1:9102/hf", "ORIGIN_KEY_EU_WEST"],
      ["ap-south-1", "ap-south", "http://127.0.0.1:9103/v1", "ORIGIN_KEY_AP_SOUTH"],
      ["ap-south-hf", "ap-south", "http://127.0.0.1:9103/hf", "ORIGIN_KEY_AP_SOUTH"],
    ]);
  });

  it("serves models in three, two and one region, and every model somewhere", () => {
    const counts = rows.models.map((model) => regionsOf(model).size);
    expect(new Set(counts)).toEqual(new Set([1, 2, 3]));
    const big = textModels.filter((model) => (model.parameters_b ?? 0) > 30);
    expect(big.map((model) => regionsOf(model).size)).toEqual([2, 2, 2]);
  });

  it("calls models at their origins by short lower-case names", () => {
    for (const { servedAs } of [...catalog.targets.values()].flat()) {
      expect(servedAs).toMatch(/^[a-z0-9.-]+$/);
    }
  });
});
