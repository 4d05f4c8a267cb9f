// Which origins of a catalog our simulators stand for: told by their address, never by name. Pure;
// starting simulators and storing catalogs are others' business.

import type { SimModel } from "../../sim/region.ts";
import { withSimulators } from "../../src/catalog/simulators.ts";
import type { CatalogRows, Model, Origin } from "../../src/domain/catalog.ts";
import { LOOPBACK } from "./ports.ts";

/** One simulator: the region it plays and the port it listens on. */
export interface Place {
  readonly region: string;
  readonly port: number;
}

/** A port plays the region of the origins that point at it; the others play regions nobody plays yet. */
export function placesOf(
  rows: CatalogRows,
  ports: readonly number[],
  regions: readonly string[],
): readonly Place[] {
  const claimed = ports.map((port) => originsAt(rows, port)[0]?.region ?? null);
  const free = regions.filter((region) => !claimed.includes(region));
  return ports.map((port, index) => ({
    port,
    region: claimed[index] ?? free.shift() ?? `simulated-${index + 1}`,
  }));
}

/** Points the origins of former simulators at those of this start; an address in use now means itself. */
export function moveToPlaces(
  rows: CatalogRows,
  places: readonly Place[],
  formerBases: readonly string[],
): CatalogRows {
  const bases = new Map(places.map(({ region, port }) => [region, { httpBase: baseOf(port) }]));
  const current = new Set(places.map(({ port }) => baseOf(port)));
  return withSimulators(
    rows,
    bases,
    formerBases.filter((base) => !current.has(base)),
  );
}

// A catalog need not say how large a model is; the timing of a small one is no surprise.
const SUPPOSED_PARAMETERS_B = 1;

/** What the simulator on this port has to serve. */
export function modelsAt(rows: CatalogRows, port: number): readonly SimModel[] {
  const models = new Map(rows.models.map((model) => [model.id, model]));
  return originsAt(rows, port).flatMap((origin) =>
    origin.serves.flatMap(({ model: id, as }) => {
      const model = models.get(id);
      return model === undefined ? [] : [simulated(model, as, origin)];
    }),
  );
}

function simulated(model: Model, servedAs: string, origin: Origin): SimModel {
  return {
    servedAs,
    task: model.task,
    parametersB: model.parameters_b ?? SUPPOSED_PARAMETERS_B,
    contextLength: model.context_length,
    maxOutputTokens: model.max_output_tokens,
    // The same model answers alike in every region.
    root: model.id,
    gpuTime: origin.features.includes("gpu_time"),
  };
}

/** Names of the secrets with which the simulator on this port is called. */
export function secretsAt(rows: CatalogRows, port: number): readonly string[] {
  return originsAt(rows, port).flatMap(({ secret }) => (secret === null ? [] : [secret]));
}

/** The first origin whose secret nobody set; null when all are known. */
export function findMissingSecret(
  rows: CatalogRows,
  known: ReadonlySet<string>,
): { readonly origin: string; readonly secret: string } | null {
  for (const { id, secret } of rows.origins) {
    if (secret !== null && !known.has(secret)) return { origin: id, secret };
  }
  return null;
}

/** Addresses of a catalog's origins, each once: scheme, host and port. */
export function basesOf(rows: CatalogRows): readonly string[] {
  return [...new Set(rows.origins.map((origin) => new URL(origin.base_url).origin))];
}

/** Regions that have origins, each once, in the order of the origins. */
export function regionsOf(rows: CatalogRows): readonly string[] {
  return [...new Set(rows.origins.map(({ region }) => region))];
}

export function baseOf(port: number): string {
  return `http://${LOOPBACK}:${port}`;
}

function originsAt(rows: CatalogRows, port: number): readonly Origin[] {
  return rows.origins.filter(({ base_url }) => {
    const { hostname, port: at } = new URL(base_url);
    return at === String(port) && (hostname === LOOPBACK || hostname === "localhost");
  });
}
