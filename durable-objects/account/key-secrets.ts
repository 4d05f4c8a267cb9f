// The secrets of a key: the current one in its row, and after a rotation the one before it until its time is
// up. It compares MACs and keeps them under the newest pepper; what a key may do is others' business.
import type { KeyId } from "../../src/domain/ids.ts";
import type { KeyProof } from "../../src/domain/key.ts";
import { isEqualConstantTime } from "../../src/lib/hmac.ts";
import { saveKey } from "./key-store.ts";
import { type AccountState, saveInThisTurn } from "./state.ts";
import type { StoredKey } from "./stored-key.ts";

/** `validUntilMs` is null for the current secret. */
export interface ProvenSecret {
  readonly validUntilMs: number | null;
}

/** The secret that the proofs are of, valid or not; null when they are of none. */
export function findSecret(
  state: AccountState,
  key: StoredKey,
  proofs: readonly KeyProof[],
): ProvenSecret | null {
  if (isOf(key, proofs)) return { validUntilMs: null };
  const previous = previousSecret(state, key.id);
  return previous !== null && isOf(previous, proofs) ? { validUntilMs: previous.validUntilMs } : null;
}

/** Time does not tell how much of a MAC was right. */
function isOf(stored: KeyProof, proofs: readonly KeyProof[]): boolean {
  const proof = proofs.find((candidate) => candidate.pepperVersion === stored.pepperVersion);
  return proof !== undefined && isEqualConstantTime(proof.mac, stored.mac);
}

/**
 * Keeps a secret just proven under the newest pepper, so that the old one can be taken away; one write a key
 * and rotation of the pepper.
 */
export function renewMac(state: AccountState, key: StoredKey, proofs: readonly KeyProof[]): StoredKey {
  const [newest] = proofs;
  if (newest === undefined) return key;
  const { pepperVersion, mac } = newest;
  if (!isOf(key, proofs)) {
    state.sql.exec(
      "UPDATE previous_secret SET pepper_version = ?1, mac = ?2 WHERE key_id = ?3 AND pepper_version <> ?1",
      pepperVersion,
      mac,
      key.id,
    );
    return key;
  }
  if (pepperVersion === key.pepperVersion) return key;
  const renewed = { ...key, pepperVersion, mac };
  saveKey(state, renewed);
  saveInThisTurn(state);
  return renewed;
}

/** The current secret becomes the previous one; the one before that is worth nothing from now on. */
export function keepAsPrevious(state: AccountState, key: StoredKey, validUntilMs: number): void {
  state.sql.exec(
    "INSERT OR REPLACE INTO previous_secret(key_id, pepper_version, mac, valid_until_ms) VALUES (?, ?, ?, ?)",
    key.id,
    key.pepperVersion,
    key.mac,
    validUntilMs,
  );
}

function previousSecret({ sql }: AccountState, keyId: KeyId) {
  const [row] = sql.exec("SELECT * FROM previous_secret WHERE key_id = ?", keyId).toArray();
  if (row === undefined) return null;
  return {
    pepperVersion: Number(row.pepper_version),
    mac: String(row.mac),
    validUntilMs: Number(row.valid_until_ms),
  };
}
