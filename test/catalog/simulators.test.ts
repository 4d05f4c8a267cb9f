import { describe, expect, it } from "vitest";
import { checkCatalog } from "../../src/catalog/check.ts";
import { withSimulators } from "../../src/catalog/simulators.ts";
import type { CatalogRows } from "../../src/domain/catalog.ts";
import { sampleCatalog } from "./sample-catalog.ts";

function rowsAt(...baseUrls: readonly string[]): CatalogRows {
  const catalog = sampleCatalog();
  const [origin] = catalog.origins;
  catalog.origins = baseUrls.map((base_url, index) => ({ ...origin, id: `o${index}`, base_url }));
  const checked = checkCatalog(catalog);
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  return checked.rows;
}

function urlsOf(rows: CatalogRows): readonly string[] {
  return rows.origins.map((origin) => origin.base_url);
}

const BASES = new Map([["us-east", { httpBase: "http://127.0.0.1:50001" }]]);
const PREVIOUS = ["http://127.0.0.1:9101"];

describe("withSimulators", () => {
  it("moves origins to their region's simulator and keeps their path", () => {
    const rows = rowsAt("http://127.0.0.1:9101/v1", "http://127.0.0.1:9101/hf", "http://127.0.0.1:9101");
    expect(urlsOf(withSimulators(rows, BASES, PREVIOUS))).toEqual([
      "http://127.0.0.1:50001/v1",
      "http://127.0.0.1:50001/hf",
      "http://127.0.0.1:50001",
    ]);
  });

  it("leaves origins at other schemes, hosts and ports alone", () => {
    const others = ["https://127.0.0.1:9101/v1", "http://127.0.0.1:19101/v1", "http://gpu.example:9101/v1"];
    const rows = rowsAt(...others);
    expect(urlsOf(withSimulators(rows, BASES, PREVIOUS))).toEqual(others);
  });

  it("leaves origins of a region without simulator alone", () => {
    const rows = rowsAt("http://127.0.0.1:9101/v1");
    expect(withSimulators(rows, new Map(), PREVIOUS)).toEqual(rows);
  });

  it("changes nothing else, and not its input", () => {
    const rows = rowsAt("http://127.0.0.1:9101/v1");
    const before = structuredClone(rows);
    const moved = withSimulators(rows, BASES, ["http://127.0.0.1:9101/"]);
    expect(rows).toEqual(before);
    expect({ ...moved, origins: rowsAt("http://127.0.0.1:50001/v1").origins }).toEqual(moved);
  });
});
