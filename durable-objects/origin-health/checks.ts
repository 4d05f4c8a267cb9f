// What active checks of one region found, and which targets they are about. One failed check is an accident, two
// in a row are a verdict. Memory only, like the reports of isolates.
import type { Target } from "../../src/domain/catalog.ts";
import type { OriginCheckVerdict } from "../../src/domain/health-gossip.ts";
import type { OriginCheck, TargetCheck } from "../../src/origins/active-check.ts";
import { placeOf } from "./hearsay.ts";

export interface Checks {
  readonly catalogVersion: number | null;
  readonly originIds: ReadonlySet<string>;
  watch(catalogVersion: number, targets: readonly Target[]): void;
  /** The targets of each origin: who answered last time comes first, then who was asked longest ago. */
  due(): readonly Due[];
  found(targets: readonly Target[], check: OriginCheck, nowMs: number): void;
  /** null where nothing was found lately. */
  verdictOf(originId: string, nowMs: number): OriginCheckVerdict | null;
  readonly targets: ReadonlyMap<string, DatedCheck>;
}

export interface Due {
  readonly targets: readonly Target[];
  /** It did not answer last time, and may use up its time again. */
  readonly isFailing: boolean;
}

export interface DatedCheck extends TargetCheck {
  readonly origin: string;
  readonly model: string;
  readonly atMs: number;
}

/** Three checks were due in that time: whatever was found before them says nothing now. */
export const CHECK_FRESH_MS = 15_000;

const FAILURES_TO_BE_DOWN = 2;

interface Found {
  readonly atMs: number;
  readonly failuresInRow: number;
  /** Of the first of them. */
  readonly failingSinceMs: number;
}

export function checks(): Checks {
  let watched: readonly Target[] = [];
  let catalogVersion: number | null = null;
  let originIds: ReadonlySet<string> = new Set();
  const found = new Map<string, Found>();
  const targets = new Map<string, DatedCheck>();
  return {
    get catalogVersion() {
      return catalogVersion;
    },
    get originIds() {
      return originIds;
    },
    targets,
    watch(version, rows) {
      catalogVersion = version;
      watched = rows;
      originIds = new Set(rows.map(({ origin }) => origin.id));
      keepOnly(
        targets,
        new Set(rows.map(({ origin, model }) => placeOf({ origin: origin.id, model: model.id }))),
      );
      keepOnly(found, originIds);
    },
    due() {
      const origins = [...Map.groupBy(watched, ({ origin }) => origin.id)];
      const asked = origins.map(([id, its]) => {
        const { failuresInRow = 0, atMs = 0 } = found.get(id) ?? {};
        return { targets: its, isFailing: failuresInRow > 0, atMs };
      });
      return asked.sort((a, b) => Number(a.isFailing) - Number(b.isFailing) || a.atMs - b.atMs);
    },
    found(asked, check, nowMs) {
      const id = asked[0]?.origin.id;
      if (id === undefined) return;
      const before = found.get(id);
      const failingSinceMs = before !== undefined && before.failuresInRow > 0 ? before.failingSinceMs : nowMs;
      const failuresInRow = check.isUp ? 0 : (before?.failuresInRow ?? 0) + 1;
      found.set(id, { atMs: nowMs, failuresInRow, failingSinceMs });
      for (const [at, { model }] of asked.entries()) {
        const place = { origin: id, model: model.id };
        const row = check.targets[at];
        if (row !== undefined) targets.set(placeOf(place), { ...row, ...place, atMs: nowMs });
      }
    },
    verdictOf(originId, nowMs) {
      const last = found.get(originId);
      if (last === undefined || nowMs - last.atMs > CHECK_FRESH_MS) return null;
      const isDown = last.failuresInRow >= FAILURES_TO_BE_DOWN;
      // A single failure is no word either way: it neither shuts nor invites.
      if (last.failuresInRow > 0 && !isDown) return null;
      return { atMs: last.atMs, downSinceMs: isDown ? last.failingSinceMs : null };
    },
  };
}

/** What left the catalog is not remembered. */
function keepOnly(entries: Map<string, unknown>, places: ReadonlySet<string>): void {
  for (const place of entries.keys()) if (!places.has(place)) entries.delete(place);
}
