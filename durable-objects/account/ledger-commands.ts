// Admission and the ledger, as commands. They change memory only; what must become durable gathers in the
// ledger and is written by the object's next save, before any answer that depends on it leaves.
import { credit, expire, renew, reserve, settle as settleReservation } from "../../src/admission/ledger.ts";
import { availableIn, balanceOf, pendingIn } from "../../src/admission/ledger-state.ts";
import {
  type Ask,
  atOnce,
  free,
  keepPlace,
  limitsLeft,
  type OverLimit,
  overLimit,
  overRate,
  take,
  type Used,
} from "../../src/admission/limits.ts";
import type { AnswerOf, CommandOf, Intent, Refusal, Transaction } from "../../src/domain/account-commands.ts";
import { type KeyView, SUBJECT_KEY_ID } from "../../src/domain/key.ts";
import type { MicroUsd } from "../../src/domain/money.ts";
import { budgetLeft } from "./budget.ts";
import { checkIdempotency, startIdempotent } from "./idempotency.ts";
import { isRefusal, proveKey } from "./key-commands.ts";
import { chargeKey, findKey } from "./key-store.ts";
import { type AccountState, planLimits, refuse } from "./state.ts";
import type { StoredKey } from "./stored-key.ts";

/** Key, view, limits, credits and budget in one turn: all or nothing. */
export function admit(state: AccountState, command: CommandOf<"admit">, nowMs: number): AnswerOf<"admit"> {
  const key = proveKey(state, command, nowMs);
  if (isRefusal(key)) return key;
  if (command.viewVersion !== state.viewVersion) {
    return { ok: true, verdict: "stale", view: viewOf(state, key) };
  }
  const { tokens, gpuMs } = command;
  const ask: Ask = { keyId: key.id, keyRpm: key.rpm, tokens, gpuMs, nowMs };
  if (command.intent === "prove-key") return admitted(state, ask);
  const earlier = earlierAnswer(state, command, nowMs);
  if (earlier !== null) return earlier;
  // A repeat of an admit whose answer was lost finds its reservation, whatever the limits say by now.
  if (state.ledger.byNonce.has(command.nonce)) return hold(state, key, { command, ask });
  const over = overLimitOf(command.intent, state, ask);
  if (over !== null) {
    const left = limitsLeft(state.limits, planLimits(state), ask);
    return refused(state, key, { ok: false, ...over, limits: left, nowMs });
  }
  if (command.intent === "count-request") {
    take(state.limits, null, ask);
    return admitted(state, ask);
  }
  const short = cannotPay(state, key, { least: command.hold.leastMicroUsd, nowMs });
  if (short !== null) return refused(state, key, { ...short, nowMs });
  return command.intent === "check-limits" ? admitted(state, ask) : hold(state, key, { command, ask });
}

function overLimitOf(intent: Intent, state: AccountState, ask: Ask): OverLimit | null {
  const over = intent === "count-request" ? overRate : overLimit;
  return over(state.limits, planLimits(state), ask);
}

function viewOf(state: AccountState, key: StoredKey): KeyView {
  const { modelPool, optimizeMode, region } = key;
  return { version: state.viewVersion, modelPool, optimizeMode, region };
}

function admitted(state: AccountState, ask: Ask): AnswerOf<"admit"> {
  const limits = limitsLeft(state.limits, planLimits(state), ask);
  return {
    ok: true,
    verdict: "admitted",
    reservation: null,
    limits,
    queueDepth: atOnce(state.limits, ask.nowMs),
  };
}

/** A repeat of an answered request is refused or replayed before anything is counted. */
function earlierAnswer(
  state: AccountState,
  { idempotency, nonce }: CommandOf<"admit">,
  nowMs: number,
): AnswerOf<"admit"> | null {
  if (idempotency === null) return null;
  const found = checkIdempotency(state, idempotency, { requestId: nonce, nowMs });
  return found === null || "ok" in found ? found : { ok: true, verdict: "replay", replay: found };
}

/** Refusals are counted for the summary and touch no storage. */
function refused(
  state: AccountState,
  key: StoredKey,
  { nowMs, ...refusal }: Refusal & { readonly nowMs: number },
): Refusal {
  const hourMs = nowMs - (nowMs % 3_600_000);
  const place = `${hourMs}|${key.id}|${refusal.code}`;
  state.refused.set(place, (state.refused.get(place) ?? 0) + 1);
  return refusal;
}

interface Holding {
  readonly command: CommandOf<"admit">;
  readonly ask: Ask;
}

function hold(state: AccountState, key: StoredKey, { command, ask }: Holding): AnswerOf<"admit"> {
  const { ledger, limits } = state;
  const { nonce, keyId } = command;
  const isRepeated = ledger.byNonce.has(nonce);
  const queueDepth = atOnce(limits, ask.nowMs);
  const open = reserve(ledger, {
    nonce,
    keyId,
    least: command.hold.leastMicroUsd,
    most: Math.min(command.hold.mostMicroUsd, budgetLeft(state, key, ask.nowMs) ?? Number.MAX_SAFE_INTEGER),
    expiresAtMs: ask.nowMs + state.leaseMs,
  });
  if (open === null) return insufficient();
  if (!isRepeated) take(limits, open.id, ask);
  if (command.idempotency !== null && !isRepeated) {
    startIdempotent(state, command.idempotency, { requestId: nonce, nowMs: ask.nowMs });
  }
  const reservation = { id: open.id, heldMicroUsd: open.microUsd, leaseMs: state.leaseMs };
  const left = limitsLeft(limits, planLimits(state), ask);
  return { ok: true, verdict: "admitted", reservation, limits: left, queueDepth };
}

