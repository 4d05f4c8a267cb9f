// The response cache of one account within one jurisdiction: a shelf of bounded length that drops the oldest first.
// A reader writes nothing. It knows neither prompts nor whose request a place stands for: places are hashes.
import type { CachedAnswer } from "../../src/domain/response-cache.ts";

/** The index holds the sizes, so that weighing the shelf reads no text. */
const SCHEMA = `CREATE TABLE IF NOT EXISTS cached(
  id INTEGER PRIMARY KEY, place TEXT NOT NULL UNIQUE, answer TEXT NOT NULL, size INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS cached_age ON cached(expires_at_ms, size);`;

/** UTF-16 units: some ten thousand answers of usual length, well within the object's storage. */
export const MAX_SHELF_SIZE = 64 * 1024 * 1024;
/** What a row weighs beside its text, so that many tiny answers are bounded, too. */
const ROW_SIZE = 512;

export interface Shelf {
  readonly sql: SqlStorage;
  /** Sum of the sizes of all rows. */
  size: number;
}

export function openShelf(sql: SqlStorage): Shelf {
  sql.exec(SCHEMA);
  return { sql, size: Number(sql.exec("SELECT coalesce(sum(size), 0) AS size FROM cached").one().size) };
}

export function recall({ sql }: Shelf, place: string, nowMs: number): CachedAnswer | null {
  const [row] = sql
    .exec("SELECT answer FROM cached WHERE place = ? AND expires_at_ms > ?", place, nowMs)
    .toArray();
  return row === undefined ? null : (JSON.parse(String(row.answer)) as CachedAnswer); // as `remember` wrote it
}

export interface Remembered {
  readonly place: string;
  readonly answer: CachedAnswer;
  readonly expiresAtMs: number;
}

/** The newer of two answers of one place stays, and the oldest of all make room. */
export function remember(shelf: Shelf, { place, answer, expiresAtMs }: Remembered): void {
  const text = JSON.stringify(answer);
  const size = text.length + ROW_SIZE;
  drop(shelf, "SELECT id FROM cached WHERE place = ?", place);
  while (shelf.size + size > MAX_SHELF_SIZE && drop(shelf, OLDEST) > 0);
  shelf.sql.exec(
    "INSERT INTO cached(place, answer, size, expires_at_ms) VALUES (?, ?, ?, ?)",
    place,
    text,
    size,
    expiresAtMs,
  );
  shelf.size += size;
}

const OLDEST = "SELECT id FROM cached ORDER BY expires_at_ms LIMIT 1";

/** At most `most` of those whose time is over. */
export function dropExpired(shelf: Shelf, nowMs: number, most: number): void {
  drop(shelf, "SELECT id FROM cached WHERE expires_at_ms <= ? LIMIT ?", nowMs, most);
}

/** How many rows that was. */
function drop(shelf: Shelf, chosen: string, ...values: readonly SqlStorageValue[]): number {
  const query = `DELETE FROM cached WHERE id IN (${chosen}) RETURNING size`;
  const dropped = shelf.sql.exec(query, ...values).toArray();
  for (const { size } of dropped) shelf.size -= Number(size);
  return dropped.length;
}

/** null: the shelf is empty. */
export function firstExpiryMs({ sql }: Shelf): number | null {
  const { at_ms } = sql.exec("SELECT min(expires_at_ms) AS at_ms FROM cached").one();
  return typeof at_ms === "number" ? at_ms : null;
}
