// Lists of rows. Each call reads a bounded number of them: one object answers everybody in turn, and the outbox
// waits in the same queue.
import type { ChargePage, ShownRow, UsageFilter, UsagePage, UsagePlace } from "../../src/domain/usage-log.ts";
import { SHOWN_COLUMNS, shownRow } from "./logged-row.ts";
import { type Condition, conditionOn, facetFor } from "./series.ts";

/** Index entries passed in one call: about a tenth of a second, for they are integers side by side. */
const MAX_PASSED = 1_000_000;
/** A tag is in the row itself: twenty times as dear. */
const MAX_PASSED_BY_TAG = 100_000;
/** Charges of zero are passed on the way to others: a few milliseconds. */
const MAX_CHARGES_PASSED = 20_000;
/** A few megabytes, whoever asks. */
const MAX_ROWS = 1_000;

export function listRows(
  sql: SqlStorage,
  filter: UsageFilter,
  page: { readonly limit: number; readonly before: UsagePlace | null },
): UsagePage {
  const limit = Math.min(page.limit, MAX_ROWS);
  const range = rangeOf(filter, page.before);
  const most = filter.tag === null ? MAX_PASSED : MAX_PASSED_BY_TAG;
  const matches = matching(filter);
  const found = sql.exec(
    `SELECT ${SHOWN_COLUMNS}
     FROM (SELECT seq, series_id FROM request ${range.sql} LIMIT ?) AS passed
     CROSS JOIN request ON request.seq = passed.seq
     WHERE ${matches.sql} LIMIT ?`,
    ...range.values,
    most,
    ...matches.values,
    limit,
  );
  const rows = Array.from(found.raw(), shownRow);
  return { rows, resumeAt: rows.length < limit ? placeBehind(sql, range, most) : null };
}

/** Newest first, from the place on. */
function rangeOf(filter: UsageFilter, before: UsagePlace | null): Condition {
  // No row has a sequence number below zero: the end itself is left out.
  const end =
    before !== null && before.createdAtMs < filter.toMs ? before : { createdAtMs: filter.toMs, seq: -1 };
  return {
    sql: "WHERE created_at_ms >= ? AND (created_at_ms, seq) < (?, ?) ORDER BY created_at_ms DESC, seq DESC",
    values: [filter.fromMs, end.createdAtMs, end.seq],
  };
}

function matching(filter: UsageFilter): Condition {
  const isAny = facetFor(filter, null) === "none";
  const series = conditionOn("every", filter);
  const ofSeries = { ...series, sql: `passed.series_id IN (SELECT id FROM series WHERE ${series.sql})` };
  const parts = [...(isAny ? [] : [ofSeries]), ...(filter.tag === null ? [] : [hasTag(filter.tag)])];
  return {
    sql: ["TRUE", ...parts.map((part) => part.sql)].join(" AND "),
    values: parts.flatMap((part) => part.values),
  };
}

/** `name:value`; a name holds no colon. */
export function hasTag(tag: string): Condition {
  const colon = tag.indexOf(":");
  return {
    sql: "EXISTS (SELECT 1 FROM json_each(request.tags) AS tag WHERE tag.key = ? AND tag.value = ?)",
    values: [tag.slice(0, colon), tag.slice(colon + 1)],
  };
}

/** The last of the rows passed; null when there were fewer than might have been. */
function placeBehind(sql: SqlStorage, range: Condition, passed: number): UsagePlace | null {
  const [last] = sql
    .exec(`SELECT created_at_ms, seq FROM request ${range.sql} LIMIT 1 OFFSET ?`, ...range.values, passed - 1)
    .toArray();
  return last === undefined ? null : { createdAtMs: Number(last.created_at_ms), seq: Number(last.seq) };
}

export function findRow(sql: SqlStorage, requestId: string): ShownRow | null {
  const found = sql.exec(`SELECT ${SHOWN_COLUMNS} FROM request WHERE request_id = ?`, requestId);
  return Array.from(found.raw(), shownRow)[0] ?? null;
}

export function listCharges(sql: SqlStorage, limit: number, beforeSeq: number | null): ChargePage {
  const before = beforeSeq ?? Number.MAX_SAFE_INTEGER;
  const most = Math.min(limit, MAX_ROWS);
  const found = sql.exec(
    `SELECT * FROM (SELECT seq, request_id, charged, balance_after, at_ms FROM request
       WHERE seq < ? ORDER BY seq DESC LIMIT ?)
     WHERE charged > 0 LIMIT ?`,
    before,
    MAX_CHARGES_PASSED,
    most,
  );
  const charges = found.toArray().map((row) => ({
    seq: Number(row.seq),
    request_id: String(row.request_id),
    micro_usd: Number(row.charged),
    balance_after_micro_usd: Number(row.balance_after),
    at_ms: Number(row.at_ms),
  }));
  return { charges, resumeBefore: charges.length < most ? seqBehind(sql, before) : null };
}

function seqBehind(sql: SqlStorage, before: number): number | null {
  const [last] = sql
    .exec(
      "SELECT seq FROM request WHERE seq < ? ORDER BY seq DESC LIMIT 1 OFFSET ?",
      before,
      MAX_CHARGES_PASSED - 1,
    )
    .toArray();
  return last === undefined ? null : Number(last.seq);
}

export function exportRows(sql: SqlStorage, limit: number, afterSeq: number | null): readonly ShownRow[] {
  const found = sql.exec(
    `SELECT ${SHOWN_COLUMNS} FROM request WHERE seq > ? ORDER BY seq LIMIT ?`,
    afterSeq ?? -1,
    Math.min(limit, MAX_ROWS),
  );
  return Array.from(found.raw(), shownRow);
}
