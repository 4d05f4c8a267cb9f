// What a settled request's row says, as it came with the outbox and as it is shown. Where the isolate that knew
// it died, the ledger's own part remains: that there was a request, when it was settled and what it cost.
import type { MicroUsd } from "../../src/domain/money.ts";
import { unpackRow } from "../../src/domain/packed-row.ts";
import type { LoggedRow, ShownRow } from "../../src/domain/usage-log.ts";
import type { UsageRow } from "../../src/domain/usage-row.ts";

/** null where there is none, or none that can be read: the charge counts all the same. */
export function readRow(logged: LoggedRow): UsageRow | null {
  if (logged.row_json === null) return null;
  const row = unpackRow(logged.row_json);
  return row !== null && hasDimensions(row) ? row : null;
}

/** What becomes columns: a fault in the rest shows, a fault in these would stop the whole batch. */
function hasDimensions(row: UsageRow): boolean {
  const { created_at_ms, status, model, key_id, region } = row;
  const areNumbers = [created_at_ms, status].every(Number.isSafeInteger);
  return areNumbers && [model, key_id, region].every((text) => typeof text === "string");
}

export function lostRow(requestId: string, settledAtMs: number, chargedMicroUsd: MicroUsd): UsageRow {
  return {
    request_id: requestId,
    decision_id: null,
    created_at_ms: settledAtMs,
    key_id: "",
    account_id: "",
    endpoint: "",
    dialect: "",
    model_requested: "",
    model: "",
    origin: "",
    region: "",
    task: null,
    complexity: null,
    status: 500,
    outcome: "error",
    error: "internal_error",
    stream: false,
    input_tokens: 0,
    cached_input_tokens: 0,
    output_tokens: 0,
    gpu_ms: 0,
    estimated: true,
    cost_micro_usd: chargedMicroUsd,
    baseline_micro_usd: null,
    latency_ms: 0,
    ttft_ms: null,
    queue_ms: 0,
    queue_depth: 0,
    overhead_ms: 0,
    attempts: [],
    cache: null,
    user: null,
    tags: null,
  };
}

export const SHOWN_COLUMNS =
  "request.seq, request.request_id, request.created_at_ms, request.charged, request.json";

/** `columns` as SHOWN_COLUMNS names them. */
export function shownRow(columns: readonly SqlStorageValue[]): ShownRow {
  const [seq, requestId, createdAtMs, charged, json] = columns;
  const known = typeof json === "string" ? unpackRow(json) : null;
  const row = known ?? lostRow(String(requestId), Number(createdAtMs), Number(charged));
  return { ...row, seq: Number(seq), charged_micro_usd: Number(charged) };
}
