// Whether a ledger keeps what its witness was promised. Pure: it reads two values and throws the first promise
// that does not hold, with the ids.
import { brokenPromise } from "../part.ts";
import { type Ledger, sumOf, type Transaction } from "./ledger.ts";
import type { Witness } from "./witness.ts";

/** @throws a broken promise */
export function checkLedger(witness: Witness, ledger: Ledger): void {
  checkBalance(ledger);
  checkOnce(ledger);
  checkDeposits(witness, ledger);
  checkMemory(witness, ledger);
  checkRows(ledger);
  checkCosts(witness, ledger);
}

function checkBalance({ credits, transactions, spent }: Ledger): void {
  const { balance, pending, available } = credits;
  const sum = sumOf(transactions);
  if (sum !== balance) throw brokenPromise("all transactions add up to the balance", { sum, balance });
  if (balance < 0 || pending < 0 || available !== balance - pending || available < 0) {
    throw brokenPromise("balance and what is available of it are never below zero", { ...credits });
  }
  transactions.forEach((transaction, at) => {
    const before = transactions[at + 1]?.balanceAfter ?? 0;
    if (transaction.balanceAfter === before + transaction.microUsd) return;
    throw brokenPromise("each balance is the one before it and the amount", { before, ...transaction });
  });
  const charged = -sumOf(transactions.filter(({ kind }) => kind === "charge"));
  if (spent !== charged) throw brokenPromise("keys spent what was charged", { spent, charged });
}

function checkOnce({ transactions, rows }: Ledger): void {
  const unique: readonly (readonly [string, readonly (string | null)[]])[] = [
    ["a transaction has an id of its own", transactions.map(({ id }) => id)],
    ["a request is charged at most once", transactions.map(({ requestId }) => requestId)],
    ["a reference is credited at most once", transactions.map(({ reference }) => reference)],
    ["a request has one usage row", rows.map(({ requestId }) => requestId)],
  ];
  for (const [promise, ids] of unique) {
    const twice = firstRepeated(ids.filter((id) => id !== null));
    if (twice !== null) throw brokenPromise(promise, { id: twice });
  }
}

function firstRepeated(ids: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) return id;
    seen.add(id);
  }
  return null;
}

function checkDeposits({ deposits }: Witness, { transactions }: Ledger): void {
  const found = new Map(transactions.map((transaction) => [transaction.reference, transaction]));
  for (const [reference, { microUsd, transactionId }] of deposits) {
    const transaction = found.get(reference);
    if (transactionId === null && transaction === undefined) continue;
    const isThere =
      transaction?.microUsd === microUsd && (transactionId === null || transaction.id === transactionId);
    if (isThere) continue;
    throw brokenPromise("an acknowledged deposit is there", {
      reference,
      microUsd,
      transactionId,
      transaction,
    });
  }
}

/** What was shown once is there for good, and the same. */
function checkMemory(witness: Witness, { transactions, rows }: Ledger): void {
  const transactionsNow = new Map(transactions.map((transaction) => [transaction.id, textOf(transaction)]));
  for (const [id, seen] of witness.transactions) {
    const now = transactionsNow.get(id);
    if (now !== textOf(seen))
      throw brokenPromise("a transaction that was shown stays as it was", { seen, now });
  }
  const rowsNow = new Map(rows.map((row) => [row.requestId, row.text]));
  for (const [requestId, { text: seen }] of witness.rows) {
    const now = rowsNow.get(requestId);
    if (now !== seen)
      throw brokenPromise("a usage row that was shown stays as it was", { requestId, seen, now });
  }
}

function textOf(transaction: Transaction): string {
  return JSON.stringify(transaction);
}

function checkRows({ transactions, rows }: Ledger): void {
  const charges = chargesOf(transactions);
  const ids = new Set(rows.map(({ requestId }) => requestId));
  for (const [requestId, microUsd] of charges) {
    if (!ids.has(requestId)) throw brokenPromise("a charge has its usage row", { requestId, microUsd });
  }
  for (const { requestId, microUsd } of rows) {
    const charged = charges.get(requestId) ?? 0;
    if (charged !== microUsd)
      throw brokenPromise("a row costs what was charged", { requestId, microUsd, charged });
  }
}

/** Whoever knew the cost may have died with it: then the caller pays less, never more. */
function checkCosts({ costs }: Witness, { transactions, rows }: Ledger): void {
  const charges = chargesOf(transactions);
  const known = new Map(rows.map((row) => [row.requestId, row]));
  for (const [requestId, cost] of costs) {
    const charged = charges.get(requestId) ?? 0;
    const row = known.get(requestId);
    const isExact = row !== undefined && !row.isLost;
    if (isExact ? charged === cost : charged <= cost) continue;
    throw brokenPromise("an answer is charged what it said that it cost", { requestId, cost, charged, row });
  }
}

export function chargesOf(transactions: readonly Transaction[]): ReadonlyMap<string, number> {
  const charges = transactions.flatMap(({ requestId, microUsd }): [string, number][] =>
    requestId === null ? [] : [[requestId, -microUsd]],
  );
  return new Map(charges);
}
