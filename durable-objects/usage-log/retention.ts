// How long rows are kept. Each is deleted in the day after its retention, a bounded number at a time; sums hold no
// request and stay until the month is dropped whole, when all of it is past retention.
import { USAGE_RETENTION_MS } from "../../src/domain/usage-log.ts";
import { DAY_MS } from "./rollup.ts";
import { lastDayMs } from "./summary.ts";

/** A fraction of a second: the outbox and readers wait meanwhile. */
const DELETED_AT_ONCE = 5_000;

/** Deletes the oldest of the rows past retention. */
export function deleteExpired(sql: SqlStorage, nowMs: number): void {
  sql.exec(
    `DELETE FROM request WHERE seq IN (
       SELECT seq FROM request WHERE created_at_ms < ? ORDER BY created_at_ms, seq LIMIT ?)`,
    nowMs - USAGE_RETENTION_MS,
    DELETED_AT_ONCE,
  );
  sql.exec("DELETE FROM feedback WHERE created_at_ms < ?", nowMs - USAGE_RETENTION_MS);
}

/**
 * When something is to be deleted next: a time gone by where more than one run can take is past retention. Rows
 * wait up to a day for those of their day, or every request would wake the object once more.
 */
export function nextDeletionMs(sql: SqlStorage, nowMs: number): number {
  const oldestMs = oldestOf(sql);
  if (oldestMs === null) return dropAtMs(sql);
  const expiryMs = oldestMs + USAGE_RETENTION_MS;
  return Math.min(expiryMs < nowMs ? expiryMs : expiryMs + DAY_MS, dropAtMs(sql));
}

/** Both are read at the ends of their indexes. */
function oldestOf(sql: SqlStorage): number | null {
  const { oldestMs } = sql
    .exec(
      `SELECT min(at_ms) AS oldestMs FROM (
         SELECT min(created_at_ms) AS at_ms FROM request
         UNION ALL SELECT min(created_at_ms) FROM feedback)`,
    )
    .one();
  return oldestMs === null ? null : Number(oldestMs);
}

/** The end of the month's own retention. */
export function dropAtMs(sql: SqlStorage): number {
  return endOfMonthMs(lastDayMs(sql)) + USAGE_RETENTION_MS;
}

function endOfMonthMs(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
