// The credits ledger: two-phase transfers after TigerBeetle (pending → post | void | expire), integer
// micro-dollars. Pure: no clock, no storage. Each step mutates the state it is given; what must become
// durable gathers in `unsaved` and is written in one transaction by whoever owns the state.
//
// Credits are set aside in two steps. A chunk of the balance is held durably (the escrow); requests then
// take from it in memory, without a write. After a crash the escrow of the dead epoch is an orphan: late
// settlements are paid from it, the rest goes back when no lease of that epoch can be alive.
import type { Settlement } from "../domain/account-commands.ts";
import type { KeyId, RequestId, ReservationId } from "../domain/ids.ts";
import { exact, type MicroUsd } from "../domain/money.ts";
import {
  addOpen,
  availableIn,
  balanceOf,
  type Ledger,
  type Open,
  type Posting,
  removeOpen,
  unheld,
} from "./ledger-state.ts";

const IDS_PER_EPOCH = 2 ** 32;
/** Repeats come within seconds; at 5,000 settlements a second this is the last half minute. */
const REMEMBERED_SETTLEMENTS = 150_000;

export interface ReserveRequest {
  readonly nonce: RequestId;
  readonly keyId: KeyId;
  readonly least: MicroUsd;
  readonly most: MicroUsd;
  readonly expiresAtMs: number;
}

/**
 * Holds the most that there is between least and most; null when not even the least is. When the escrow
 * had to grow, `unsaved.isUrgent` is set.
 */
export function reserve(ledger: Ledger, request: ReserveRequest): Open | null {
  const again = ledger.byNonce.get(request.nonce);
  if (again !== undefined) return ledger.open.get(again) ?? null;
  const microUsd = Math.min(exact(request.most), availableIn(ledger));
  if (microUsd < request.least || microUsd < 0) return null;
  if (ledger.free < microUsd) {
    growEscrow(ledger, microUsd - ledger.free);
    ledger.unsaved.isUrgent = true;
  }
  ledger.free -= microUsd;
  ledger.grantedSinceSave += microUsd;
  const { nonce, keyId, expiresAtMs } = request;
  ledger.lastN++;
  const id = (ledger.epoch * IDS_PER_EPOCH + ledger.lastN) as ReservationId;
  const open: Open = { id, nonce, keyId, microUsd, checkpoint: 0, expiresAtMs };
  addOpen(ledger, open);
  return open;
}

/** A crash makes the escrow wait for a lease, so it never takes more than this share ahead of need. */
const AHEAD_SHARE = 8;

function growEscrow(ledger: Ledger, needed: MicroUsd): void {
  const spare = unheld(ledger);
  const ahead = Math.min(Math.ceil(ledger.grantedPerS), Math.floor(spare / AHEAD_SHARE));
  const more = Math.min(spare, Math.max(needed, ahead));
  ledger.held += more;
  ledger.free += more;
  ledger.unsaved.hasBalances = true;
}

export interface Renewal {
  readonly used: MicroUsd;
  readonly expiresAtMs: number;
  /** Who holds it and how much, for a waking that never heard of it. */
  readonly owner?: Owner;
}

export interface Owner {
  readonly requestId: RequestId;
  readonly keyId: KeyId;
  readonly held: MicroUsd;
}

/** Extends the lease and keeps what was used so far; null when the id is not open. */
export function renew(ledger: Ledger, id: ReservationId, renewal: Renewal): Open | null {
  const before = ledger.open.get(id) ?? adopt(ledger, id, renewal);
  if (before === null) return null;
  const checkpoint = Math.min(Math.max(renewal.used, before.checkpoint), before.microUsd);
  const open = { ...before, checkpoint, expiresAtMs: renewal.expiresAtMs };
  // Deleting first moves it to the end: the map stays in order of expiry.
  ledger.open.delete(id);
  ledger.open.set(id, open);
  ledger.unsaved.renewed.set(id, open);
  return open;
}

/** A request younger than its first renewal outlived the object: it goes on with its part of the orphan. */
function adopt(ledger: Ledger, id: ReservationId, { owner, expiresAtMs }: Renewal): Open | null {
  const epoch = Math.floor(id / IDS_PER_EPOCH);
  const orphan = ledger.orphans.find((candidate) => candidate.epoch === epoch);
  if (owner === undefined || orphan === undefined || ledger.settled.has(id)) return null;
  const { requestId: nonce, keyId } = owner;
  const microUsd = Math.min(exact(owner.held), orphan.microUsd);
  const left = { ...orphan, microUsd: orphan.microUsd - microUsd };
  ledger.orphans = ledger.orphans.map((candidate) => (candidate === orphan ? left : candidate));
  ledger.unsaved.hasBalances = true;
  const open: Open = { id, nonce, keyId, microUsd, checkpoint: 0, expiresAtMs };
  addOpen(ledger, open);
  return open;
}

/**
 * Posts what a request cost and gives the rest back: void is a cost of 0. More than was held is taken from
 * what is available, never below zero. Each id ends once; an id of a dead epoch is paid from its orphan.
 */