interface Wanted {
  readonly least: MicroUsd;
  readonly nowMs: number;
}

function cannotPay(state: AccountState, key: StoredKey, { least, nowMs }: Wanted): Refusal | null {
  if (availableIn(state.ledger) < least || availableIn(state.ledger) < 0) return insufficient();
  const left = budgetLeft(state, key, nowMs);
  if (left === null || left >= least) return null;
  return refuse("budget_exceeded", "The budget of this API key is used up: raise it, or use another key.");
}

function insufficient(): Refusal {
  return refuse(
    "insufficient_credits",
    "The account's credits do not cover this request: top up, or ask for less.",
  );
}

export function settle(state: AccountState, command: CommandOf<"settle">, nowMs: number): AnswerOf<"settle"> {
  const { reservationId: id, requestId, microUsd: cost, rowJson } = command;
  const settlement = settleReservation(state.ledger, { id, requestId, cost });
  if (settlement.applied !== "posted") return { ok: true, ...settlement };
  pushRow(state, rowJson);
  free(state.limits, id, { used: command, nowMs });
  chargeKey(state, command.keyId, { microUsd: settlement.postedMicroUsd, nowMs });
  return { ok: true, ...settlement };
}

function pushRow(state: AccountState, row: string | null): void {
  state.entrySeq++;
  state.rows.push({ seq: state.entrySeq, row });
}

/** Renews a lease with a checkpoint; says whether the key was revoked meanwhile. */
export function touch(state: AccountState, command: CommandOf<"touch">, nowMs: number): AnswerOf<"touch"> {
  const { reservationId: id, owner } = command;
  const open = renew(state.ledger, id, {
    used: command.microUsd,
    expiresAtMs: nowMs + state.leaseMs,
    ...(owner === undefined ? {} : { owner: { ...owner, held: owner.heldMicroUsd } }),
  });
  if (open === null) return { ok: true, verdict: "closed" };
  keepPlace(state.limits, id);
  return { ok: true, verdict: isStopped(state, open.keyId, nowMs) ? "revoked" : "renewed" };
}

function isStopped(state: AccountState, keyId: StoredKey["id"], nowMs: number): boolean {
  if (state.facts === null || state.facts.status === "deactivated") return true;
  // The account's owner has no row: only the account's status stops them.
  if (keyId === SUBJECT_KEY_ID) return false;
  const key = findKey(state, keyId);
  if (key === null || key.revokedAtMs !== null) return true;
  return key.expiresAtMs !== null && key.expiresAtMs <= nowMs;
}

export function showCredits(state: AccountState): AnswerOf<"credits"> {
  const { ledger } = state;
  const pendingMicroUsd = pendingIn(ledger);
  const balanceMicroUsd = balanceOf(ledger);
  return {
    ok: true,
    balanceMicroUsd,
    pendingMicroUsd,
    availableMicroUsd: balanceMicroUsd - pendingMicroUsd,
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
  const balanceAfter = credit(state.ledger, command.microUsd);
  state.entrySeq++;
  state.sql.exec(
    `INSERT INTO ledger_entry(seq, kind, amount, balance_after, reference, created_at_ms)
     VALUES (?, ?, ?, ?, ?, ?)`,
    state.entrySeq,
    command.entry,
    command.microUsd,
    balanceAfter,
    command.reference,
    nowMs,
  );
  const transaction = findByReference(state, command.reference);
  if (transaction === null) throw new Error("a deposit just written was not found");
  return { ok: true, transaction, repeated: false };
}

/** Deposits, grants and refunds; charges are in the UsageLog, in the same sequence. */
export function showTransactions(
  state: AccountState,
  command: CommandOf<"transactions">,
): AnswerOf<"transactions"> {
  const rows = state.sql.exec(
    "SELECT * FROM ledger_entry WHERE seq < ? AND kind <> 'charge' ORDER BY seq DESC LIMIT ?",
    command.beforeSeq ?? Number.MAX_SAFE_INTEGER,
    command.limit,
  );
  return { ok: true, rows: rows.toArray().map(transactionOf) };
}

/** What a dead isolate's request took of the minute's tokens is unknown: its money is not. */
const NOTHING_USED: Used = { tokens: 0, gpuMs: 0 };

/** Posts the checkpoint of every reservation whose lease ended and gives the rest back. */
export function expireLeases(state: AccountState, nowMs: number): void {
  for (const { id, keyId, checkpoint } of expire(state.ledger, nowMs)) {
    pushRow(state, null);
    free(state.limits, id, { used: NOTHING_USED, nowMs });
    chargeKey(state, keyId, { microUsd: checkpoint, nowMs });
  }
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
    requestId: row.request_id as string | null,
    createdAtMs: Number(row.created_at_ms),
  };
}
