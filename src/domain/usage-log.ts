// The UsageLog object as others see it: one per account and month, fed by the Account object's outbox. Queries
// never stand in the way of admission; a month is dropped whole. Plain data only, for it crosses RPC.
import type { Feedback, FeedbackPlace, Savings } from "./feedback.ts";
import type { MicroUsd } from "./money.ts";
import type { UsageRow } from "./usage-row.ts";

/** One settled request: the Worker's row as JSON, and what the ledger made of it. */
export interface LoggedRow {
  /** Grows with every entry of the account's ledger, deposits included: the order of transactions. */
  readonly seq: number;
  readonly request_id: string;
  readonly charged_micro_usd: MicroUsd;
  readonly balance_after_micro_usd: MicroUsd;
  readonly at_ms: number;
  /** A packed UsageRow; null when the isolate that knew it died and the lease settled. */
  readonly row_json: string | null;
}

/** Refusals are counted, not rowed. */
export interface RefusedCount {
  /** Start of the hour. */
  readonly hour_ms: number;
  readonly key_id: string;
  readonly code: string;
  readonly count: number;
}

export interface UsageBatch {
  readonly rows: readonly LoggedRow[];
  readonly refused: readonly RefusedCount[];
}

export interface UsageFilter {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly model: string | null;
  readonly key: string | null;
  readonly region: string | null;
  readonly status: number | null;
  readonly task: string | null;
  /** `name:value` of `metadata`. */
  readonly tag: string | null;
}

/** Place of a row: newest first, and by the ledger's sequence within a millisecond. */
export interface UsagePlace {
  readonly createdAtMs: number;
  readonly seq: number;
}

/**
 * What is shown of a row; `charged` is what the ledger took, at most the row's own cost. Where the isolate that
 * knew the rest died, ids and names are empty, the status is 500 and the time that of the settlement.
 */
export interface ShownRow extends UsageRow {
  readonly seq: number;
  readonly charged_micro_usd: MicroUsd;
}

export interface UsagePage {
  readonly rows: readonly ShownRow[];
  /** Set when the call had read enough before it had `limit` rows: more may follow behind this place. */
  readonly resumeAt: UsagePlace | null;
}

export type SummaryBucket = "hour" | "day";
export type SummaryGroup = "model" | "key" | "region" | "task";

export interface SummaryQuery {
  /** Widened to whole buckets. Of a tag, at most MAX_TAGGED_REQUESTS can be read. */
  readonly filter: UsageFilter;
  readonly bucket: SummaryBucket;
  readonly group: SummaryGroup | null;
  readonly limit: number;
}

/** Sums by tag are not kept, so the requests in question are read one by one. */
export const MAX_TAGGED_REQUESTS = 50_000;

/** Oldest bucket first, then by group; refused where a tag would make it read too much. */
export type SummaryAnswer =
  | { readonly ok: true; readonly lines: readonly SummaryLine[] }
  | { readonly ok: false; readonly requests: number };

/** Refusals are of no model, region, task or status: a filter by one of these leaves them out. */
export interface SummaryLine {
  readonly start_ms: number;
  /** null without a group, and where the group is not known. */
  readonly group: string | null;
  readonly requests: number;
  readonly errors: number;
  readonly refused: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_micro_usd: MicroUsd;
  readonly latency_p50_ms: number | null;
  readonly latency_p95_ms: number | null;
  readonly queue_depth_max: number;
}

export interface Charge {
  readonly seq: number;
  readonly request_id: string;
  readonly micro_usd: MicroUsd;
  readonly balance_after_micro_usd: MicroUsd;
  readonly at_ms: number;
}

export interface ChargePage {
  readonly charges: readonly Charge[];
  /** Set when the call had read enough before it had `limit` charges: more may follow below this number. */
  readonly resumeBefore: number | null;
}

export interface UsageLogDoor {
  /** Repeats are harmless: a request id is kept once, and a batch's refusals once per `batchId`. */
  append(batchId: string, batch: UsageBatch): Promise<void>;
  /** Newest first; at most `limit`, and at most what can be read without blocking others. */
  rows(filter: UsageFilter, limit: number, before: UsagePlace | null): Promise<UsagePage>;
  row(requestId: string): Promise<ShownRow | null>;
  summary(query: SummaryQuery): Promise<SummaryAnswer>;
  /** Charges greater than zero, newest first. */
  charges(limit: number, beforeSeq: number | null): Promise<ChargePage>;
  /** Everything by `seq`, in pages, for the export before an erasure; the last page is shorter than `limit`. */
  exportRows(limit: number, afterSeq: number | null): Promise<readonly ShownRow[]>;
  /** True where the decision had none before. */
  putFeedback(feedback: Feedback): Promise<boolean>;
  /** False where there was none. */
  deleteFeedback(decisionId: string): Promise<boolean>;
  /** Oldest first, from behind the place on; fewer than `limit` only at the end or beyond 500. */
  feedback(limit: number, after: FeedbackPlace | null): Promise<readonly Feedback[]>;
  /** Of whole days that begin at or after `fromMs` and before `toMs`. */
  savings(fromMs: number, toMs: number): Promise<Savings>;
  erase(): Promise<void>;
}

/** Rows and transactions are kept this long. */
export const USAGE_RETENTION_MS = 90 * 86_400_000;

/** `2026-11`: names the object of a month, UTC. */
export function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}
