// The key that a claim acts as, or why the claim is not accepted. Whether that key is revoked, expired or out
// of scope is asked behind this, in the same way for every kind of claim.
import type { Refusal } from "../../src/domain/account-commands.ts";
import {
  type Claim,
  type KeyClaim,
  SCOPES,
  type SessionClaim,
  SUBJECT_KEY_ID,
} from "../../src/domain/key.ts";
import { assertNever } from "../../src/lib/assert-never.ts";
import { findSecret, renewMac } from "./key-secrets.ts";
import { findKey } from "./key-store.ts";
import { isLive } from "./sessions.ts";
import { type AccountState, refuse } from "./state.ts";
import type { StoredKey } from "./stored-key.ts";

export function keyBehind(state: AccountState, claim: Claim, nowMs: number): StoredKey | Refusal {
  switch (claim.by) {
    case "key":
      return provenKey(state, claim, nowMs);
    case "session":
      return sessionKey(state, claim, nowMs);
    case "subject":
      return subjectKey(state);
    default:
      return assertNever(claim);
  }
}

function provenKey(state: AccountState, { keyId, proofs }: KeyClaim, nowMs: number): StoredKey | Refusal {
  const key = findKey(state, keyId);
  const secret = key === null ? null : findSecret(state, key, proofs);
  if (key === null || secret === null) {
    return refuse("invalid_api_key", "This API key does not exist: check it, or create a new one.");
  }
  if (secret.validUntilMs !== null && secret.validUntilMs <= nowMs && key.revokedAtMs === null) {
    return refuse("expired_api_key", "This API key was rotated: use its new secret.");
  }
  return renewMac(state, key, proofs);
}

function sessionKey(state: AccountState, claim: SessionClaim, nowMs: number): StoredKey | Refusal {
  const key = isLive(state, claim, nowMs) ? findKey(state, claim.keyId) : null;
  return key ?? refuse("invalid_token", "This session has ended: sign in again.");
}

/** The owner may do everything and has no settings of their own. In no table, so there is no MAC to match. */
function subjectKey({ facts }: AccountState): StoredKey | Refusal {
  if (facts === null) return refuse("invalid_token", "This token's account does not exist any more.");
  return {
    id: SUBJECT_KEY_ID,
    name: "identity provider",
    prefix: "",
    scopes: SCOPES,
    modelPool: null,
    optimizeMode: null,
    region: null,
    rpm: null,
    budget: null,
    spentMicroUsd: 0,
    expiresAtMs: null,
    createdAtMs: facts.createdAtMs,
    lastUsedAtMs: null,
    revokedAtMs: null,
    pepperVersion: 0,
    mac: "",
    spentMonthMicroUsd: 0,
    month: "",
  };
}
