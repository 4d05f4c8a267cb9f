// Admission and the ledger, as commands: each runs the pure step and writes its rows in the same turn,
// so that a crash keeps both or neither.
import {
  availableIn,
  balanceOf,
  credit,
  expire,
  heldBy,
  type LedgerWrite,
  post,
  type ReserveRequest,
  renew,
  reserve,
} from "../../src/admission/ledger.ts";
import type { AnswerOf, CommandOf, Refusal, Transaction } from "../../src/domain/account-commands.ts";
import type { RequestId } from "../../src/domain/ids.ts";
import type { KeyView } from "../../src/domain/key.ts";
import { assertNever } from "../../src/lib/assert-never.ts";
import { isRefusal, proveKey } from "./key-commands.ts";
import { chargeKey, findKey, spentInMonth } from "./key-store.ts";
import { countRequest, limitsLeft, overLimit } from "./limits.ts";
import { type AccountState, refuse, saveAccount } from "./state.ts";
import type { StoredKey } from "./stored-key.ts";

/** Key, view, limits, credits and budget in one turn: all or nothing. */
export function admit(state: AccountState, command: CommandOf<"admit">, nowMs: number): AnswerOf<"admit"> {
  const key = proveKey(state, command, nowMs);
  if (isRefusal(key)) return key;
  if (command.viewVersion !== state.viewVersion) {
    return { ok: true, verdict: "stale", view: viewOf(state, key) };
  }
  if (command.intent === "prove-key") return admitted(state, nowMs);
  const over = overLimit(state, nowMs);
  if (over !== null) return over;
  if (command.intent === "count-request") {
    countRequest(state, nowMs);
    return admitted(state, nowMs);
  }
  const short = cannotPay(state, key, command.hold.leastMicroUsd, nowMs);
  if (short !== null) return short;
  if (command.intent === "check-limits") return admitted(state, nowMs);
  return hold(state, command, nowMs);
}

function admitted(state: AccountState, nowMs: number): AnswerOf<"admit"> {
  return { ok: true, verdict: "admitted", reservation: null, limits: limitsLeft(state, nowMs) };
}

function hold(state: AccountState, command: CommandOf<"admit">, nowMs: number): AnswerOf<"admit"> {
  const request: ReserveRequest = {
    nonce: command.nonce,
    keyId: command.keyId,
    leastMicroUsd: command.hold.leastMicroUsd,
    mostMicroUsd: Math.min(command.hold.mostMicroUsd, budgetLeft(state, command, nowMs)),
    expiresAtMs: nowMs + state.leaseMs,
  };
  const { result: pending, writes } = reserve(state.ledger, request);
  if (pending === null) return insufficient();
  // A repeated admit finds its reservation and is not counted twice.
  if (writes.length > 0) countRequest(state, nowMs);
  save(state, writes, nowMs);
  const reservation = { id: pending.id, heldMicroUsd: pending.microUsd, leaseMs: state.leaseMs };
  return { ok: true, verdict: "admitted", reservation, limits: limitsLeft(state, nowMs) };
}

function viewOf(state: AccountState, key: StoredKey): KeyView {
  const { modelPool, optimizeMode, region } = key;
  return { version: state.viewVersion, modelPool, optimizeMode, region };
}

function cannotPay(
  state: AccountState,
  key: StoredKey,
  leastMicroUsd: number,
  nowMs: number,
): Refusal | null {
  if (availableIn(state.ledger) < leastMicroUsd) return insufficient();
  if (budgetLeft(state, { keyId: key.id }, nowMs) >= leastMicroUsd) return null;
  return refuse("budget_exceeded", "The budget of this API key is used up: raise it, or use another key.");
}

/** What the key may still hold; without a budget everything. */
function budgetLeft(state: AccountState, claim: { readonly keyId: StoredKey["id"] }, nowMs: number): number {
  const key = findKey(state, claim.keyId);
  if (key === null || key.budget === null) return Number.MAX_SAFE_INTEGER;
  const spent = key.budget.period === "month" ? spentInMonth(key, nowMs) : key.spentMicroUsd;
  return key.budget.amountMicroUsd - spent - heldBy(state.ledger, key.id);
}

function insufficient(): Refusal {
  return refuse(
    "insufficient_credits",
    "The account's credits do not cover this request: top up, or ask for less.",
  );
}

export function settle(state: AccountState, command: CommandOf<"settle">, nowMs: number): AnswerOf<"settle"> {
  const { result, writes } = post(state.ledger, command.reservationId, command.microUsd);
  save(state, writes, nowMs);
  return { ok: true, ...result };
}

export function voidHold(state: AccountState, command: CommandOf<"void">, nowMs: number): AnswerOf<"void"> {
  const { result, writes } = post(state.ledger, command.reservationId, 0);
  save(state, writes, nowMs);
  return { ok: true, ...result };
}

