// Pools: lists of model ids and `*` patterns that narrow what a key or a request may use.
// Knows nothing of modes, regions or prices; a pool only ever takes models away.
import type { Catalog, Model } from "../domain/catalog.ts";

/** A list read once: exact entries as model ids, patterns as they were written. */
export interface Pool {
  readonly ids: ReadonlySet<string>;
  readonly patterns: readonly string[];
  /** Entries as written, for messages. */
  readonly entries: readonly string[];
}

/** A caller writes pools by hand; beyond this a list is an attack on the matcher, not a wish. */
export const MAX_POOL_ENTRIES = 256;

export function readPool(entries: readonly string[], catalog: Catalog): Pool {
  const ids = new Set<string>();
  const patterns: string[] = [];
  for (const entry of entries) {
    if (entry.includes("*")) patterns.push(entry);
    // An alias stands for its model; patterns match ids only, so an alias cannot widen one.
    else ids.add(catalog.models.get(entry)?.id ?? entry);
  }
  return { ids, patterns, entries };
}

/** No pool, no narrowing. */
export function admits(pool: Pool | null, model: Model): boolean {
  if (pool === null || pool.ids.has(model.id)) return true;
  return pool.patterns.some((pattern) => matchesPattern(pattern, model.id));
}

/** The first entry that names none of `models`; null when each names at least one. */
export function unmatchedEntry(pool: Pool, models: readonly Model[], catalog: Catalog): string | null {
  const known = new Set(models.map((model) => model.id));
  for (const entry of pool.entries) {
    const isMatched = entry.includes("*")
      ? models.some((model) => matchesPattern(entry, model.id))
      : known.has(catalog.models.get(entry)?.id ?? entry);
    if (!isMatched) return entry;
  }
  return null;
}

/**
 * `*` stands for any run of characters but `/`. Greedy with one way back per star: at most
 * pattern × id steps, so no pattern can stall the isolate as a regular expression could.
 */
export function matchesPattern(pattern: string, id: string): boolean {
  let p = 0;
  let i = 0;
  let star = -1;
  let retryAt = 0;
  while (i < id.length) {
    if (pattern[p] === "*") {
      star = p++;
      retryAt = i;
    } else if (pattern[p] === id[i]) {
      p++;
      i++;
    } else if (star >= 0 && id[retryAt] !== "/") {
      p = star + 1;
      i = ++retryAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
