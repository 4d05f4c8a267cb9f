// When the health board and the regions' objects talk: behind requests as it falls due, and at once for operators.
// An object that cannot be reached costs a line in the log and nothing else: the board goes on by itself.
import type { Catalog, Region } from "../domain/catalog.ts";
import type { OriginHealthDoor } from "../domain/health-gossip.ts";
import type { LogEvent, RegionHealthPort } from "../domain/ports.ts";
import type { SharedBoard } from "./health-board.ts";

export interface Means {
  catalog(): Promise<Catalog>;
  /** A new stub each time: one kept across requests fails on the second. */
  doorOf(region: Region): OriginHealthDoor;
  now(): number;
  log(event: LogEvent): void;
}

export interface KeptUp extends RegionHealthPort {
  /** `background` must keep the exchange running after the answer (`waitUntil`); it never rejects. */
  keepUp(catalog: Catalog, background: (exchange: Promise<unknown>) => void): void;
}

export function regionHealth(board: SharedBoard, means: Means): KeptUp {
  const exchange = async (catalog: Catalog, region: Region): Promise<void> => {
    try {
      await board.exchange(region, { catalog, door: means.doorOf(region), now: means.now });
    } catch (error) {
      // What this isolate saw by itself is enough to route by.
      means.log({ event: "health-gossip-failed", level: "warn", region: region.id, error: String(error) });
    }
  };
  return {
    keepUp(catalog, background) {
      for (const region of board.due(catalog, means.now())) background(exchange(catalog, region));
    },
    async refresh(regions) {
      const catalog = await means.catalog();
      await Promise.all(regions.map((region) => exchange(catalog, region)));
    },
    async setDrained(origin, isDrained) {
      const catalog = await means.catalog();
      const region = catalog.regions.get(origin.region);
      if (region === undefined) throw new Error(`an origin in no region: ${origin.id}`);
      await means.doorOf(region).setDrained(origin.id, isDrained);
      await exchange(catalog, region);
    },
  };
}
