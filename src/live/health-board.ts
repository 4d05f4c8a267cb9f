// The health board of one isolate, and how it keeps up with the others: a report to the OriginHealth object of each
// region, at most once a second and only behind requests. Without the object it is a board of its own; nothing
// here ever waits in front of a request.
import { CLOSED } from "../domain/breaker.ts";
import type { Catalog, Region, Target } from "../domain/catalog.ts";
import { type HealthBoard, type OriginHealth, UNKNOWN_HEALTH, type WholeOrigin } from "../domain/health.ts";
import {
  evidenceOf,
  type HealthReport,
  heard,
  heardOfOrigin,
  type OriginHealthDoor,
  type OriginReport,
  type RegionHealth,
  type TargetReport,
  targetReport,
} from "../domain/health-gossip.ts";
import { boundedMap } from "../lib/bounded-map.ts";

export interface SharedBoard extends HealthBoard {
  /** The regions that should be told and asked now, each at once marked as told; few at a time. */
  due(catalog: Catalog, nowMs: number): readonly Region[];
  /** One exchange with the region's object. Rejects as the object's door does; the board stays as it was. */
  exchange(region: Region, reach: Reach): Promise<void>;
}

export interface Reach {
  readonly catalog: Catalog;
  readonly door: OriginHealthDoor;
  now(): number;
}

/** A few hundred bytes each. */
const REMEMBERED_TARGETS = 10_000;
const REMEMBERED_ORIGINS = 2_000;
/** A region that this isolate uses is told each second, ... */
const BUSY_EVERY_MS = 1_000;
/** ... the others are asked as often as their checks run: a drain or a recovery must be heard of. */
const IDLE_EVERY_MS = 5_000;
/** Requests come faster than that; most of them need not even look. */
const LOOK_EVERY_MS = 200;
/** Behind one request; with more regions than that the next request goes on. */
const REGIONS_AT_ONCE = 4;
/** Rows of one report: a region with more targets in use tells of the first. */
const MAX_ROWS = 500;

/** `isolate`: random. */
export function healthBoard(isolate: string): SharedBoard {
  const memory = boardMemory();
  const talk = timetable();
  return {
    get: memory.get,
    update(originId, modelId, change) {
      memory.set(originId, modelId, change(memory.get(originId, modelId)));
      talk.use(originId);
    },
    due: talk.due,
    async exchange(region, { catalog, door, now }) {
      const state = talk.stateOf(region.id);
      const targets = targetsIn(catalog, region.id);
      const view = await door.gossip({
        ...reportOf(targets, memory, now()),
        isolate,
        hadTraffic: state?.hadTraffic ?? false,
        catalogVersion: catalog.version,
        watch: state?.wantsWatch ? targets.slice(0, MAX_ROWS) : null,
      });
      if (state !== undefined) state.wantsWatch = view.wantsWatch;
      hear(memory, { view, targets, nowMs: now() });
    },
  };
}

interface BoardMemory {
  get(originId: string, modelId: string): OriginHealth;
  set(originId: string, modelId: string, health: OriginHealth): void;
  wholeOf(originId: string): WholeOrigin;
  setWhole(originId: string, whole: WholeOrigin): void;
}

/** What is about an origin as a whole stands once, whichever of its models it was learnt by. */
function boardMemory(): BoardMemory {
  const own = boundedMap<Omit<OriginHealth, "whole">>(REMEMBERED_TARGETS);
  const wholes = boundedMap<WholeOrigin>(REMEMBERED_ORIGINS);
  const wholeOf = (originId: string) => wholes.get(originId) ?? UNKNOWN_HEALTH.whole;
  return {
    wholeOf,
    setWhole: wholes.set,
    get: (originId, modelId) => ({
      ...(own.get(placeOf(originId, modelId)) ?? UNKNOWN_HEALTH),
      whole: wholeOf(originId),
    }),
    set(originId, modelId, health) {
      const { whole, ...part } = health;
      own.set(placeOf(originId, modelId), part);
      if (whole !== wholeOf(originId)) wholes.set(originId, whole);
    },
  };
}

