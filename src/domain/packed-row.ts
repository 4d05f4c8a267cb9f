// A usage row on its way and at rest: an array of its values in a fixed order. Names would be two thirds of it,
// and it is written to storage twice at the rate of requests. The order is storage: append, never change.
import type { Attempt } from "./usage.ts";
import type { UsageRow } from "./usage-row.ts";

/** `created_at_ms` stands first: the outbox sorts rows by month without reading further. */
const FIELDS = [
  "created_at_ms",
  "request_id",
  "decision_id",
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
  "error",
  "stream",
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "gpu_ms",
  "estimated",
  "cost_micro_usd",
  "latency_ms",
  "ttft_ms",
  "queue_ms",
  "queue_depth",
  "overhead_ms",
  "cache",
  "user",
  "tags",
  "attempts",
  "baseline_micro_usd",
] as const satisfies readonly (keyof UsageRow)[];

const ATTEMPT_FIELDS = [
  "model",
  "origin",
  "region",
  "status",
  "error",
  "ms",
  "ttftMs",
  "inputTokens",
  "outputTokens",
] as const satisfies readonly (keyof Attempt)[];

const ATTEMPTS = FIELDS.indexOf("attempts");

export function packRow(row: UsageRow): string {
  const values: unknown[] = FIELDS.map((field) => row[field]);
  values[ATTEMPTS] = row.attempts.map((attempt) => ATTEMPT_FIELDS.map((field) => attempt[field]));
  return JSON.stringify(values);
}

/** null for text that is no packed row; a field added later than the row reads as null. */
export function unpackRow(packed: string): UsageRow | null {
  const values = parseArray(packed);
  if (values === null) return null;
  const row = Object.fromEntries(FIELDS.map((field, at) => [field, values[at] ?? null]));
  const attempts = Array.isArray(row.attempts) ? row.attempts.map(unpackAttempt) : [];
  return { ...row, attempts } as unknown as UsageRow; // packRow wrote it from one
}

function unpackAttempt(values: unknown): unknown {
  return Object.fromEntries(
    ATTEMPT_FIELDS.map((field, at) => [field, Array.isArray(values) ? values[at] : null]),
  );
}

function parseArray(text: string): readonly unknown[] | null {
  if (!text.startsWith("[")) return null;
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value : null;
}

/** Of a packed row; null for text that is none. */
export function packedAtMs(packed: string): number | null {
  const found = /^\[(\d+),/.exec(packed);
  return found === null ? null : Number(found[1]);
}