export function settle(ledger: Ledger, order: SettleOrder): Settlement {
  const open = ledger.open.get(order.id);
  if (open !== undefined) return close(ledger, open, exact(order.cost));
  const before = ledger.settled.get(order.id);
  return before === undefined ? settleOrphan(ledger, order) : { applied: before, postedMicroUsd: 0 };
}

export interface SettleOrder {
  readonly id: ReservationId;
  readonly requestId: RequestId;
  readonly cost: MicroUsd;
}

function close(ledger: Ledger, open: Open, cost: MicroUsd): Settlement {
  removeOpen(ledger, open);
  ledger.free += open.microUsd;
  const posted = Math.max(0, Math.min(cost, availableIn(ledger)));
  if (posted > ledger.free) growEscrow(ledger, posted - ledger.free);
  ledger.free -= posted;
  record(ledger, { id: open.id, requestId: open.nonce, microUsd: posted });
  return { applied: "posted", postedMicroUsd: posted };
}

function settleOrphan(ledger: Ledger, { id, requestId, cost }: SettleOrder): Settlement {
  const epoch = Math.floor(id / IDS_PER_EPOCH);
  const orphan = ledger.orphans.find((candidate) => candidate.epoch === epoch);
  if (orphan === undefined) return { applied: "late", postedMicroUsd: 0 };
  const posted = Math.max(0, Math.min(exact(cost), orphan.microUsd));
  const left = { ...orphan, microUsd: orphan.microUsd - posted };
  ledger.orphans = ledger.orphans.map((candidate) => (candidate === orphan ? left : candidate));
  record(ledger, { id, requestId, microUsd: posted });
  return { applied: "posted", postedMicroUsd: posted };
}

function record(ledger: Ledger, { id, requestId, microUsd }: Omit<Posting, "balanceAfter">): void {
  ledger.held -= microUsd;
  ledger.posted += microUsd;
  remember(ledger.settled, id, "repeated");
  const { unsaved } = ledger;
  unsaved.hasBalances = true;
  unsaved.renewed.delete(id);
  unsaved.closed.push(id);
  unsaved.postings.push({ id, requestId, microUsd, balanceAfter: balanceOf(ledger) });
}

function remember(settled: Ledger["settled"], id: ReservationId, told: "repeated" | "late"): void {
  settled.set(id, told);
  if (settled.size <= REMEMBERED_SETTLEMENTS) return;
  const oldest = settled.keys().next();
  if (!oldest.done) settled.delete(oldest.value);
}

/** Ends what nobody renewed: the checkpoint is posted, the rest given back. Returns what ended, in order. */
export function expire(ledger: Ledger, nowMs: number): readonly Open[] {
  const ended: Open[] = [];
  for (const open of ledger.open.values()) {
    if (open.expiresAtMs > nowMs) break;
    close(ledger, open, open.checkpoint);
    remember(ledger.settled, open.id, "late");
    ended.push(open);
  }
  const alive = ledger.orphans.filter((orphan) => orphan.untilMs > nowMs);
  if (alive.length === ledger.orphans.length) return ended;
  for (const orphan of ledger.orphans) if (orphan.untilMs <= nowMs) ledger.held -= orphan.microUsd;
  ledger.orphans = alive;
  ledger.unsaved.hasBalances = true;
  return ended;
}

/**
 * When the next thing that holds credits ends by itself; null when nothing does. An orphan of nothing wakes nobody:
 * the waking would leave another, and that one a waking.
 */
export function nextExpiryMs(ledger: Ledger): number | null {
  const [first] = ledger.open.values();
  const times = ledger.orphans.filter(({ microUsd }) => microUsd > 0).map(({ untilMs }) => untilMs);
  if (first !== undefined) times.push(first.expiresAtMs);
  return times.length === 0 ? null : Math.min(...times);
}

export function credit(ledger: Ledger, microUsd: MicroUsd): MicroUsd {
  ledger.credits = exact(ledger.credits + exact(microUsd));
  ledger.unsaved.hasBalances = true;
  ledger.unsaved.isUrgent = true;
  return balanceOf(ledger);
}

/** An account at rest sets nothing aside: an eviction then costs it nothing. */
export function releaseEscrow(ledger: Ledger): void {
  if (ledger.free === 0 || ledger.open.size > 0) return;
  ledger.held -= ledger.free;
  ledger.free = 0;
  ledger.unsaved.hasBalances = true;
}

/** Half of the old rate and half of the new: the escrow follows a burst within a few saves. */
const RATE_WEIGHT = 0.5;
/** Two saves within milliseconds say nothing about a second. */
const LEAST_SPAN_MS = 100;

/**
 * Before a save that happens anyway, the escrow is brought back to a second of spend. Where nothing was granted
 * since the last one it is left alone: a refill would need a save to be released again, and that save a refill.
 */
export function refillEscrow(ledger: Ledger, sinceMs: number): void {
  const granted = ledger.grantedSinceSave;
  const rate = (granted * 1000) / Math.max(LEAST_SPAN_MS, sinceMs);
  ledger.grantedPerS += (rate - ledger.grantedPerS) * RATE_WEIGHT;
  ledger.grantedSinceSave = 0;
  if (granted > 0 && ledger.free < ledger.grantedPerS / 2) growEscrow(ledger, 0);
}
