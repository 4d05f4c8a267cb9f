// The usage of an account lies in one object per month: which months a question needs, and their answers put
// together. What a row looks like it does not know.
import { RouterError } from "../domain/errors.ts";
import type { AccountRef } from "../domain/key.ts";
import type { Ports } from "../domain/ports.ts";
import {
  type Charge,
  monthOf,
  type ShownRow,
  type SummaryLine,
  USAGE_RETENTION_MS,
  type UsageFilter,
  type UsageLogDoor,
  type UsagePlace,
} from "../domain/usage-log.ts";
import { inBatches } from "./in-batches.ts";
import type { AskedSummary } from "./usage-query.ts";

/** 90 days touch five months at most: 31 January to 1 May. */
const MAX_MONTHS = 5;

/** Newest first; `toMs` is exclusive. Later months than five before are past retention. */
export function monthsWithin(fromMs: number, toMs: number): readonly string[] {
  const months: string[] = [];
  for (let ms = toMs - 1; ms >= fromMs && months.length < MAX_MONTHS; ) {
    const month = monthOf(ms);
    months.push(month);
    ms = Date.parse(`${month}-01T00:00:00Z`) - 1;
  }
  return months;
}

export interface FoundRows {
  readonly rows: readonly ShownRow[];
  /** Where to go on when a month's object had read enough for one call. */
  readonly resumeAt: UsagePlace | null;
}

export interface AskedRows {
  readonly filter: UsageFilter;
  readonly limit: number;
  readonly before: UsagePlace | null;
}

/** Newest first, at most `limit`. At most one of the calls is a long one: the first that is ends the page. */
export async function findRows(ports: Ports, account: AccountRef, asked: AskedRows): Promise<FoundRows> {
  const { filter, limit, before } = asked;
  const toMs = before === null ? filter.toMs : Math.min(filter.toMs, before.createdAtMs + 1);
  const rows: ShownRow[] = [];
  for (const month of monthsWithin(filter.fromMs, toMs)) {
    const log = monthAsker(ports, account, month);
    const page = await log((door) => door.rows(filter, limit - rows.length, before));
    rows.push(...page.rows);
    if (rows.length >= limit) break;
    if (page.resumeAt !== null) return { rows, resumeAt: page.resumeAt };
  }
  return { rows, resumeAt: null };
}

/** The month is not in the id: the newest first, where most look. */
export async function findRow(
  ports: Ports,
  account: AccountRef,
  requestId: string,
): Promise<ShownRow | null> {
  const fromMs = ports.now() - USAGE_RETENTION_MS;
  for (const month of monthsKept(ports)) {
    const row = await monthAsker(ports, account, month)((door) => door.row(requestId));
    if (row !== null) return row.created_at_ms >= fromMs ? row : null;
  }
  return null;
}

export function monthsKept(ports: Ports): readonly string[] {
  return monthsWithin(ports.now() - USAGE_RETENTION_MS, ports.now() + 1);
}

/** Oldest first, at most `limit`. @throws RouterError 400 where a tag would make it read too much. */
export async function sumUp(
  ports: Ports,
  account: AccountRef,
  asked: AskedSummary & { readonly limit: number },
): Promise<readonly SummaryLine[]> {
  const lines: SummaryLine[] = [];
  for (const month of monthsWithin(asked.filter.fromMs, asked.filter.toMs).toReversed()) {
    const query = { ...asked, limit: asked.limit - lines.length };
    const answer = await monthAsker(ports, account, month)((door) => door.summary(query));
    if (!answer.ok) throw tooManyTagged(answer.requests);
    lines.push(...answer.lines);
    if (lines.length >= asked.limit) break;
  }
  return lines;
}

function tooManyTagged(requests: number): RouterError {
  const message = `A summary by 'tag' would have to read ${requests} requests: narrow 'from' and 'to', or add a filter.`;
  return new RouterError("invalid_value", message, { param: "tag" });
}

export interface FoundCharges {
  /** Newest first. */
  readonly charges: readonly Charge[];
  /** Below this number some may be missing: go on from here. */
  readonly resumeBefore: number | null;
}

/** Settlement crosses the ends of months, so all months are asked and their charges merged by sequence. */
export async function findCharges(
  ports: Ports,
  account: AccountRef,
  page: { readonly limit: number; readonly beforeSeq: number | null },
): Promise<FoundCharges> {
  const pages = await inBatches(monthsKept(ports), MAX_MONTHS, (month) =>
    monthAsker(ports, account, month)((door) => door.charges(page.limit, page.beforeSeq)),
  );
  const resumes = pages.flatMap(({ resumeBefore }) => (resumeBefore === null ? [] : [resumeBefore]));
  return {
    charges: pages.flatMap(({ charges }) => charges).sort((left, right) => right.seq - left.seq),
    resumeBefore: resumes.length === 0 ? null : Math.max(...resumes),
  };
}

type MonthAsker = <Answer>(ask: (door: UsageLogDoor) => Promise<Answer>) => Promise<Answer>;

/** Asks a month's object; a broken stub stays broken, so the second try takes a new one. @throws RouterError 503 */
export function monthAsker(ports: Ports, account: AccountRef, month: string): MonthAsker {
  return async (ask) => {
    try {
      return await ask(ports.usageLog(account, month));
    } catch (cause) {
      if (!isRetryable(cause)) throw unavailable(cause);
    }
    return await ask(ports.usageLog(account, month)).catch((cause: unknown) => {
      throw unavailable(cause);
    });
  };
}

function isRetryable(cause: unknown): boolean {
  return typeof cause === "object" && cause !== null && "retryable" in cause && cause.retryable === true;
}

function unavailable(cause: unknown): RouterError {
  return new RouterError("overloaded", "The usage log is busy right now: retry in a second.", {
    retryAfterMs: 1_000,
    cause,
  });
}
