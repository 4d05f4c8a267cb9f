import { describe, expect, test } from "vitest";
import { defaultCatalog } from "../../../scripts/local/catalog-source.ts";
import {
  basesOf,
  findMissingSecret,
  modelsAt,
  moveToPlaces,
  placesOf,
  regionsOf,
  secretsAt,
} from "../../../scripts/local/simulated-origins.ts";
import { checkCatalog } from "../../../src/catalog/check.ts";
import type { CatalogRows } from "../../../src/domain/catalog.ts";

const PORTS = [9301, 9302, 9303];

function catalogOf(...origins: object[]): CatalogRows {
  const checked = checkCatalog({
    regions: [{ id: "north" }, { id: "south" }],
    models: [
      {
        id: "a/one",
        task: "text-generation",
        price: { input_per_mtok: 1, output_per_mtok: 1 },
        parameters_b: 7,
      },
      { id: "a/two", task: "embeddings", price: { input_per_mtok: 1, output_per_mtok: 0 } },
    ],
    origins: origins.map((origin, index) => ({
      id: `o${index}`,
      region: "north",
      kind: "openai-compatible",
      base_url: "http://127.0.0.1:9301/v1",
      serves: [{ model: "a/one", as: "one" }],
      ...origin,
    })),
  });
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  return checked.rows;
}

describe("placesOf", () => {
  test("the default catalog's regions go to the ports in its order", () => {
    const regions = regionsOf(defaultCatalog());
    const places = placesOf(defaultCatalog(), PORTS, regions);
    expect(places.map(({ region }) => region)).toEqual(regions);
  });

  test("a port plays the region of the origin that points at it, the others what is left", () => {
    const rows = catalogOf({ region: "south", base_url: "http://localhost:9302/v1" });
    const places = placesOf(rows, PORTS, ["north", "south", "east"]);
    expect(places.map(({ region }) => region)).toEqual(["north", "south", "east"]);
  });

  test("a fresh region where too few are known", () => {
    expect(placesOf(catalogOf(), PORTS, ["north"]).map(({ region }) => region)).toEqual([
      "north",
      "simulated-2",
      "simulated-3",
    ]);
  });
});

describe("moveToPlaces", () => {
  const places = PORTS.map((port, index) => ({
    port,
    region: ["us-east", "eu-west", "ap-south"][index] ?? "",
  }));

  test("the default catalog ends up on the simulators, paths kept", () => {
    const moved = moveToPlaces(defaultCatalog(), places, basesOf(defaultCatalog()));
    expect(basesOf(moved).toSorted()).toEqual(PORTS.map((port) => `http://127.0.0.1:${port}`));
    for (const [index, origin] of moved.origins.entries()) {
      const before = defaultCatalog().origins[index];
      expect(new URL(origin.base_url).pathname).toBe(new URL(before?.base_url ?? "").pathname);
    }
  });

  test("origins that were no simulators stay", () => {
    const rows = catalogOf({ base_url: "https://gpu.example/v1" }, { base_url: "http://127.0.0.1:9999/v1" });
    const north = [{ region: "north", port: 9301 }];
    expect(moveToPlaces(rows, north, ["http://127.0.0.1:9101"]).origins).toEqual(rows.origins);
  });

  test("an address that is a simulator's now means that simulator, whatever its region", () => {
    const rows = catalogOf({ region: "north", base_url: "http://127.0.0.1:9302/v1" });
    const taken = [
      { region: "north", port: 9301 },
      { region: "south", port: 9302 },
    ];
    expect(moveToPlaces(rows, taken, ["http://127.0.0.1:9302"]).origins).toEqual(rows.origins);
  });
});

describe("what a simulator is given", () => {
  const rows = catalogOf(
    { secret: "ORIGIN_A", serves: [{ model: "a/one", as: "one" }] },
    {
      kind: "hf-tasks",
      base_url: "http://127.0.0.1:9301/hf",
      features: ["gpu_time"],
      serves: [{ model: "a/two" }],
    },
    { base_url: "http://127.0.0.1:9302/v1", secret: "ORIGIN_B" },
  );

  test("the models of all origins on its port, under the names these use", () => {
    expect(modelsAt(rows, 9301)).toMatchObject([
      { servedAs: "one", root: "a/one", parametersB: 7, gpuTime: false },
      { servedAs: "a/two", task: "embeddings", gpuTime: true },
    ]);
    expect(modelsAt(rows, 9304)).toEqual([]);
  });

  test("the secret of its origins", () => {
    expect(secretsAt(rows, 9301)).toEqual(["ORIGIN_A"]);
  });

  test("the first secret nobody set is named with its origin", () => {
    expect(findMissingSecret(rows, new Set(["ORIGIN_A"]))).toEqual({ origin: "o2", secret: "ORIGIN_B" });
    expect(findMissingSecret(rows, new Set(["ORIGIN_A", "ORIGIN_B"]))).toBeNull();
  });
});
