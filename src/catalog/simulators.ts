// Moves the simulated origins of a catalog to the ports their simulators got at this start.
// Tells them from real origins by the address they had before, never by name.
import type { CatalogRows, Origin } from "../domain/catalog.ts";

export interface SimulatorBase {
  /** Scheme, host and port: `http://127.0.0.1:9101`. */
  readonly httpBase: string;
}

/** `bases` by region id; an origin elsewhere, or in a region without simulator, stays as it is. */
export function withSimulators(
  rows: CatalogRows,
  bases: ReadonlyMap<string, SimulatorBase>,
  previousBases: readonly string[],
): CatalogRows {
  const previous = new Set(previousBases.map((base) => new URL(base).origin));
  const moved = (origin: Origin): Origin => {
    const base = bases.get(origin.region);
    if (base === undefined || !previous.has(new URL(origin.base_url).origin)) return origin;
    return { ...origin, base_url: rebased(origin.base_url, base.httpBase) };
  };
  return { ...rows, origins: rows.origins.map(moved) };
}

function rebased(url: string, httpBase: string): string {
  const { pathname } = new URL(url);
  return new URL(httpBase).origin + (pathname === "/" ? "" : pathname);
}
