// Everything an account is, as JSON lines: facts, keys without their MACs, deposits, the audit, and its usage
// rows with what each was charged. Read page by page, so that a large account never stands in memory.
import type { Transaction } from "../../domain/account-commands.ts";
import type { AuditEntry } from "../../domain/audit.ts";
import type { Feedback, FeedbackPlace } from "../../domain/feedback.ts";
import type { KeyRecord } from "../../domain/key.ts";
import type { DirectoryEntry, Ports } from "../../domain/ports.ts";
import { monthOf, type ShownRow, USAGE_RETENTION_MS } from "../../domain/usage-log.ts";
import { applyAll } from "../apply-all.ts";
import { feedbackObject } from "../feedback.ts";
import { keyObject } from "../key-object.ts";
import { transactionObject } from "../transaction-object.ts";
import { auditObject } from "./audit.ts";

/** Each line is `{"type": …}` and the fields of that thing; usage rows are spelled as they are stored. */
export async function* exportLines(ports: Ports, entry: DirectoryEntry): AsyncGenerator<string> {
  const [{ account }, { ok: _ok, ...credits }] = await applyAll(ports, entry, [
    { kind: "account" },
    { kind: "credits" },
  ]);
  yield line("account", { account_id: entry.accountId, slug: entry.slug, ...account, credits });
  yield* allOf(keyPages(ports, entry), (key) => line("key", keyObject(key)));
  yield* allOf(transactionPages(ports, entry), (row) => line("transaction", transactionObject(row)));
  yield* allOf(auditPages(ports, entry), (row) => line("audit", auditObject(row)));
  for (const month of loggedMonths(entry.createdAtMs, ports.now())) {
    yield* allOf(usagePages(ports, entry, month), (row) => line("usage", row));
    yield* allOf(feedbackPages(ports, entry, month), (row) => line("feedback", feedbackObject(row)));
  }
}

/** `2026-09`, `2026-10`, …: every month that may still have a log. */
export function loggedMonths(createdAtMs: number, nowMs: number): readonly string[] {
  const firstMs = Math.max(createdAtMs, nowMs - USAGE_RETENTION_MS);
  const months = new Set<string>();
  // A day at a time meets every month, whatever its length.
  for (let ms = firstMs; ms < nowMs; ms += 86_400_000) months.add(monthOf(ms));
  return [...months.add(monthOf(nowMs))];
}

function line(type: string, fields: object): string {
  return JSON.stringify({ type, ...fields });
}

/** As many as one answer of an object carries with ease: a row is a kilobyte. */
const PAGE_ROWS = 500;
/** A Worker may ask 10,000 questions a request: 4.5 million rows, and room for the other kinds. */
const MAX_PAGES = 9_000;

interface Pages<Row, Place> {
  /** At most `limit` rows behind a place; null begins. */
  read(limit: number, after: Place | null): Promise<readonly Row[]>;
  placeOf(row: Row): Place;
}

/** @throws Error beyond MAX_PAGES: half an export is none. */
async function* allOf<Row, Place>(
  pages: Pages<Row, Place>,
  toLine: (row: Row) => string,
): AsyncGenerator<string> {
  let after: Place | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const rows = await pages.read(PAGE_ROWS, after);
    for (const row of rows) yield toLine(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    after = pages.placeOf(last);
  }
  throw new Error("an account has more rows than one export can read");
}

function keyPages(ports: Ports, entry: DirectoryEntry): Pages<KeyRecord, string> {
  return {
    async read(limit, afterId) {
      const [{ rows }] = await applyAll(ports, entry, [{ kind: "list-keys", limit, afterId }]);
      return rows;
    },
    placeOf: ({ id }) => id,
  };
}

function transactionPages(ports: Ports, entry: DirectoryEntry): Pages<Transaction, number> {
  return {
    async read(limit, beforeSeq) {
      const [{ rows }] = await applyAll(ports, entry, [{ kind: "transactions", limit, beforeSeq }]);
      return rows;
    },
    placeOf: ({ seq }) => seq,
  };
}

function auditPages(ports: Ports, entry: DirectoryEntry): Pages<AuditEntry, number> {
  return {
    async read(limit, beforeSeq) {
      const [{ rows }] = await applyAll(ports, entry, [{ kind: "audit", limit, beforeSeq }]);
      return rows;
    },
    placeOf: ({ seq }) => seq,
  };
}

function feedbackPages(ports: Ports, entry: DirectoryEntry, month: string): Pages<Feedback, FeedbackPlace> {
  return {
    read: (limit, after) => ports.usageLog(entry, month).feedback(limit, after),
    placeOf: ({ created_at_ms, decision_id }) => ({ createdAtMs: created_at_ms, decisionId: decision_id }),
  };
}

function usagePages(ports: Ports, entry: DirectoryEntry, month: string): Pages<ShownRow, number> {
  return {
    read: (limit, afterSeq) => ports.usageLog(entry, month).exportRows(limit, afterSeq),
    placeOf: ({ seq }) => seq,
  };
}
