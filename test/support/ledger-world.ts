// The ledger with the storage and the object around it, as small as can be: memory that a crash drops, a durable
// copy that saves reach, callers that repeat, reorder and come late. Property tests drive it with commands.
import {
  credit,
  expire,
  refillEscrow,
  releaseEscrow,
  renew,
  reserve,
  settle,
} from "../../src/admission/ledger.ts";
import {
  balanceOf,
  type Durable,
  type Ledger,
  type Open,
  type Orphan,
  type Posting,
  pendingIn,
  takeUnsaved,
  wake,
} from "../../src/admission/ledger-state.ts";
import type { KeyId, RequestId, ReservationId } from "../../src/domain/ids.ts";

export const LEASE_MS = 60_000;

export type LedgerCommand =
  | { readonly kind: "deposit"; readonly microUsd: number }
  | { readonly kind: "admit"; readonly nonce: number; readonly least: number; readonly most: number }
  /** `which` counts back from the newest reservation ever granted, dead epochs included. */
  | { readonly kind: "settle"; readonly which: number; readonly cost: number }
  | { readonly kind: "touch"; readonly which: number; readonly used: number }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "save" }
  | { readonly kind: "rest" }
  | { readonly kind: "crash" };

interface Granted {
  readonly id: ReservationId;
  readonly requestId: RequestId;
  readonly keyId: KeyId;
  readonly held: number;
}

/** What storage holds. */
interface Disk {
  epoch: number;
  credits: number;
  posted: number;
  held: number;
  savedAtMs: number;
  readonly open: Map<ReservationId, Open>;
  orphans: readonly Orphan[];
  readonly postings: Posting[];
}

export interface World {
  ledger: Ledger;
  readonly disk: Disk;
  readonly leaseMs: number;
  nowMs: number;
  readonly granted: Granted[];
  /** Settlements whose answer says "posted", and whose save has happened since. */
  readonly acknowledged: Set<ReservationId>;
  unacknowledged: ReservationId[];
  deposited: number;
}

export function newWorld({ nowMs, leaseMs } = { nowMs: 1_000_000, leaseMs: LEASE_MS }): World {
  const disk: Disk = {
    epoch: 0,
    credits: 0,
    posted: 0,
    held: 0,
    savedAtMs: nowMs,
    open: new Map(),
    orphans: [],
    postings: [],
  };
  const world: World = {
    ledger: wake(durableOf(disk), nowMs, leaseMs),
    disk,
    leaseMs,
    nowMs,
    granted: [],
    acknowledged: new Set(),
    unacknowledged: [],
    deposited: 0,
  };
  save(world);
  return world;
}

function durableOf(disk: Disk): Durable {
  const { epoch, credits, posted, held, open, orphans, postings } = disk;
  return {
    epoch: epoch + 1,
    credits,
    posted,
    held,
    open: [...open.values()],
    orphans,
    settled: postings.map(({ id }) => id),
  };
}

export function step(world: World, command: LedgerCommand): void {
  expire(world.ledger, world.nowMs);
  perform(world, command);
  // As the object does: what was given out or came in is durable before its answer leaves.
  if (world.ledger.unsaved.isUrgent) save(world);
}

function perform(world: World, command: LedgerCommand): void {
  switch (command.kind) {
    case "deposit":
      credit(world.ledger, command.microUsd);
      world.deposited += command.microUsd;
      return;
    case "admit":
      admit(world, command);
      return;
    case "settle":
      settleOne(world, command.which, command.cost);
      return;
    case "touch": {
      const target = pick(world, command.which);
      const expiresAtMs = world.nowMs + world.leaseMs;
      if (target !== undefined) {
        renew(world.ledger, target.id, { used: command.used, expiresAtMs, owner: target });
      }
      return;
    }
    case "wait":
      world.nowMs += command.ms;
      return;
    case "save":
      save(world);
      return;
    case "rest":
      // What is settled is delivered first, and an account at rest gives its escrow back.
      save(world);
      releaseEscrow(world.ledger);
      save(world);
      return;
    case "crash":
      crash(world);
  }
}

function admit(world: World, { nonce, least, most }: LedgerCommand & { kind: "admit" }): void {
  const requestId = `req_${nonce}` as RequestId;
  const keyId = `key_${nonce % 3}` as KeyId;
  const expiresAtMs = world.nowMs + world.leaseMs;
  const open = reserve(world.ledger, {
    nonce: requestId,
    keyId,
    least,
    most: Math.max(least, most),
    expiresAtMs,
  });
  if (open !== null && !world.granted.some(({ id }) => id === open.id))
    world.granted.push({ id: open.id, requestId, keyId, held: open.microUsd });
}

function settleOne(world: World, which: number, cost: number): void {
  const target = pick(world, which);
  if (target === undefined) return;
  const settlement = settle(world.ledger, { ...target, cost });
  if (settlement.applied === "posted") world.unacknowledged.push(target.id);
}

function pick(world: World, which: number): Granted | undefined {
  return world.granted.at(-1 - which);
}

export function save(world: World): void {
  const { ledger, disk } = world;
  refillEscrow(ledger, world.nowMs - disk.savedAtMs);
  const unsaved = takeUnsaved(ledger);
  for (const [id, open] of unsaved.renewed) disk.open.set(id, open);
  for (const id of unsaved.closed) disk.open.delete(id);
  disk.postings.push(...unsaved.postings);
  disk.savedAtMs = world.nowMs;
  disk.epoch = ledger.epoch;
  disk.credits = ledger.credits;
  disk.posted = ledger.posted;
  disk.held = ledger.held;
  disk.orphans = ledger.orphans;
  for (const id of world.unacknowledged) world.acknowledged.add(id);
  world.unacknowledged = [];
}

function crash(world: World): void {
  world.unacknowledged = [];
  world.ledger = wake(durableOf(world.disk), world.nowMs, world.leaseMs);
  // The object writes its new epoch before it answers anybody.
  save(world);
}

/** Throws on the first broken promise. */
export function checkWorld(world: World): void {
  const { ledger, disk } = world;
  const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
  require(ledger.free >= 0, "the free escrow is negative");
  require(ledger.held === ledger.free + pendingIn(ledger), "the escrow is not free + open + orphans");
  require(ledger.credits - ledger.posted - ledger.held >= 0, "more is set aside than there is");
  require(disk.credits - disk.posted - disk.held >= 0, "storage holds an overdraft");
  require(balanceOf(ledger) >= 0, "the balance is negative");
  require(disk.credits <= world.deposited, "credits appeared from nowhere");
  require(disk.posted ===
    sum(disk.postings.map(({ microUsd }) => microUsd)), "posted is not the sum of postings");
  require(new Set(disk.postings.map(({ id }) => id)).size ===
    disk.postings.length, "one id was posted twice");
  const posted = new Set(disk.postings.map(({ id }) => id));
  require([...world.acknowledged].every((id) => posted.has(id)), "an acknowledged settlement was lost");
  require(new Set(world.granted.map(({ id }) => id)).size === world.granted.length, "an id was given twice");
}

function require(isTrue: boolean, promise: string): void {
  if (!isTrue) throw new Error(promise);
}
