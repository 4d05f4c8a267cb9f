// What an Account object holds in memory, loaded from its tables when it wakes: the account's facts, the
// ledger, a bounded cache of keys and the request windows. Memory is a cache of what is durable; only
// the last second of the windows can be lost.
import { emptyLedger, type Ledger, remember } from "../../src/admission/ledger.ts";
import { type RateWindow, rateWindow } from "../../src/admission/rate-window.ts";
import type { AccountFacts, Refusal } from "../../src/domain/account-commands.ts";
import type { ErrorCode } from "../../src/domain/errors.ts";
import type { KeyId, RequestId, ReservationId } from "../../src/domain/ids.ts";
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
  readonly keys: BoundedMap<StoredKey>;
  window: RateWindow;
}

/** A busy account uses a handful of keys at once; the rest is one indexed read away. */
const KEYS_IN_MEMORY = 1_000;

export function loadState(sql: SqlStorage, leaseMs: number): AccountState {
  const state: AccountState = {
    sql,
    leaseMs,
    facts: null,
    viewVersion: 0,
    updatedAtMs: 0,
    ledger: emptyLedger(),
    keys: boundedMap(KEYS_IN_MEMORY),
    window: rateWindow(),
  };
  const [row] = sql.exec("SELECT * FROM account").toArray();
  if (row === undefined) return state;
  state.facts = factsOf(row);
  state.viewVersion = Number(row.view_version);
  state.updatedAtMs = Number(row.updated_at_ms);
  loadLedger(state, row);
  return state;
}

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

function loadLedger(state: AccountState, row: Row): void {
  const { ledger, sql } = state;
  ledger.creditsMicroUsd = Number(row.credits);
  ledger.postedMicroUsd = Number(row.posted);
  ledger.heldMicroUsd = Number(row.held);
  ledger.nextId = Number(row.next_id);
  for (const open of sql.exec("SELECT * FROM reservation")) {
    remember(ledger, {
      id: Number(open.id) as ReservationId,
      nonce: String(open.nonce) as RequestId,
      keyId: String(open.key_id) as KeyId,
      microUsd: Number(open.micro_usd),
      checkpointMicroUsd: Number(open.checkpoint),
      expiresAtMs: Number(open.expires_at_ms),
    });
  }
}

/** Writes the account's one row whole: facts, view version and balances. */
export function saveAccount(state: AccountState, nowMs: number): void {
  const { facts, ledger } = state;
  if (facts === null) return;
  state.updatedAtMs = nowMs;
  state.sql.exec(
    `INSERT OR REPLACE INTO account(k, name, plan, status, jurisdiction, limits, view_version, created_at_ms,
       credits, posted, held, next_id, updated_at_ms)
     VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    facts.name,
    facts.plan,
    facts.status,
    facts.jurisdiction,
    JSON.stringify(facts.limits),
    state.viewVersion,
    facts.createdAtMs,
    ledger.creditsMicroUsd,
    ledger.postedMicroUsd,
    ledger.heldMicroUsd,
    ledger.nextId,
    nowMs,
  );
}

export function refuse(code: ErrorCode, message: string): Refusal {
  return { ok: false, code, message };
}
