// What a caller of one account has seen with his own eyes, and may therefore insist on after any crash: answers
// that arrived, rows and transactions that were shown once. Memory only; who looks, and when, is others' business.
import type { Reply } from "../client.ts";
import { header } from "../wire.ts";
import type { Row, Transaction } from "./ledger.ts";

export interface Witness {
  /** By reference. */
  readonly deposits: Map<string, Deposit>;
  readonly keys: Map<string, SeenKey>;
  /** By request id: what the answer said that it cost, or what its usage comes to, in µUSD. */
  readonly costs: Map<string, number>;
  readonly requestIds: Set<string>;
  readonly rows: Map<string, Row>;
  /** By their own id. */
  readonly transactions: Map<string, Transaction>;
  /** Statuses of inference, with how the answer ended. */
  readonly ends: Map<string, number>;
  /** A promise that broke while the load ran: told when it has stopped. */
  broken: Error | null;
}

export interface Deposit {
  readonly microUsd: number;
  /** null: sent, and the answer never came. */
  readonly transactionId: string | null;
}

/** `unsure`: a revocation was sent, and its answer never came. */
export interface SeenKey {
  readonly apiKey: string;
  readonly state: "active" | "revoked" | "unsure";
  /** Callers may use it: it will not be revoked. */
  readonly isKept: boolean;
  /** What it may be called: two names while the answer to a change has not come. */
  readonly names: readonly string[];
}

export function newWitness(): Witness {
  return {
    deposits: new Map(),
    keys: new Map(),
    costs: new Map(),
    requestIds: new Set(),
    rows: new Map(),
    transactions: new Map(),
    ends: new Map(),
    broken: null,
  };
}

export function sawEnd(witness: Witness, { status, end }: Reply): void {
  const name = status === 0 ? end : `${status} ${end}`;
  witness.ends.set(name, (witness.ends.get(name) ?? 0) + 1);
}

/** False where the id was given to another answer before. */
export function sawRequestId(witness: Witness, reply: Reply): boolean {
  const id = header(reply, "x-request-id");
  if (id === null) return true;
  const isNew = !witness.requestIds.has(id);
  witness.requestIds.add(id);
  return isNew;
}
