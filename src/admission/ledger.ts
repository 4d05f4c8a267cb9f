// The credits ledger: two-phase transfers after TigerBeetle (pending → post | void | expire), integer
// micro-dollars, append-only. Pure: no clock, no storage; each step mutates the state it is given and
// says what must be written in the same turn. What a request costs it does not know.
import type { Settlement } from "../domain/account-commands.ts";
import type { KeyId, RequestId, ReservationId } from "../domain/ids.ts";
import { exact, type MicroUsd } from "../domain/money.ts";

export interface Ledger {
  /** Everything ever deposited, granted or refunded. */
  creditsMicroUsd: MicroUsd;
  /** Everything ever charged. */
  postedMicroUsd: MicroUsd;
  /** Sum of the open reservations. */
  heldMicroUsd: MicroUsd;
  /** n of the next reservation id; ids are never reused. */
  nextId: number;
  readonly open: Map<ReservationId, Pending>;
  /** Of the open ones: a repeated admit finds its reservation. */
  readonly byNonce: Map<RequestId, ReservationId>;
}

export interface Pending {
  readonly id: ReservationId;
  readonly nonce: RequestId;
  readonly keyId: KeyId;
  readonly microUsd: MicroUsd;
  /** What a crash would post: the last amount a renewal proved. */
  readonly checkpointMicroUsd: MicroUsd;
  readonly expiresAtMs: number;
}

/** Rows to write together with the balance. */
export type LedgerWrite =
  | { readonly kind: "open"; readonly pending: Pending }
  | { readonly kind: "renew"; readonly pending: Pending }
  | { readonly kind: "close"; readonly pending: Pending; readonly postedMicroUsd: MicroUsd }
  | { readonly kind: "credit"; readonly microUsd: MicroUsd };

export interface Step<Result> {
  readonly result: Result;
  readonly writes: readonly LedgerWrite[];
}

export function emptyLedger(): Ledger {
  return {
    creditsMicroUsd: 0,
    postedMicroUsd: 0,
    heldMicroUsd: 0,
    nextId: 1,
    open: new Map(),
    byNonce: new Map(),
  };
}

export function balanceOf(ledger: Ledger): MicroUsd {
  return ledger.creditsMicroUsd - ledger.postedMicroUsd;
}

export function availableIn(ledger: Ledger): MicroUsd {
  return balanceOf(ledger) - ledger.heldMicroUsd;
}

export interface ReserveRequest {
  readonly nonce: RequestId;
  readonly keyId: KeyId;
  readonly leastMicroUsd: MicroUsd;
  readonly mostMicroUsd: MicroUsd;
  readonly expiresAtMs: number;
}

/** Holds the most that is available between least and most; null when not even the least is. */
export function reserve(ledger: Ledger, request: ReserveRequest): Step<Pending | null> {
  const again = ledger.open.get(ledger.byNonce.get(request.nonce) ?? NO_ID);
  if (again !== undefined) return { result: again, writes: [] };
  const microUsd = Math.min(exact(request.mostMicroUsd), availableIn(ledger));
  if (microUsd < request.leastMicroUsd || microUsd < 0) return { result: null, writes: [] };
  const { nonce, keyId, expiresAtMs } = request;
  const id = ledger.nextId as ReservationId;
  const pending: Pending = { id, nonce, keyId, microUsd, checkpointMicroUsd: 0, expiresAtMs };
  ledger.nextId++;
  ledger.heldMicroUsd += microUsd;
  remember(ledger, pending);
  return { result: pending, writes: [{ kind: "open", pending }] };
}

/** Ids start at 1. */
const NO_ID = 0 as ReservationId;

/** Takes an open reservation into memory: a new one, or one found in storage after a restart. */
export function remember(ledger: Ledger, pending: Pending): void {
  ledger.open.set(pending.id, pending);
  ledger.byNonce.set(pending.nonce, pending.id);
}

/** Extends the lease and remembers what was used so far; null when the id is not open. */
export function renew(
  ledger: Ledger,
  id: ReservationId,
  renewal: { readonly usedMicroUsd: MicroUsd; readonly expiresAtMs: number },
): Step<Pending | null> {
  const before = ledger.open.get(id);
  if (before === undefined) return { result: null, writes: [] };
  const used = Math.min(Math.max(exact(renewal.usedMicroUsd), before.checkpointMicroUsd), before.microUsd);
  const pending = { ...before, checkpointMicroUsd: used, expiresAtMs: renewal.expiresAtMs };
  ledger.open.set(id, pending);
  return { result: pending, writes: [{ kind: "renew", pending }] };
}

/**
 * Posts what a request cost and gives the rest back. More than was held is taken from what is
 * available, never below zero. A closed id is late: nothing is applied.
 */
export function post(ledger: Ledger, id: ReservationId, costMicroUsd: MicroUsd): Step<Settlement> {
  const pending = ledger.open.get(id);
  if (pending === undefined) return { result: { applied: "late", postedMicroUsd: 0 }, writes: [] };
  // Checked before the first change: what throws must leave memory as storage knows it.
  const cost = exact(costMicroUsd);
  ledger.open.delete(id);
  ledger.byNonce.delete(pending.nonce);
  ledger.heldMicroUsd -= pending.microUsd;
  const postedMicroUsd = Math.max(0, Math.min(cost, availableIn(ledger)));
  ledger.postedMicroUsd += postedMicroUsd;
  return {
    result: { applied: "posted", postedMicroUsd },
    writes: [{ kind: "close", pending, postedMicroUsd }],
  };
}

/** Closes every reservation whose lease ended: its checkpoint is posted, the rest given back. */
export function expire(ledger: Ledger, nowMs: number): Step<number> {
  const due = [...ledger.open.values()].filter((pending) => pending.expiresAtMs <= nowMs);
  const writes = due.flatMap((pending) => post(ledger, pending.id, pending.checkpointMicroUsd).writes);
  return { result: due.length, writes };
}

/** When the next lease ends; null when nothing is open. */
export function nextExpiryMs(ledger: Ledger): number | null {
  let next: number | null = null;
  for (const { expiresAtMs } of ledger.open.values()) next = Math.min(next ?? expiresAtMs, expiresAtMs);
  return next;
}

export function credit(ledger: Ledger, microUsd: MicroUsd): Step<MicroUsd> {
  ledger.creditsMicroUsd = exact(ledger.creditsMicroUsd + exact(microUsd));
  return { result: balanceOf(ledger), writes: [{ kind: "credit", microUsd }] };
}

/** What one key holds now; a budget counts it as spent until it is settled. */
export function heldBy(ledger: Ledger, keyId: KeyId): MicroUsd {
  let held = 0;
  for (const pending of ledger.open.values()) if (pending.keyId === keyId) held += pending.microUsd;
  return held;
}
