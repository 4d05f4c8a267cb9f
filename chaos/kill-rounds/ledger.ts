// One account's ledger as its owner can read it: credits, every transaction, every usage row. Reading only;
// whether it is right is verdict.ts's business.
import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "../../src/lib/record.ts";
import type { Client } from "../client.ts";
import { BASE, micro, walk } from "../wire.ts";

/** Money in µUSD. */
export interface Ledger {
  readonly credits: Credits;
  /** Newest first. */
  readonly transactions: readonly Transaction[];
  readonly rows: readonly Row[];
  /** Of all keys together. */
  readonly spent: number;
}

export interface Credits {
  readonly balance: number;
  readonly pending: number;
  readonly available: number;
}

export interface Transaction {
  readonly id: string;
  readonly kind: string;
  readonly microUsd: number;
  readonly balanceAfter: number;
  readonly reference: string | null;
  readonly requestId: string | null;
}

export interface Row {
  readonly requestId: string;
  readonly microUsd: number;
  /** Whoever knew the request died; the lease settled it. */
  readonly isLost: boolean;
  /** All of it, as it was shown. */
  readonly text: string;
}

export async function readCredits(client: Client, key: string): Promise<Credits> {
  const { status, json, text } = await client.send({ path: `${BASE}/credits`, key });
  if (status !== 200) throw new Error(`GET credits: ${status} ${text}`);
  return {
    balance: micro(json.balance_usd),
    pending: micro(json.pending_usd),
    available: micro(json.available_usd),
  };
}

/** Rows follow the balance within two seconds; leases that expire meanwhile move it for five more. */
const REST_PATIENCE_MS = 10_000;
const POLL_MS = 100;

/** Once nothing moves: the same balance before and after, and the transactions add up to it, or patience is over. */
export async function readLedgerAtRest(client: Client, key: string): Promise<Ledger> {
  const deadlineMs = Date.now() + REST_PATIENCE_MS;
  for (;;) {
    const before = await readCredits(client, key);
    const transactions = (await walk(client, `${BASE}/credits/transactions`, key)).map(transactionOf);
    const isWhole = sumOf(transactions) === before.balance;
    const isLate = Date.now() > deadlineMs;
    if (isWhole || isLate) {
      const rows = (await walk(client, `${BASE}/usage`, key)).map(rowOf);
      const keys = await walk(client, `${BASE}/keys`, key);
      const credits = await readCredits(client, key);
      const spent = keys.reduce((sum, { spent_usd }) => sum + micro(spent_usd), 0);
      if (credits.balance === before.balance || isLate) return { credits, transactions, rows, spent };
    }
    await sleep(POLL_MS);
  }
}

export function sumOf(transactions: readonly Transaction[]): number {
  return transactions.reduce((sum, { microUsd }) => sum + microUsd, 0);
}

export function transactionOf(entry: Json): Transaction {
  return {
    id: String(entry.id),
    kind: String(entry.kind),
    microUsd: micro(entry.amount_usd),
    balanceAfter: micro(entry.balance_after_usd),
    reference: textOrNull(entry.reference),
    requestId: textOrNull(entry.request_id),
  };
}

export function rowOf(row: Json): Row {
  return {
    requestId: String(row.request_id),
    microUsd: micro(row.cost_usd),
    isLost: row.model === null,
    text: JSON.stringify(row),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