/** Renews a lease with a checkpoint; says whether the key was revoked meanwhile. */
export function touch(state: AccountState, command: CommandOf<"touch">, nowMs: number): AnswerOf<"touch"> {
  const renewal = { usedMicroUsd: command.microUsd, expiresAtMs: nowMs + state.leaseMs };
  const { result: pending, writes } = renew(state.ledger, command.reservationId, renewal);
  save(state, writes, nowMs);
  const key = pending === null ? null : findKey(state, pending.keyId);
  const revoked = (key !== null && key.revokedAtMs !== null) || state.facts?.status === "deactivated";
  return { ok: true, revoked };
}

export function showCredits(state: AccountState): AnswerOf<"credits"> {
  const { ledger } = state;
  return {
    ok: true,
    balanceMicroUsd: balanceOf(ledger),
    pendingMicroUsd: ledger.heldMicroUsd,
    availableMicroUsd: availableIn(ledger),
    updatedAtMs: state.updatedAtMs,
  };
}

export function deposit(
  state: AccountState,
  command: CommandOf<"deposit">,
  nowMs: number,
): AnswerOf<"deposit"> {
  const before = findByReference(state, command.reference);
  if (before !== null) return { ok: true, transaction: before, repeated: true };
  const { writes } = credit(state.ledger, command.microUsd);
  save(state, writes, nowMs);
  state.sql.exec(
    "INSERT INTO ledger_entry(kind, amount, balance_after, reference, created_at_ms) VALUES (?, ?, ?, ?, ?)",
    command.entry,
    command.microUsd,
    balanceOf(state.ledger),
    command.reference,
    nowMs,
  );
  const transaction = findByReference(state, command.reference);
  if (transaction === null) throw new Error("a deposit just written was not found");
  return { ok: true, transaction, repeated: false };
}

export function showTransactions(
  state: AccountState,
  command: CommandOf<"transactions">,
): AnswerOf<"transactions"> {
  const rows = state.sql.exec(
    "SELECT * FROM ledger_entry WHERE seq < ? ORDER BY seq DESC LIMIT ?",
    command.beforeSeq ?? Number.MAX_SAFE_INTEGER,
    command.limit,
  );
  return { ok: true, rows: rows.toArray().map(transactionOf) };
}

/** Posts the checkpoint of every reservation whose lease ended and gives the rest back. */
export function expireLeases(state: AccountState, nowMs: number): void {
  save(state, expire(state.ledger, nowMs).writes, nowMs);
}

function save(state: AccountState, writes: readonly LedgerWrite[], nowMs: number): void {
  if (writes.length === 0) return;
  for (const write of writes) saveWrite(state, write, nowMs);
  saveAccount(state, nowMs);
}

function saveWrite(state: AccountState, write: LedgerWrite, nowMs: number): void {
  const { sql } = state;
  switch (write.kind) {
    case "open":
    case "renew": {
      const { id, nonce, keyId, microUsd, checkpointMicroUsd, expiresAtMs } = write.pending;
      sql.exec(
        "INSERT OR REPLACE INTO reservation(id, nonce, key_id, micro_usd, checkpoint, expires_at_ms) VALUES (?, ?, ?, ?, ?, ?)",
        id,
        nonce,
        keyId,
        microUsd,
        checkpointMicroUsd,
        expiresAtMs,
      );
      return;
    }
    case "close":
      saveClose(state, write, nowMs);
      return;
    case "credit":
      return;
    default:
      assertNever(write);
  }
}

/** The reservation's row goes, the charge stays; a request that cost nothing leaves no charge. */
function saveClose(state: AccountState, write: LedgerWrite & { kind: "close" }, nowMs: number): void {
  const { pending, postedMicroUsd } = write;
  state.sql.exec("DELETE FROM reservation WHERE id = ?", pending.id);
  chargeKey(state, pending.keyId, postedMicroUsd, nowMs);
  if (postedMicroUsd === 0) return;
  state.sql.exec(
    `INSERT INTO ledger_entry(kind, amount, balance_after, request_id, pending_id, created_at_ms)
     VALUES ('charge', ?, ?, ?, ?, ?)`,
    -postedMicroUsd,
    balanceOf(state.ledger),
    pending.nonce,
    pending.id,
    nowMs,
  );
}

function findByReference(state: AccountState, reference: string): Transaction | null {
  const [row] = state.sql.exec("SELECT * FROM ledger_entry WHERE reference = ?", reference).toArray();
  return row === undefined ? null : transactionOf(row);
}

// The casts read back what this file wrote.
function transactionOf(row: Record<string, SqlStorageValue>): Transaction {
  const seq = Number(row.seq);
  return {
    seq,
    id: `txn_${seq}`,
    kind: row.kind as Transaction["kind"],
    amountMicroUsd: Number(row.amount),
    balanceAfterMicroUsd: Number(row.balance_after),
    reference: row.reference as string | null,
    requestId: row.request_id as RequestId | null,
    createdAtMs: Number(row.created_at_ms),
  };
}
