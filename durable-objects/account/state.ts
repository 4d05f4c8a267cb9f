// What an Account object holds in memory, loaded from its tables when it wakes: the account's facts, the
// ledger, the limits and a bounded cache of keys. Memory is a cache of what is durable, except for the free
// escrow and short reservations, which the next waking treats as an orphan.
import { type Durable, type Ledger, wake } from "../../src/admission/ledger-state.ts";
import {
  type LimitSnapshot,
  type LimitState,
  limitState,
  restoreLimits,
} from "../../src/admission/limits.ts";
import type { AccountFacts, Refusal } from "../../src/domain/account-commands.ts";
import type { ErrorCode } from "../../src/domain/errors.ts";
import type { KeyId, RequestId, ReservationId } from "../../src/domain/ids.ts";
import { type Limits, limitsOf } from "../../src/domain/plan.ts";
import { type BoundedMap, boundedMap } from "../../src/lib/bounded-map.ts";
import type { StoredKey } from "./stored-key.ts";

export interface AccountState {
  readonly sql: SqlStorage;
  readonly leaseMs: number;
  /** null until `open-account` made it. */
  facts: AccountFacts | null;
  /** Of every key view: grows with each change of the account or one of its keys. */
  viewVersion: number;
  updatedAtMs: number;
  readonly ledger: Ledger;
  readonly limits: LimitState;
  readonly keys: BoundedMap<StoredKey>;
  /** Keys that spent something since the last save. */
  readonly spentKeys: Map<KeyId, StoredKey>;
  /** Of ledger entries, charges and deposits alike. */
  entrySeq: number;
  /** When the journal was last rid of what nobody repeats any more. */
  sweptAtMs: number;
  /** Of the postings not yet saved, in their order. */
  readonly rows: UnsavedRow[];
  /** By hour, key and code; delivered with the outbox. */
  readonly refused: Map<string, number>;
}

export interface UnsavedRow {
  /** Given when it is posted: a deposit before the save comes behind it, as its balance does. */
  readonly seq: number;
  /** The usage row; null where the lease settled. */
  readonly row: string | null;
}

/** A busy account uses a handful of keys at once; the rest is one indexed read away. */
const KEYS_IN_MEMORY = 1_000;

export interface Waking {
  readonly leaseMs: number;
  readonly nowMs: number;
  readonly limits: LimitSnapshot | undefined;
}

export function loadState(sql: SqlStorage, waking: Waking): AccountState {
  const { leaseMs, nowMs } = waking;
  const [row] = sql.exec("SELECT * FROM account").toArray();
  const ledger = wake(row === undefined ? NOTHING : durableOf(sql, row, waking), nowMs, leaseMs);
  const stillOpen = [...ledger.open.keys()];
  const limits =
    waking.limits === undefined ? limitState() : restoreLimits(waking.limits, stillOpen, leaseMs);
  const state: AccountState = {
    sql,
    leaseMs,
    facts: row === undefined ? null : factsOf(row),
    viewVersion: Number(row?.view_version ?? 0),
    updatedAtMs: Number(row?.updated_at_ms ?? 0),
    ledger,
    limits,
    keys: boundedMap(KEYS_IN_MEMORY),
    spentKeys: new Map(),
    entrySeq: Number(row?.entry_seq ?? 0),
    sweptAtMs: 0,
    rows: [],
    refused: new Map(),
  };
  limits.gpuMs = Number(row?.gpu_ms ?? 0);
  limits.gpuMonth = String(row?.gpu_month ?? "");
  return state;
}

const NOTHING: Durable = { epoch: 1, credits: 0, posted: 0, held: 0, open: [], orphans: [], settled: [] };

type Row = Record<string, SqlStorageValue>;

// The casts below read back what this object itself wrote from the same types.
function factsOf(row: Row): AccountFacts {
  return {
    name: String(row.name),
    plan: row.plan as AccountFacts["plan"],
    status: row.status as AccountFacts["status"],
    jurisdiction: row.jurisdiction as AccountFacts["jurisdiction"],
    limits: JSON.parse(String(row.limits)) as AccountFacts["limits"],
    createdAtMs: Number(row.created_at_ms),
  };
}

/** A new epoch each time: ids of an earlier one can never be given out again. */
function durableOf(sql: SqlStorage, row: Row, { nowMs, leaseMs }: Waking): Durable {
  const since = nowMs - 2 * leaseMs;
  return {
    epoch: Number(row.epoch) + 1,
    credits: Number(row.credits),
    posted: Number(row.posted),
    held: Number(row.held),
    open: sql.exec("SELECT * FROM open_entry").toArray().map(openOf),
    orphans: sql
      .exec("SELECT * FROM orphan")
      .toArray()
      .map((orphan) => ({
        epoch: Number(orphan.epoch),
        microUsd: Number(orphan.micro_usd),
        untilMs: Number(orphan.until_ms),
      })),
    settled: settledSince(sql, since),
  };
}

function openOf(row: Row) {
  return {
    id: Number(row.id) as ReservationId,
    nonce: String(row.nonce) as RequestId,
    keyId: String(row.key_id) as KeyId,
    microUsd: Number(row.micro_usd),
    checkpoint: Number(row.checkpoint),
    expiresAtMs: Number(row.expires_at_ms),
  };
}

function* settledSince(sql: SqlStorage, sinceMs: number): Generator<ReservationId> {
  for (const { ids } of sql.exec("SELECT ids FROM journal WHERE at_ms >= ? ORDER BY seq", sinceMs)) {
    for (const id of new Float64Array(ids as ArrayBuffer)) yield id as ReservationId;
  }
}

/**
 * What a command changed in the account or a key is written by a whole save in the same turn: balances or a key's
 * spending without the postings they come from would lose these in a crash.
 */
export function saveInThisTurn({ ledger }: AccountState): void {
  ledger.unsaved.hasBalances = true;
  ledger.unsaved.isUrgent = true;
}

export function planLimits({ facts }: AccountState): Limits {
  return facts === null ? limitsOf("free", {}) : limitsOf(facts.plan, facts.limits);
}

export function refuse(code: ErrorCode, message: string): Refusal {
  return { ok: false, code, message };
}
