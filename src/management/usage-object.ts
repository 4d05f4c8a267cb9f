// A usage row and a line of a summary as the wire shows them. `cost_usd` is what the ledger took, so that rows
// and transactions add up to the same.
import { toUsd } from "../domain/money.ts";
import type { Attempt } from "../domain/usage.ts";
import type { ShownRow, SummaryGroup, SummaryLine } from "../domain/usage-log.ts";
import { rfc3339 } from "./rfc3339.ts";

export function usageObject(row: ShownRow) {
  return {
    request_id: row.request_id,
    decision_id: row.decision_id,
    created_at: rfc3339(row.created_at_ms),
    key_id: known(row.key_id),
    account_id: known(row.account_id),
    endpoint: known(row.endpoint),
    dialect: known(row.dialect),
    model_requested: known(row.model_requested),
    model: known(row.model),
    origin: known(row.origin),
    region: known(row.region),
    task: row.task,
    complexity: row.complexity,
    status: row.status,
    outcome: row.outcome,
    stream: row.stream,
    input_tokens: row.input_tokens,
    cached_input_tokens: row.cached_input_tokens,
    output_tokens: row.output_tokens,
    gpu_ms: row.gpu_ms,
    estimated: row.estimated,
    cost_usd: toUsd(row.charged_micro_usd),
    latency_ms: row.latency_ms,
    ttft_ms: row.ttft_ms,
    queue_ms: row.queue_ms,
    overhead_ms: row.overhead_ms,
    attempts: row.attempts.map(attemptObject),
    cache: row.cache,
    user: row.user,
    tags: row.tags,
  } as const;
}

/** The columns of a row as CSV, in the order of its fields. */
export const USAGE_COLUMNS: readonly (keyof ReturnType<typeof usageObject>)[] = [
  "request_id",
  "decision_id",
  "created_at",
  "key_id",
  "account_id",
  "endpoint",
  "dialect",
  "model_requested",
  "model",
  "origin",
  "region",
  "task",
  "complexity",
  "status",
  "outcome",
  "stream",
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "gpu_ms",
  "estimated",
  "cost_usd",
  "latency_ms",
  "ttft_ms",
  "queue_ms",
  "overhead_ms",
  "attempts",
  "cache",
  "user",
  "tags",
];

/** Empty where the isolate that knew it died. */
function known(text: string): string | null {
  return text === "" ? null : text;
}

function attemptObject(attempt: Attempt) {
  return {
    model: attempt.model,
    origin: attempt.origin,
    region: attempt.region,
    status: attempt.status,
    error: attempt.error,
    ms: attempt.ms,
    ttft_ms: attempt.ttftMs,
    input_tokens: attempt.inputTokens,
    output_tokens: attempt.outputTokens,
  };
}

/** Grouped lines name their group by what they are grouped by. */
export function summaryObject(line: SummaryLine, group: SummaryGroup | null) {
  return {
    start: rfc3339(line.start_ms),
    ...(group === null ? {} : { [group]: line.group }),
    requests: line.requests,
    errors: line.errors,
    refused: line.refused,
    input_tokens: line.input_tokens,
    output_tokens: line.output_tokens,
    cost_usd: toUsd(line.cost_micro_usd),
    latency_p50_ms: line.latency_p50_ms,
    latency_p95_ms: line.latency_p95_ms,
    queue_depth_max: line.queue_depth_max,
  };
}

export function summaryColumns(group: SummaryGroup | null): readonly string[] {
  return [
    "start",
    ...(group === null ? [] : [group]),
    "requests",
    "errors",
    "refused",
    "input_tokens",
    "output_tokens",
    "cost_usd",
    "latency_p50_ms",
    "latency_p95_ms",
    "queue_depth_max",
  ];
}
