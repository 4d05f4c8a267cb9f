// Rows → Catalog: every index the hot path looks into, built once per version and isolate.
// Trusts its rows: they went through checkCatalog before they were stored.
import type { Catalog, CatalogRows, Model, Target } from "../domain/catalog.ts";

export function compileCatalog(rows: CatalogRows, version: number, createdAtMs: number): Catalog {
  return {
    version,
    createdAtS: Math.floor(createdAtMs / 1000),
    rows,
    regions: new Map(rows.regions.map((region) => [region.id, region])),
    models: modelsByName(rows.models),
    origins: new Map(rows.origins.map((origin) => [origin.id, origin])),
    targets: targetsByModel(rows),
  };
}

function modelsByName(models: readonly Model[]): ReadonlyMap<string, Model> {
  const byName = new Map<string, Model>();
  for (const model of models) {
    byName.set(model.id, model);
    for (const alias of model.aliases) byName.set(alias, model);
  }
  return byName;
}

function targetsByModel(rows: CatalogRows): ReadonlyMap<string, readonly Target[]> {
  const byId = new Map(rows.models.map((model) => [model.id, { model, targets: [] as Target[] }]));
  for (const origin of rows.origins) {
    for (const serving of origin.serves) {
      const served = byId.get(serving.model);
      served?.targets.push({ model: served.model, origin, servedAs: serving.as });
    }
  }
  return new Map(Array.from(byId, ([id, served]) => [id, served.targets]));
}
