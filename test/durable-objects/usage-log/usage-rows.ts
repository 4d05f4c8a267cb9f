// Usage rows for tests: one plain request, and what the outbox makes of it.
import { packRow } from "../../../src/domain/packed-row.ts";
import type { LoggedRow, UsageFilter } from "../../../src/domain/usage-log.ts";
import type { UsageRow } from "../../../src/domain/usage-row.ts";

export const HOUR_MS = 3_600_000;
/** The current month: its rows are kept while tests run, whatever the day. */
export const MONTH_MS = Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth());

export function usageRow(n: number, changes: Partial<UsageRow> = {}): UsageRow {
  return {
    request_id: `req_${n}`,
    decision_id: null,
    created_at_ms: MONTH_MS + n,
    key_id: "key_1",
    account_id: "acct_1",
    endpoint: "/v1/chat/completions",
    dialect: "openai",
    model_requested: "A/x",
    model: "A/x",
    origin: "us-1",
    region: "us-east",
    task: null,
    complexity: null,
    status: 200,
    outcome: "ok",
    error: null,
    stream: true,
    input_tokens: 10,
    cached_input_tokens: 0,
    output_tokens: 5,
    gpu_ms: 0,
    estimated: false,
    cost_micro_usd: 7,
    baseline_micro_usd: null,
    latency_ms: 100,
    ttft_ms: 20,
    queue_ms: 0,
    queue_depth: 1,
    overhead_ms: 1,
    attempts: [],
    cache: null,
    user: null,
    tags: null,
    ...changes,
  };
}

/** As the ledger hands it on: charged in full, one after the other. */
export function logged(seq: number, row: UsageRow, changes: Partial<LoggedRow> = {}): LoggedRow {
  return {
    seq,
    request_id: row.request_id,
    charged_micro_usd: row.cost_micro_usd,
    balance_after_micro_usd: 1_000_000 - seq,
    at_ms: row.created_at_ms + row.latency_ms,
    row_json: packRow(row),
    ...changes,
  };
}

/** Everything of the month. */
export const ALL: UsageFilter = {
  fromMs: MONTH_MS,
  toMs: MONTH_MS + 31 * 24 * HOUR_MS,
  model: null,
  key: null,
  region: null,
  status: null,
  task: null,
  tag: null,
};
