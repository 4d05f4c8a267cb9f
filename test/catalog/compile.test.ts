import { describe, expect, it } from "vitest";
import { checkCatalog } from "../../src/catalog/check.ts";
import { compileCatalog } from "../../src/catalog/compile.ts";
import { sampleAnd, sampleCatalog } from "./sample-catalog.ts";

function compiled(input: unknown) {
  const checked = checkCatalog(input);
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  return compileCatalog(checked.rows, 7, 1_712_345_678_900);
}

describe("compileCatalog", () => {
  const catalog = compiled(sampleCatalog());

  it("keeps version, rows, and the time in whole seconds", () => {
    expect(catalog).toMatchObject({ version: 7, createdAtS: 1_712_345_678 });
    expect(catalog.rows.models).toHaveLength(3);
  });

  it("finds regions and origins by id", () => {
    expect(catalog.regions.get("us-east")).toBe(catalog.rows.regions[0]);
    expect(catalog.origins.get("us-east-1")).toBe(catalog.rows.origins[0]);
  });

  it("finds one model by id and by alias, and by nothing else", () => {
    expect(catalog.models.get("Qwen/Qwen3-14B")).toBe(catalog.rows.models[0]);
    expect(catalog.models.get("qwen3-14b")).toBe(catalog.rows.models[0]);
    expect(catalog.models.get("qwen/qwen3-14b")).toBeUndefined();
    expect(catalog.models.get("constructor")).toBeUndefined();
    expect(catalog.models.size).toBe(4);
  });

  it("makes a target of each model at each origin", () => {
    const [origin] = sampleCatalog().origins;
    const second = { ...origin, id: "us-east-2", serves: [{ model: "Qwen/Qwen3-14B" }] };
    const both = compiled(sampleAnd("origins", second)).targets.get("Qwen/Qwen3-14B") ?? [];
    expect(both.map((target) => [target.model.id, target.origin.id, target.servedAs])).toEqual([
      ["Qwen/Qwen3-14B", "us-east-1", "qwen3-14b"],
      ["Qwen/Qwen3-14B", "us-east-2", "Qwen/Qwen3-14B"],
    ]);
  });

  it("has an empty list for a model nobody serves, and none under aliases", () => {
    expect(catalog.targets.get("dslim/bert-base-NER")).toEqual([]);
    expect(catalog.targets.has("qwen3-14b")).toBe(false);
  });
});
