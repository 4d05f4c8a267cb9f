// What a ledger is: its state, how it wakes from storage, and what can be asked of it. The steps that change it
// are ledger.ts.
import type { KeyId, RequestId, ReservationId } from "../domain/ids.ts";
import type { MicroUsd } from "../domain/money.ts";

export interface Ledger {
  /** Of this waking of the object; reservation ids are epoch × 2³² + n, never reused. */
  readonly epoch: number;
  /** Everything ever deposited, granted or refunded. */
  credits: MicroUsd;
  /** Everything ever charged. */
  posted: MicroUsd;
  /** Set aside: free + open + orphans. */
  held: MicroUsd;
  /** The part of the escrow that no request holds. */
  free: MicroUsd;
  lastN: number;
  /** In order of expiry: a renewal moves its entry to the end. */
  readonly open: Map<ReservationId, Open>;
  readonly byNonce: Map<RequestId, ReservationId>;
  readonly heldByKey: Map<KeyId, MicroUsd>;
  orphans: readonly Orphan[];
  /** Ids settled lately, this epoch's and those before, and what a repeat is told: it changes nothing. */
  readonly settled: Map<ReservationId, "repeated" | "late">;
  /** What was granted per second lately: the escrow is about a second of it. */
  grantedPerS: number;
  grantedSinceSave: MicroUsd;
  unsaved: Unsaved;
}

export interface Open {
  readonly id: ReservationId;
  readonly nonce: RequestId;
  readonly keyId: KeyId;
  readonly microUsd: MicroUsd;
  /** What a crash would post: the last amount that a renewal proved. */
  readonly checkpoint: MicroUsd;
  readonly expiresAtMs: number;
}

/** Escrow of an epoch that ended without saying what became of it. */
export interface Orphan {
  readonly epoch: number;
  readonly microUsd: MicroUsd;
  readonly untilMs: number;
}

export interface Posting {
  readonly id: ReservationId;
  readonly requestId: RequestId;
  readonly microUsd: MicroUsd;
  readonly balanceAfter: MicroUsd;
}

/** What the next transaction must write, besides the balances. */
export interface Unsaved {
  hasBalances: boolean;
  /** Credits were given out or came in: no answer may leave before this is written. */
  isUrgent: boolean;
  readonly postings: Posting[];
  /** Renewed entries survive a crash; short requests never get here. */
  readonly renewed: Map<ReservationId, Open>;
  readonly closed: ReservationId[];
}

export interface Durable {
  readonly epoch: number;
  readonly credits: MicroUsd;
  readonly posted: MicroUsd;
  readonly held: MicroUsd;
  readonly open: readonly Open[];
  readonly orphans: readonly Orphan[];
  readonly settled: Iterable<ReservationId>;
}

/**
 * Wakes with what was durable. Escrow nobody accounts for belonged to the last epoch and becomes an orphan; even
 * where that is nothing, for requests that cost nothing end too.
 */
export function wake(durable: Durable, nowMs: number, leaseMs: number): Ledger {
  const { credits, posted, held } = durable;
  const ledger: Ledger = {
    epoch: durable.epoch,
    credits,
    posted,
    held,
    free: 0,
    lastN: 0,
    open: new Map(),
    byNonce: new Map(),
    heldByKey: new Map(),
    orphans: durable.orphans,
    settled: new Map(Array.from(durable.settled, (id) => [id, "repeated"] as const)),
    grantedPerS: 0,
    grantedSinceSave: 0,
    unsaved: nothingUnsaved(),
  };
  for (const entry of [...durable.open].sort((left, right) => left.expiresAtMs - right.expiresAtMs)) {
    addOpen(ledger, entry);
  }
  if (durable.epoch > FIRST_EPOCH) {
    const microUsd = held - pendingIn(ledger);
    const orphan = { epoch: durable.epoch - 1, microUsd, untilMs: nowMs + leaseMs };
    ledger.orphans = [...ledger.orphans, orphan];
  }
  return ledger;
}

/** No account wakes before it. */
const FIRST_EPOCH = 1;

function nothingUnsaved(): Unsaved {
  return { hasBalances: false, isUrgent: false, postings: [], renewed: new Map(), closed: [] };
}

export function balanceOf(ledger: Ledger): MicroUsd {
  return ledger.credits - ledger.posted;
}

/** Open reservations, and escrow of dead epochs that may still be claimed; never the free escrow. */
export function pendingIn(ledger: Ledger): MicroUsd {
  let pending = 0;
  for (const { microUsd } of ledger.open.values()) pending += microUsd;
  for (const { microUsd } of ledger.orphans) pending += microUsd;
  return pending;
}

/** What a new request could hold: the free escrow and everything not set aside. */
export function availableIn(ledger: Ledger): MicroUsd {
  return ledger.free + unheld(ledger);
}

/** Neither charged nor set aside. */
export function unheld(ledger: Ledger): MicroUsd {
  return ledger.credits - ledger.posted - ledger.held;
}

export function addOpen(ledger: Ledger, open: Open): void {
  ledger.open.set(open.id, open);
  ledger.byNonce.set(open.nonce, open.id);
  ledger.heldByKey.set(open.keyId, (ledger.heldByKey.get(open.keyId) ?? 0) + open.microUsd);
}

export function removeOpen(ledger: Ledger, open: Open): void {
  ledger.open.delete(open.id);
  ledger.byNonce.delete(open.nonce);
  const left = (ledger.heldByKey.get(open.keyId) ?? 0) - open.microUsd;
  if (left > 0) ledger.heldByKey.set(open.keyId, left);
  else ledger.heldByKey.delete(open.keyId);
}

/** Hands over what must be written now; the caller writes it in one transaction with the balances. */
export function takeUnsaved(ledger: Ledger): Unsaved {
  const { unsaved } = ledger;
  ledger.unsaved = nothingUnsaved();
  return unsaved;
}

export function isSaved({ unsaved }: Ledger): boolean {
  return !unsaved.hasBalances && unsaved.renewed.size === 0;
}
