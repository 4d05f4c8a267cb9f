// The UsageLog objects of one account in memory, month by month: as the contract says and no faster. What a call
// reads at most can be set, so that partial pages are seen without a million rows.
import type { Feedback, FeedbackPlace, Savings } from "../../src/domain/feedback.ts";
import type { AccountRef } from "../../src/domain/key.ts";
import {
  monthOf,
  type ShownRow,
  type SummaryAnswer,
  type SummaryQuery,
  type UsageFilter,
  type UsageLogDoor,
  type UsagePage,
  type UsagePlace,
} from "../../src/domain/usage-log.ts";

export interface FakeMonths {
  readonly rows?: readonly ShownRow[];
  /** Rows passed in one call. */
  readonly most?: number;
  readonly summary?: (query: SummaryQuery, month: string) => SummaryAnswer;
  readonly savings?: (month: string, fromMs: number, toMs: number) => Savings;
  /** Every door opened, in order. */
  readonly opened?: { readonly account: AccountRef; readonly month: string }[];
  /** Each call runs through it first: to fail. */
  readonly onCall?: () => void;
}

export function fakeUsageLog(months: FakeMonths = {}) {
  const given = new Map<string, Given>();
  return (account: AccountRef, month: string): UsageLogDoor => {
    months.opened?.push({ account, month });
    const rows = (months.rows ?? [])
      .filter((row) => monthOf(row.created_at_ms) === month)
      .sort((left, right) => right.created_at_ms - left.created_at_ms || right.seq - left.seq);
    const most = months.most ?? 1_000;
    const call = async <Answer>(answer: () => Answer): Promise<Answer> => {
      months.onCall?.();
      return answer();
    };
    return {
      append: () => call(() => undefined),
      rows: (filter, limit, before) =>
        call(() => pageOf(passed(rows, filter, before), { filter, limit, most })),
      row: (id) => call(() => rows.find((row) => row.request_id === id) ?? null),
      summary: (query) => call(() => months.summary?.(query, month) ?? { ok: true, lines: [] }),
      charges: (limit, beforeSeq) => call(() => chargesOf(rows, { limit, beforeSeq, most })),
      exportRows: () => call(() => rows),
      putFeedback: (feedback) =>
        call(() => {
          const before = given.has(feedback.decision_id);
          given.set(feedback.decision_id, { month, feedback });
          return !before;
        }),
      deleteFeedback: (id) => call(() => given.delete(id)),
      feedback: (limit, after) => call(() => feedbackOf(given, { month, limit, after })),
      savings: (fromMs, toMs) => call(() => months.savings?.(month, fromMs, toMs) ?? NOTHING_SAVED),
      erase: () => call(() => undefined),
    };
  };
}

const NOTHING_SAVED: Savings = { requests: 0, paid_micro_usd: 0, baseline_micro_usd: 0 };

interface Given {
  readonly month: string;
  readonly feedback: Feedback;
}

interface AskedFeedback {
  readonly month: string;
  readonly limit: number;
  readonly after: FeedbackPlace | null;
}

function feedbackOf(given: ReadonlyMap<string, Given>, { month, limit, after }: AskedFeedback) {
  const placeOf = (one: Feedback) => `${one.created_at_ms}.${one.decision_id}`;
  const behind = after === null ? "" : `${after.createdAtMs}.${after.decisionId}`;
  return [...given.values()]
    .flatMap((one) => (one.month === month ? [one.feedback] : []))
    .filter((one) => placeOf(one) > behind)
    .sort((left, right) => (placeOf(left) < placeOf(right) ? -1 : 1))
    .slice(0, limit);
}

function passed(rows: readonly ShownRow[], filter: UsageFilter, before: UsagePlace | null) {
  return rows.filter((row) => {
    if (row.created_at_ms < filter.fromMs || row.created_at_ms >= filter.toMs) return false;
    if (before === null || row.created_at_ms < before.createdAtMs) return true;
    return row.created_at_ms === before.createdAtMs && row.seq < before.seq;
  });
}

interface Asked {
  readonly filter: UsageFilter;
  readonly limit: number;
  readonly most: number;
}

function pageOf(rows: readonly ShownRow[], { filter, limit, most }: Asked): UsagePage {
  const read = rows.slice(0, most);
  const found = read.filter((row) => filter.model === null || row.model === filter.model).slice(0, limit);
  const last = read[most - 1];
  const stopped = found.length < limit && last !== undefined;
  return { rows: found, resumeAt: stopped ? { createdAtMs: last.created_at_ms, seq: last.seq } : null };
}

function chargesOf(
  rows: readonly ShownRow[],
  { limit, beforeSeq, most }: { limit: number; beforeSeq: number | null; most: number },
) {
  const read = rows
    .filter((row) => row.seq < (beforeSeq ?? Number.MAX_SAFE_INTEGER))
    .sort((left, right) => right.seq - left.seq)
    .slice(0, most);
  const charges = read
    .filter((row) => row.charged_micro_usd > 0)
    .slice(0, limit)
    .map((row) => ({
      seq: row.seq,
      request_id: row.request_id,
      micro_usd: row.charged_micro_usd,
      balance_after_micro_usd: 1_000_000 - row.seq,
      at_ms: row.created_at_ms + row.latency_ms,
    }));
  return { charges, resumeBefore: charges.length < limit ? (read[most - 1]?.seq ?? null) : null };
}
