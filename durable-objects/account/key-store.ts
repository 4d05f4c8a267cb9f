// Rows of the key table and back. Secrets are not here: a key is stored as its MAC under a pepper.
import type { KeySettings, NewKey } from "../../src/domain/account-commands.ts";
import type { KeyId } from "../../src/domain/ids.ts";
import type { Budget, KeyRecord } from "../../src/domain/key.ts";
import type { MicroUsd } from "../../src/domain/money.ts";
import type { AccountState } from "./state.ts";
import type { StoredKey } from "./stored-key.ts";

export function findKey(state: AccountState, id: KeyId): StoredKey | null {
  const cached = state.spentKeys.get(id) ?? state.keys.get(id);
  if (cached !== undefined) return cached;
  const [row] = state.sql.exec("SELECT * FROM key WHERE id = ?", id).toArray();
  if (row === undefined) return null;
  const key = keyOf(row);
  state.keys.set(id, key);
  return key;
}

/** Newest ids have no order of their own: the list is by creation, then id. */
export function listKeys(state: AccountState, limit: number, afterId: string | null): readonly StoredKey[] {
  const after = afterId === null ? null : findKey(state, afterId as KeyId);
  const rows = state.sql.exec(
    `SELECT * FROM key WHERE created_at_ms > ?1 OR (created_at_ms = ?1 AND id > ?2)
     ORDER BY created_at_ms, id LIMIT ?3`,
    after?.createdAtMs ?? -1,
    after?.id ?? "",
    limit,
  );
  return rows.toArray().map(keyOf);
}

export function insertKey(state: AccountState, key: NewKey, nowMs: number): StoredKey {
  const stored: StoredKey = {
    ...settingsOf(key),
    id: key.id,
    prefix: key.prefix,
    scopes: key.scopes,
    expiresAtMs: key.expiresAtMs,
    pepperVersion: key.proof.pepperVersion,
    mac: key.proof.mac,
    spentMicroUsd: 0,
    spentMonthMicroUsd: 0,
    month: monthOf(nowMs),
    createdAtMs: nowMs,
    lastUsedAtMs: null,
    revokedAtMs: null,
  };
  saveKey(state, stored);
  return stored;
}

function settingsOf(key: KeySettings): KeySettings {
  const { name, modelPool, optimizeMode, region, rpm, budget } = key;
  return { name, modelPool, optimizeMode, region, rpm, budget };
}

/** Writes the row whole and keeps the cache in step. */
export function saveKey(state: AccountState, key: StoredKey): void {
  state.keys.set(key.id, key);
  state.spentKeys.delete(key.id);
  state.sql.exec(
    `INSERT OR REPLACE INTO key(id, name, prefix, pepper_version, mac, scopes, model_pool, optimize_mode, region,
       rpm, budget_micro_usd, budget_period, spent_total, spent_month, month, expires_at_ms, created_at_ms,
       last_used_at_ms, revoked_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    key.id,
    key.name,
    key.prefix,
    key.pepperVersion,
    key.mac,
    JSON.stringify(key.scopes),
    key.modelPool === null ? null : JSON.stringify(key.modelPool),
    key.optimizeMode,
    key.region,
    key.rpm,
    key.budget?.amountMicroUsd ?? null,
    key.budget?.period ?? null,
    key.spentMicroUsd,
    key.spentMonthMicroUsd,
    key.month,
    key.expiresAtMs,
    key.createdAtMs,
    key.lastUsedAtMs,
    key.revokedAtMs,
  );
}

/** Adds a charge to what the key spent, in all and this month; the next save writes it. */
export function chargeKey(state: AccountState, id: KeyId, charge: Charge): void {
  const key = findKey(state, id);
  if (key === null) return;
  const { microUsd, nowMs } = charge;
  const charged: StoredKey = {
    ...key,
    spentMicroUsd: key.spentMicroUsd + microUsd,
    spentMonthMicroUsd: spentInMonth(key, nowMs) + microUsd,
    month: monthOf(nowMs),
    lastUsedAtMs: nowMs,
  };
  state.keys.set(id, charged);
  state.spentKeys.set(id, charged);
}

interface Charge {
  readonly microUsd: MicroUsd;
  readonly nowMs: number;
}

export function spentInMonth(key: StoredKey, nowMs: number): MicroUsd {
  return key.month === monthOf(nowMs) ? key.spentMonthMicroUsd : 0;
}

/** A key as it may be shown: without its MAC. */
export function shownKey(key: StoredKey): KeyRecord {
  const { pepperVersion: _version, mac: _mac, spentMonthMicroUsd: _spent, month: _month, ...record } = key;
  return record;
}

function monthOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 7);
}

// The casts read back what `saveKey` wrote from the same types.
function keyOf(row: Record<string, SqlStorageValue>): StoredKey {
  const pool = row.model_pool;
  return {
    id: String(row.id) as KeyId,
    name: String(row.name),
    prefix: String(row.prefix),
    pepperVersion: Number(row.pepper_version),
    mac: String(row.mac),
    scopes: JSON.parse(String(row.scopes)) as StoredKey["scopes"],
    modelPool: typeof pool === "string" ? (JSON.parse(pool) as readonly string[]) : null,
    optimizeMode: row.optimize_mode as StoredKey["optimizeMode"],
    region: row.region as string | null,
    rpm: row.rpm as number | null,
    budget: budgetOf(row),
    spentMicroUsd: Number(row.spent_total),
    spentMonthMicroUsd: Number(row.spent_month),
    month: String(row.month),
    expiresAtMs: row.expires_at_ms as number | null,
    createdAtMs: Number(row.created_at_ms),
    lastUsedAtMs: row.last_used_at_ms as number | null,
    revokedAtMs: row.revoked_at_ms as number | null,
  };
}

function budgetOf(row: Record<string, SqlStorageValue>): Budget | null {
  if (row.budget_micro_usd === null) return null;
  return {
    amountMicroUsd: Number(row.budget_micro_usd),
    period: row.budget_period as Budget["period"],
  };
}
