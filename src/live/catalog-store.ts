// Catalog versions in D1 (the history) and KV (the newest, for the hot path). D1 is written first: KV may lag
// behind, it can never be ahead.
import type { CatalogRows } from "../domain/catalog.ts";
import type { CatalogStore, CatalogVersion, StoredCatalog } from "../domain/ports.ts";

const NEWEST = "catalog:newest";
/** The least that KV accepts; the isolate's own cache is fresher than that anyway. */
const KV_CACHE_S = 30;

export function catalogStore(db: D1Database, kv: KVNamespace): CatalogStore {
  return {
    newest: () => newest(db, kv),
    get: async (version) => {
      const row = await db.prepare("SELECT * FROM catalog WHERE version = ?").bind(version).first<Row>();
      return row === null ? null : storedOf(row);
    },
    list: async (limit, beforeVersion) => {
      const { results } = await db
        .prepare(
          "SELECT version, created_at_ms, actor FROM catalog WHERE version < ? ORDER BY version DESC LIMIT ?",
        )
        .bind(beforeVersion ?? Number.MAX_SAFE_INTEGER, limit)
        .all<Omit<Row, "json">>();
      return results.map(versionOf);
    },
    put: async (rows, actor, nowMs) => {
      const row = await db
        .prepare("INSERT INTO catalog(json, created_at_ms, actor) VALUES (?, ?, ?) RETURNING *")
        .bind(JSON.stringify(rows), nowMs, actor)
        .first<Row>();
      if (row === null) throw new Error("a catalog just written was not returned");
      const stored = storedOf(row);
      await kv.put(NEWEST, JSON.stringify(stored));
      return stored;
    },
  };
}

interface Row {
  readonly version: number;
  readonly json: string;
  readonly created_at_ms: number;
  readonly actor: string;
}

/** KV first: one cheap read. An empty KV (a new namespace) is filled from the history. */
async function newest(db: D1Database, kv: KVNamespace): Promise<StoredCatalog | null> {
  const cached = await kv.get<StoredCatalog>(NEWEST, { type: "json", cacheTtl: KV_CACHE_S });
  if (cached !== null) return cached;
  const row = await db.prepare("SELECT * FROM catalog ORDER BY version DESC LIMIT 1").first<Row>();
  if (row === null) return null;
  const stored = storedOf(row);
  await kv.put(NEWEST, JSON.stringify(stored));
  return stored;
}

function storedOf(row: Row): StoredCatalog {
  // Only what checkCatalog accepted is ever written.
  return { ...versionOf(row), rows: JSON.parse(row.json) as CatalogRows };
}

function versionOf(row: Omit<Row, "json">): CatalogVersion {
  return { version: row.version, createdAtMs: row.created_at_ms, actor: row.actor };
}
