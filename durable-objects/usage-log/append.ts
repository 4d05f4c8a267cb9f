// A batch of the outbox becomes rows and sums, in one transaction. Batches come again after a lost answer:
// a request counts once by its id, and the refusals of a batch once by the batch's.
import type { LoggedRow, RefusedCount, UsageBatch } from "../../src/domain/usage-log.ts";
import type { UsageRow } from "../../src/domain/usage-row.ts";
import { recordOf } from "../../src/lib/record.ts";
import { lostRow, readRow } from "./logged-row.ts";
import {
  addLatency,
  addRequest,
  addRollup,
  DAY_MS,
  emptyRollup,
  HOUR_MS,
  type Rollup,
  saveRollup,
} from "./rollup.ts";
import { addSaving } from "./savings.ts";
import { type Dimensions, dimensionsOf, facetsOf, refusedBy, seriesBook } from "./series.ts";

/** Sums that a batch adds, by series and hour. */
interface Added {
  readonly dimensions: Dimensions;
  readonly hourMs: number;
  readonly rollup: Rollup;
}

type SeriesBook = ReturnType<typeof seriesBook>;

interface Batch {
  readonly sql: SqlStorage;
  readonly seriesIdOf: SeriesBook;
  readonly added: Map<string, Added>;
}

/** An RPC carries at most 32 MiB, which bounds the rows of a batch. */
export function append(sql: SqlStorage, id: string, { rows, refused }: UsageBatch): void {
  const batch: Batch = { sql, seriesIdOf: seriesBook(sql), added: new Map() };
  for (const logged of rows) addRow(batch, logged);
  if (refused.length > 0 && isFirst(sql, id)) {
    for (const counted of refused) addRefused(batch, counted);
  }
  saveSums(batch);
}

function addRow(batch: Batch, logged: LoggedRow): void {
  const { request_id, charged_micro_usd, at_ms } = logged;
  const known = readRow(logged);
  const row = known ?? lostRow(request_id, at_ms, charged_micro_usd);
  const dimensions = dimensionsOf(row);
  const stored: StoredRow = {
    seriesId: batch.seriesIdOf("every", dimensions),
    createdAtMs: row.created_at_ms,
    tags: tagsOf(row),
    json: known === null ? null : logged.row_json,
  };
  if (!insertRow(batch.sql, logged, stored)) return;
  if (known !== null) addSaving(batch.sql, known, logged);
  const { rollup } = addedAt(batch, dimensions, row.created_at_ms);
  addRequest(rollup, row, charged_micro_usd);
  if (known !== null) addLatency(rollup, known);
}

/** A column of its own, so that a filter by tag need not read the whole row. */
function tagsOf(row: UsageRow): string | null {
  const tags = recordOf(row.tags);
  return Object.keys(tags).length > 0 ? JSON.stringify(tags) : null;
}

interface StoredRow {
  readonly seriesId: number;
  readonly createdAtMs: number;
  readonly tags: string | null;
  readonly json: string | null;
}

/** False when the request is kept already. */
function insertRow(sql: SqlStorage, logged: LoggedRow, stored: StoredRow): boolean {
  const inserted = sql.exec(
    `INSERT OR IGNORE INTO request(seq, request_id, created_at_ms, series_id, at_ms, charged, balance_after, tags, json)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    logged.seq,
    logged.request_id,
    stored.createdAtMs,
    stored.seriesId,
    logged.at_ms,
    logged.charged_micro_usd,
    logged.balance_after_micro_usd,
    stored.tags,
    stored.json,
  );
  if (inserted.rowsWritten > 0) return true;
  const kept = sql.exec("SELECT 1 FROM request WHERE request_id = ?", logged.request_id).toArray();
  // To ignore this one as well would lose a charge in silence.
  if (kept.length === 0) throw new Error(`two requests with the sequence number ${logged.seq}`);
  return false;
}

function addRefused(batch: Batch, { hour_ms, key_id, count }: RefusedCount): void {
  addedAt(batch, refusedBy(key_id), hour_ms).rollup.refused += count;
}

function addedAt({ added }: Batch, dimensions: Dimensions, atMs: number): Added {
  const hourMs = atMs - (atMs % HOUR_MS);
  const place = JSON.stringify([hourMs, dimensions]);
  const entry = added.get(place) ?? { dimensions, hourMs, rollup: emptyRollup() };
  added.set(place, entry);
  return entry;
}

/** Gathered in memory first: thousands of rows touch a few dozen sums. */
function saveSums({ sql, seriesIdOf, added }: Batch): void {
  const sums = new Map<string, { spanMs: number; seriesId: number; startMs: number; rollup: Rollup }>();
  for (const { dimensions, hourMs, rollup } of added.values()) {
    for (const [facet, open] of facetsOf(dimensions)) {
      const seriesId = seriesIdOf(facet, open);
      for (const spanMs of [HOUR_MS, DAY_MS]) {
        const startMs = hourMs - (hourMs % spanMs);
        const place = `${spanMs} ${seriesId} ${startMs}`;
        const sum = sums.get(place) ?? { spanMs, seriesId, startMs, rollup: emptyRollup() };
        addRollup(sum.rollup, rollup);
        sums.set(place, sum);
      }
    }
  }
  for (const sum of sums.values()) saveRollup(sql, sum, sum.rollup);
}

/** Repeats come within seconds; a day is far beyond any retry of the outbox. */
const BATCH_KEPT_MS = DAY_MS;

/** Whether the batch is new; forgets two old ones for each new one, so that the list never grows for long. */
function isFirst(sql: SqlStorage, id: string): boolean {
  const nowMs = Date.now();
  sql.exec(
    "DELETE FROM batch WHERE n IN (SELECT n FROM batch ORDER BY n LIMIT 2) AND at_ms < ?",
    nowMs - BATCH_KEPT_MS,
  );
  return sql.exec("INSERT OR IGNORE INTO batch(id, at_ms) VALUES (?, ?)", id, nowMs).rowsWritten > 0;
}
