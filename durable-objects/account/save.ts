// One save: everything that changed since the last, in one transaction. Balances, postings, keys' spending and
// usage rows are written together, so that a crash keeps all of a save or nothing of it.
import { refillEscrow } from "../../src/admission/ledger.ts";
import { type Open, type Posting, takeUnsaved } from "../../src/admission/ledger-state.ts";
import { saveKey } from "./key-store.ts";
import type { AccountState } from "./state.ts";

/** Writes the account's one row whole: facts, view version, balances, counters. */
export function saveAccount(state: AccountState, nowMs: number): void {
  const { facts, ledger, limits } = state;
  if (facts === null) return;
  state.updatedAtMs = nowMs;
  state.sql.exec(
    `INSERT OR REPLACE INTO account(k, name, plan, status, jurisdiction, limits, view_version, created_at_ms,
       credits, posted, held, next_id, updated_at_ms, epoch, entry_seq, gpu_ms, gpu_month)
     VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)`,
    facts.name,
    facts.plan,
    facts.status,
    facts.jurisdiction,
    JSON.stringify(facts.limits),
    state.viewVersion,
    facts.createdAtMs,
    ledger.credits,
    ledger.posted,
    ledger.held,
    nowMs,
    ledger.epoch,
    state.entrySeq,
    Math.round(limits.gpuMs),
    limits.gpuMonth,
  );
}

/** Must run inside one synchronous turn; the platform makes its statements one commit. */
export function saveState(state: AccountState, nowMs: number): void {
  refillEscrow(state.ledger, nowMs - state.updatedAtMs);
  const unsaved = takeUnsaved(state.ledger);
  for (const open of unsaved.renewed.values()) saveOpen(state, open);
  if (unsaved.closed.length > 0) deleteClosed(state, unsaved.closed);
  saveOrphans(state);
  if (unsaved.postings.length > 0) saveJournal(state, unsaved.postings, nowMs);
  for (const key of state.spentKeys.values()) saveKey(state, key);
  state.spentKeys.clear();
  saveAccount(state, nowMs);
  sweepJournal(state, nowMs);
}

/** The table is scanned whole: often enough to keep it small, seldom enough to cost nothing. */
const SWEEPS_PER_LEASE = 6;

function sweepJournal(state: AccountState, nowMs: number): void {
  if (nowMs - state.sweptAtMs < state.leaseMs / SWEEPS_PER_LEASE) return;
  state.sweptAtMs = nowMs;
  state.sql.exec("DELETE FROM journal WHERE rows IS NULL AND at_ms < ?", nowMs - 3 * state.leaseMs);
}

function saveOpen({ sql }: AccountState, open: Open): void {
  sql.exec(
    "INSERT OR REPLACE INTO open_entry(id, nonce, key_id, micro_usd, checkpoint, expires_at_ms) VALUES (?, ?, ?, ?, ?, ?)",
    open.id,
    open.nonce,
    open.keyId,
    open.microUsd,
    open.checkpoint,
    open.expiresAtMs,
  );
}

/** Few have a row: a table that is empty answers the delete from memory. */
function deleteClosed({ sql }: AccountState, ids: readonly number[]): void {
  const [{ n } = { n: 0 }] = sql.exec("SELECT EXISTS(SELECT 1 FROM open_entry) AS n").toArray();
  if (n === 0) return;
  for (const id of ids) sql.exec("DELETE FROM open_entry WHERE id = ?", id);
}

function saveOrphans({ sql, ledger }: AccountState): void {
  const [{ n } = { n: 0 }] = sql.exec("SELECT count(*) AS n FROM orphan").toArray();
  if (n === 0 && ledger.orphans.length === 0) return;
  sql.exec("DELETE FROM orphan");
  for (const { epoch, microUsd, untilMs } of ledger.orphans) {
    sql.exec("INSERT INTO orphan(epoch, micro_usd, until_ms) VALUES (?, ?, ?)", epoch, microUsd, untilMs);
  }
}

/** A row of storage holds 2 MB; in UTF-8 this many characters are at most three quarters of that. */
const MAX_ROWS_LENGTH = 500_000;

/**
 * One row for all postings of a save, or a few where callers sent long tags. `rows` holds a line each: sequence
 * number, request id, charge, balance after it, time, and the usage row as it came. Lines are cheaper than an
 * array of objects: nothing is parsed.
 */
function saveJournal(state: AccountState, postings: readonly Posting[], nowMs: number): void {
  let piece: Piece = { ids: [], lines: [], length: 0 };
  postings.forEach(({ id, requestId, microUsd, balanceAfter }, index) => {
    const unsaved = state.rows[index];
    if (unsaved === undefined) throw new Error("a posting without its row");
    const line = [unsaved.seq, requestId, microUsd, balanceAfter, nowMs, unsaved.row ?? ""].join("\t");
    if (piece.length > 0 && piece.length + line.length > MAX_ROWS_LENGTH) {
      savePiece(state, piece, nowMs);
      piece = { ids: [], lines: [], length: 0 };
    }
    piece.ids.push(id);
    piece.lines.push(line);
    piece.length += line.length;
  });
  savePiece(state, piece, nowMs);
  state.rows.length = 0;
}

interface Piece {
  readonly ids: number[];
  readonly lines: string[];
  length: number;
}

function savePiece({ sql }: AccountState, { ids, lines }: Piece, nowMs: number): void {
  sql.exec(
    "INSERT INTO journal(at_ms, ids, rows) VALUES (?, ?, ?)",
    nowMs,
    Float64Array.from(ids).buffer,
    lines.join("\n"),
  );
}
