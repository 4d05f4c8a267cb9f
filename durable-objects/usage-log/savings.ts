// What routing saved, in one sum per day: kept while rows come in, so that a year's question reads a few rows.
import type { Savings } from "../../src/domain/feedback.ts";
import type { LoggedRow } from "../../src/domain/usage-log.ts";
import type { UsageRow } from "../../src/domain/usage-row.ts";
import { DAY_MS } from "./rollup.ts";

/** `row` counts once: whoever calls has just kept it. */
export function addSaving(sql: SqlStorage, row: UsageRow, { charged_micro_usd }: LoggedRow): void {
  const baseline = row.baseline_micro_usd;
  // An answer that failed or was never charged saved nothing.
  if (baseline === null || row.outcome === "error") return;
  sql.exec(
    `INSERT INTO saving(day_ms, requests, paid, baseline) VALUES (?, 1, ?, ?)
     ON CONFLICT(day_ms) DO UPDATE SET
       requests = requests + 1, paid = paid + excluded.paid, baseline = baseline + excluded.baseline`,
    row.created_at_ms - (row.created_at_ms % DAY_MS),
    charged_micro_usd,
    baseline,
  );
}

/** Of whole days that begin at or after `fromMs` and before `toMs`. */
export function sumSavings(sql: SqlStorage, fromMs: number, toMs: number): Savings {
  const sum = sql
    .exec(
      `SELECT coalesce(sum(requests), 0) AS requests, coalesce(sum(paid), 0) AS paid,
         coalesce(sum(baseline), 0) AS baseline
       FROM saving WHERE day_ms >= ? AND day_ms < ?`,
      fromMs,
      toMs,
    )
    .one();
  return {
    requests: Number(sum.requests),
    paid_micro_usd: Number(sum.paid),
    baseline_micro_usd: Number(sum.baseline),
  };
}
