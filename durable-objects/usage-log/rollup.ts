// Sums over the requests of one series in one hour or day, and their rows. Adding two gives what counting all
// their requests would have given, percentiles included.
import type { MicroUsd } from "../../src/domain/money.ts";
import type { UsageRow } from "../../src/domain/usage-row.ts";
import { count, type Histogram, merge, pack, unpackInto } from "../../src/lib/histogram.ts";
import { countOf } from "../../src/lib/record.ts";

export interface Rollup {
  requests: number;
  errors: number;
  refused: number;
  inputTokens: number;
  outputTokens: number;
  costMicroUsd: MicroUsd;
  queueDepthMax: number;
  readonly latencyMs: Histogram;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export function emptyRollup(): Rollup {
  return {
    requests: 0,
    errors: 0,
    refused: 0,
    inputTokens: 0,
    outputTokens: 0,
    costMicroUsd: 0,
    queueDepthMax: 0,
    latencyMs: new Map(),
  };
}

/** Counts one request. Rows come from Workers older and younger than this object: a field may be missing. */
export function addRequest(rollup: Rollup, row: UsageRow, chargedMicroUsd: MicroUsd): void {
  rollup.requests++;
  if (row.outcome === "error") rollup.errors++;
  rollup.inputTokens += countOf(row.input_tokens);
  rollup.outputTokens += countOf(row.output_tokens);
  rollup.costMicroUsd += chargedMicroUsd;
  rollup.queueDepthMax = Math.max(rollup.queueDepthMax, countOf(row.queue_depth));
}

/** Apart from addRequest: nobody knows how long a request took whose isolate died. */
export function addLatency(rollup: Rollup, row: UsageRow): void {
  count(rollup.latencyMs, row.latency_ms);
}

export function addRollup(into: Rollup, from: Rollup): void {
  into.requests += from.requests;
  into.errors += from.errors;
  into.refused += from.refused;
  into.inputTokens += from.inputTokens;
  into.outputTokens += from.outputTokens;
  into.costMicroUsd += from.costMicroUsd;
  into.queueDepthMax = Math.max(into.queueDepthMax, from.queueDepthMax);
  merge(into.latencyMs, from.latencyMs);
}

export interface RollupPlace {
  readonly spanMs: number;
  readonly seriesId: number;
  readonly startMs: number;
}

export const ROLLUP_COLUMNS =
  "requests, errors, refused, input_tokens, output_tokens, cost, queue_depth_max, latency";

/** Adds to what stands at the place. */
export function saveRollup(sql: SqlStorage, place: RollupPlace, added: Rollup): void {
  const where = [place.spanMs, place.seriesId, place.startMs];
  const select = `SELECT ${ROLLUP_COLUMNS} FROM rollup WHERE span_ms = ? AND series_id = ? AND start_ms = ?`;
  const sum = emptyRollup();
  for (const columns of sql.exec(select, ...where).raw()) addColumns(sum, columns);
  addRollup(sum, added);
  sql.exec(
    `INSERT OR REPLACE INTO rollup(span_ms, series_id, start_ms, ${ROLLUP_COLUMNS})
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...where,
    sum.requests,
    sum.errors,
    sum.refused,
    sum.inputTokens,
    sum.outputTokens,
    sum.costMicroUsd,
    sum.queueDepthMax,
    pack(sum.latencyMs),
  );
}

/** `columns` as ROLLUP_COLUMNS names them: read by the hundred thousand, so without an object for each row. */
export function addColumns(into: Rollup, columns: readonly SqlStorageValue[]): void {
  const [requests, errors, refused, inputTokens, outputTokens, cost, queueDepthMax, latency] = columns;
  into.requests += Number(requests);
  into.errors += Number(errors);
  into.refused += Number(refused);
  into.inputTokens += Number(inputTokens);
  into.outputTokens += Number(outputTokens);
  into.costMicroUsd += Number(cost);
  into.queueDepthMax = Math.max(into.queueDepthMax, Number(queueDepthMax));
  if (latency instanceof ArrayBuffer) unpackInto(into.latencyMs, latency);
}
