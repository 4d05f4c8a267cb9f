// Proof of a key, and the life of keys: create, list, show, change, revoke.
import { limitsLeft } from "../../src/admission/limits.ts";
import type { AnswerOf, CommandOf, LimitsLeft, Refusal } from "../../src/domain/account-commands.ts";
import type { Claim, Scope } from "../../src/domain/key.ts";
import { budgetLeft } from "./budget.ts";
import { keyBehind } from "./claim.ts";
import { findKey, insertKey, listKeys, saveKey, shownKey } from "./key-store.ts";
import { endSessionsOf } from "./sessions.ts";
import { type AccountState, planLimits, refuse, saveInThisTurn } from "./state.ts";
import type { StoredKey } from "./stored-key.ts";

/** A null scope: any valid key will do. */
type Asking = Claim & { readonly scope: Scope | null };

/** The key behind a claim, or why it may not: unknown and expired 401, revoked and out of scope 403. */
export function proveKey(state: AccountState, claim: Asking, nowMs: number): StoredKey | Refusal {
  const key = keyBehind(state, claim, nowMs);
  if (isRefusal(key)) return key;
  if (key.revokedAtMs !== null) {
    return refuse("key_revoked", "This API key was revoked: use another key of the account.");
  }
  if (key.expiresAtMs !== null && key.expiresAtMs <= nowMs) {
    return refuse("expired_api_key", "This API key has expired: create a new one.");
  }
  if (state.facts?.status === "deactivated") {
    return refuse("account_deactivated", "This account is deactivated: contact its operator.");
  }
  if (claim.scope !== null && !key.scopes.includes(claim.scope)) {
    return refuse("scope_missing", `This API key lacks the scope '${claim.scope}': use a key that has it.`);
  }
  return key;
}

export function isRefusal(value: StoredKey | Refusal): value is Refusal {
  return "ok" in value;
}

export function authorize(
  state: AccountState,
  command: CommandOf<"authorize">,
  nowMs: number,
): AnswerOf<"authorize"> {
  const key = proveKey(state, command, nowMs);
  if (isRefusal(key)) return key;
  const limits: LimitsLeft = limitsLeft(state.limits, planLimits(state), {
    keyId: key.id,
    keyRpm: key.rpm,
    nowMs,
  });
  return { ok: true, key: shownKey(key), limits, budgetLeftMicroUsd: budgetLeft(state, key, nowMs) };
}

export function createKey(
  state: AccountState,
  command: CommandOf<"create-key">,
  nowMs: number,
): AnswerOf<"create-key"> {
  return { ok: true, key: shownKey(insertKey(state, command.key, nowMs)) };
}

export function showKeys(state: AccountState, command: CommandOf<"list-keys">): AnswerOf<"list-keys"> {
  return { ok: true, rows: listKeys(state, command.limit, command.afterId).map(shownKey) };
}

export function showKey(state: AccountState, command: CommandOf<"get-key">): AnswerOf<"get-key"> {
  const key = findKey(state, command.keyId);
  return key === null ? noSuchKey() : { ok: true, key: shownKey(key) };
}

export function changeKey(state: AccountState, command: CommandOf<"change-key">): AnswerOf<"change-key"> {
  const key = findKey(state, command.keyId);
  if (key === null) return noSuchKey();
  const changed = { ...key, ...command.changes };
  saveKey(state, changed);
  bumpViews(state);
  return { ok: true, key: shownKey(changed) };
}

/** At once and for good, its sessions too; revoking again changes nothing. */
export function revokeKey(
  state: AccountState,
  command: CommandOf<"revoke-key">,
  nowMs: number,
): AnswerOf<"revoke-key"> {
  const key = findKey(state, command.keyId);
  if (key === null) return noSuchKey();
  const revoked = { ...key, revokedAtMs: key.revokedAtMs ?? nowMs };
  saveKey(state, revoked);
  saveInThisTurn(state);
  endSessionsOf(state, key.id, nowMs);
  return { ok: true, key: shownKey(revoked) };
}

/** Every isolate routes anew: a view older than this version answers `stale`. */
export function bumpViews(state: AccountState): void {
  state.viewVersion++;
  saveInThisTurn(state);
}

function noSuchKey(): Refusal {
  return refuse("not_found", "This account has no such key: list the keys to see their ids.");
}