interface Told {
  atMs: number;
  hadTraffic: boolean;
  wantsWatch: boolean;
}

/** Which regions are due, by when each was told last and whether it was used since. */
function timetable() {
  const told = new Map<string, Told>();
  const used = new Set<string>();
  let lookedAtMs = 0;
  const isDue = (catalog: Catalog, id: string, nowMs: number): boolean => {
    const before = told.get(id);
    if (before === undefined) return true;
    const agoMs = nowMs - before.atMs;
    return agoMs >= IDLE_EVERY_MS || (agoMs >= BUSY_EVERY_MS && isUsed(catalog, id, used));
  };
  return {
    stateOf: (regionId: string) => told.get(regionId),
    use(originId: string): void {
      if (used.size < REMEMBERED_ORIGINS) used.add(originId);
    },
    due(catalog: Catalog, nowMs: number): readonly Region[] {
      if (nowMs - lookedAtMs < LOOK_EVERY_MS) return [];
      lookedAtMs = nowMs;
      const wanting = [...catalog.regions.values()].filter(({ id }) => isDue(catalog, id, nowMs));
      const chosen = wanting.slice(0, REGIONS_AT_ONCE);
      for (const { id } of chosen) {
        const wantsWatch = told.get(id)?.wantsWatch ?? false;
        told.set(id, { atMs: nowMs, hadTraffic: isUsed(catalog, id, used), wantsWatch });
      }
      forget(catalog, chosen, used);
      return chosen;
    },
  };
}

interface Heard {
  readonly view: RegionHealth;
  /** All of the region. */
  readonly targets: readonly Target[];
  readonly nowMs: number;
}

function hear(memory: BoardMemory, { view, targets, nowMs }: Heard): void {
  const named = new Set(view.origins.map(({ origin }) => origin));
  for (const { origin } of targets) {
    const whole = memory.wholeOf(origin.id);
    // Of whom nothing is said, nobody drained anything any more.
    if (whole.isDrained && !named.has(origin.id)) memory.setWhole(origin.id, { ...whole, isDrained: false });
  }
  for (const row of view.origins) {
    memory.setWhole(row.origin, heardOfOrigin(memory.wholeOf(row.origin), row, nowMs));
  }
  for (const row of view.targets) {
    memory.set(row.origin, row.model, heard(memory.get(row.origin, row.model), row, nowMs));
  }
}

function placeOf(originId: string, modelId: string): string {
  return `${originId} ${modelId}`;
}

function isUsed(catalog: Catalog, regionId: string, used: ReadonlySet<string>): boolean {
  for (const id of used) if (catalog.origins.get(id)?.region === regionId) return true;
  return false;
}

/** What is being told is no news afterwards, nor is an origin that left the catalog. */
function forget(catalog: Catalog, regions: readonly Region[], used: Set<string>): void {
  const gone = new Set<string | undefined>(regions.map(({ id }) => id)).add(undefined);
  for (const id of used) if (gone.has(catalog.origins.get(id)?.region)) used.delete(id);
}

function targetsIn(catalog: Catalog, regionId: string): readonly Target[] {
  return [...catalog.targets.values()].flat().filter(({ origin }) => origin.region === regionId);
}

function reportOf(
  targets: readonly Target[],
  memory: BoardMemory,
  nowMs: number,
): Pick<HealthReport, "targets" | "origins"> {
  const rows: TargetReport[] = [];
  const origins = new Map<string, OriginReport>();
  for (const { origin, model } of targets) {
    const place = { origin: origin.id, model: model.id };
    const row = targetReport(place, memory.get(origin.id, model.id), nowMs);
    if (row !== null && rows.length < MAX_ROWS) rows.push(row);
    const { breaker } = memory.wholeOf(origin.id);
    if (breaker !== CLOSED) origins.set(origin.id, { origin: origin.id, ...evidenceOf(breaker) });
  }
  return { targets: rows, origins: [...origins.values()] };
}
