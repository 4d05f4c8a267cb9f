// Sums over time. They are read from rollups, never from rows, so that a million requests answer as fast as a
// thousand; only a tag, for which no sums are kept, is read row by row, within a bound.
import {
  MAX_TAGGED_REQUESTS,
  type SummaryAnswer,
  type SummaryGroup,
  type SummaryLine,
  type SummaryQuery,
} from "../../src/domain/usage-log.ts";
import { quantile } from "../../src/lib/histogram.ts";
import { SHOWN_COLUMNS, shownRow } from "./logged-row.ts";
import {
  addColumns,
  addLatency,
  addRequest,
  DAY_MS,
  emptyRollup,
  HOUR_MS,
  ROLLUP_COLUMNS,
  type Rollup,
} from "./rollup.ts";
import { hasTag } from "./rows.ts";
import { type Condition, conditionOn, facetFor } from "./series.ts";

export function summarize(sql: SqlStorage, query: SummaryQuery): SummaryAnswer {
  const { filter, group, limit } = query;
  const spanMs = query.bucket === "hour" ? HOUR_MS : DAY_MS;
  const wanted: Wanted = {
    spanMs,
    group,
    condition: conditionOn(facetFor(filter, group), filter),
    fromMs: Math.floor(filter.fromMs / spanMs) * spanMs,
    toMs: Math.ceil(filter.toMs / spanMs) * spanMs,
  };
  if (filter.tag === null) return { ok: true, lines: linesFrom(sql, wanted, limit) };
  const requests = countRequests(sql, wanted);
  if (requests > MAX_TAGGED_REQUESTS) return { ok: false, requests };
  const tagged = { ...wanted, condition: both(conditionOn("every", filter), hasTag(filter.tag)) };
  return { ok: true, lines: linesOf(sumRows(sql, tagged)).slice(0, limit) };
}

interface Wanted {
  readonly spanMs: number;
  readonly group: SummaryGroup | null;
  readonly condition: Condition;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Start of a bucket → group → its sums. */
type Sums = Map<number, Map<string, Rollup>>;

/** Buckets summed at once: enough to share a query, few enough to stop soon after the last line wanted. */
const BUCKETS_AT_ONCE = 8;

function linesFrom(sql: SqlStorage, wanted: Wanted, limit: number): readonly SummaryLine[] {
  const { firstMs, lastMs } = extentOf(sql, wanted.spanMs);
  const endMs = Math.min(wanted.toMs, lastMs + wanted.spanMs);
  const lines: SummaryLine[] = [];
  let fromMs = Math.max(wanted.fromMs, firstMs);
  while (fromMs < endMs && lines.length < limit) {
    const toMs = Math.min(endMs, fromMs + BUCKETS_AT_ONCE * wanted.spanMs);
    lines.push(...linesOf(sumRollups(sql, { ...wanted, fromMs, toMs })));
    fromMs = toMs;
  }
  return lines.slice(0, limit);
}

/** First and last bucket with anything in it. Everything counts towards the one series of all requests. */
function extentOf(sql: SqlStorage, spanMs: number): { readonly firstMs: number; readonly lastMs: number } {
  const all = "SELECT id FROM series WHERE facet = 'none'";
  const found = sql.exec(
    `SELECT min(start_ms) AS first, max(start_ms) AS last FROM rollup
     WHERE span_ms = ? AND series_id = (${all})`,
    spanMs,
  );
  const { first, last } = found.one();
  if (first === null) return { firstMs: 0, lastMs: -spanMs };
  return { firstMs: Number(first), lastMs: Number(last) };
}

/** Start of the last day with a request or a refusal in it. */
export function lastDayMs(sql: SqlStorage): number {
  return extentOf(sql, DAY_MS).lastMs;
}

// CROSS JOIN keeps the order written: a few series first, then their sums by the primary key.
const ROLLUPS = `FROM series CROSS JOIN rollup
  ON rollup.series_id = series.id AND rollup.span_ms = ? AND rollup.start_ms >= ? AND rollup.start_ms < ?`;

function sumRollups(sql: SqlStorage, { spanMs, group, condition, fromMs, toMs }: Wanted): Sums {
  const sums: Sums = new Map();
  const found = sql.exec(
    `SELECT start_ms, ${groupColumn(group)}, ${ROLLUP_COLUMNS} ${ROLLUPS} WHERE ${condition.sql}`,
    spanMs,
    fromMs,
    toMs,
    ...condition.values,
  );
  for (const [startMs, name, ...columns] of found.raw()) {
    addColumns(sumAt(sums, Number(startMs), String(name)), columns);
  }
  return sums;
}

function countRequests(sql: SqlStorage, { spanMs, condition, fromMs, toMs }: Wanted): number {
  const found = sql.exec(
    `SELECT coalesce(sum(requests), 0) AS requests ${ROLLUPS} WHERE ${condition.sql}`,
    spanMs,
    fromMs,
    toMs,
    ...condition.values,
  );
  return Number(found.one().requests);
}

function sumRows(sql: SqlStorage, { spanMs, group, condition, fromMs, toMs }: Wanted): Sums {
  const sums: Sums = new Map();
  const found = sql.exec(
    `SELECT ${groupColumn(group)}, ${SHOWN_COLUMNS}
     FROM request CROSS JOIN series ON series.id = request.series_id
     WHERE request.created_at_ms >= ? AND request.created_at_ms < ? AND ${condition.sql}`,
    fromMs,
    toMs,
    ...condition.values,
  );
  for (const [name, ...columns] of found.raw()) {
    const row = shownRow(columns);
    const startMs = row.created_at_ms - (row.created_at_ms % spanMs);
    const sum = sumAt(sums, startMs, String(name));
    addRequest(sum, row, row.charged_micro_usd);
    addLatency(sum, row);
  }
  return sums;
}

function groupColumn(group: SummaryGroup | null): string {
  return group === null ? "''" : `series.${group}`;
}

function sumAt(sums: Sums, startMs: number, name: string): Rollup {
  const groups = sums.get(startMs) ?? new Map<string, Rollup>();
  sums.set(startMs, groups);
  const sum = groups.get(name) ?? emptyRollup();
  groups.set(name, sum);
  return sum;
}

function linesOf(sums: Sums): readonly SummaryLine[] {
  return [...sums]
    .sort(([left], [right]) => left - right)
    .flatMap(([startMs, groups]) =>
      [...groups]
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([name, sum]) => lineOf(startMs, name, sum)),
    );
}

function lineOf(startMs: number, name: string, sum: Rollup): SummaryLine {
  return {
    start_ms: startMs,
    group: name === "" ? null : name,
    requests: sum.requests,
    errors: sum.errors,
    refused: sum.refused,
    input_tokens: sum.inputTokens,
    output_tokens: sum.outputTokens,
    cost_micro_usd: sum.costMicroUsd,
    latency_p50_ms: quantile(sum.latencyMs, 0.5),
    latency_p95_ms: quantile(sum.latencyMs, 0.95),
    queue_depth_max: sum.queueDepthMax,
  };
}

function both(left: Condition, right: Condition): Condition {
  return { sql: `${left.sql} AND ${right.sql}`, values: [...left.values, ...right.values] };
}
