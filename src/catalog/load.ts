// The catalog as one isolate remembers it: stale-while-revalidate, so that no request but an
// isolate's first, or its first after a rest, waits for the store. Knows no clock and no store: both are handed in.
import type { Catalog } from "../domain/catalog.ts";
import type { StoredCatalog } from "../domain/ports.ts";
import { compileCatalog } from "./compile.ts";

export interface CatalogCache {
  /** `background` must keep the refresh running after the answer (`waitUntil`); it never rejects. */
  current(nowMs: number, background: (refresh: Promise<unknown>) => void): Promise<Catalog>;
}

/**
 * Held longer than `freshMs`, it is looked up behind the request that finds it so; longer than `usableMs`, before
 * it: an isolate that rested must not serve the prices of an hour ago. A failing `load` rejects `current` only while
 * nothing is held yet; later the held catalog stays and the next try comes after `freshMs`. `load` logs its failures
 * itself.
 */
export function catalogCache(
  load: () => Promise<StoredCatalog | null>,
  options: { readonly freshMs: number; readonly usableMs: number },
): CatalogCache {
  let held: Catalog | null = null;
  let checkedAtMs = 0;
  let refreshingSinceMs: number | null = null;

  // Versions only grow: an older one is a slow load, or a copy of the store that lags behind.
  const adopt = (stored: StoredCatalog | null): Catalog => {
    const version = stored?.version ?? 0;
    if (held === null || version > held.version) held = stored === null ? EMPTY : compiled(stored);
    return held;
  };

  const refresh = async (nowMs: number): Promise<void> => {
    refreshingSinceMs = nowMs;
    checkedAtMs = nowMs;
    await load()
      .then(adopt)
      .catch(() => undefined);
    if (refreshingSinceMs === nowMs) refreshingSinceMs = null;
  };

  return {
    async current(nowMs, background) {
      // Concurrent first calls load each for themselves: a Worker's request that awaits a promise
      // made in another request's context may hang or be cancelled with it.
      if (held === null) {
        const stored = await load();
        checkedAtMs = Math.max(checkedAtMs, nowMs);
        return adopt(stored);
      }
      if (nowMs - checkedAtMs >= options.usableMs) {
        await refresh(nowMs);
        return held;
      }
      const isRefreshing = refreshingSinceMs !== null && nowMs - refreshingSinceMs < REFRESH_LOST_AFTER_MS;
      if (!isRefreshing && nowMs - checkedAtMs >= options.freshMs) background(refresh(nowMs));
      return held;
    },
  };
}

/** `waitUntil` ends after 30 s: a refresh that has not reported by then never will. */
const REFRESH_LOST_AFTER_MS = 30_000;

const EMPTY: Catalog = compileCatalog({ regions: [], models: [], origins: [] }, 0, 0);

function compiled(stored: StoredCatalog): Catalog {
  return compileCatalog(stored.rows, stored.version, stored.createdAtMs);
}
