// Sessions that keys opened: a row as long as one lives, so that ending it, or its key, is immediate. The token
// in the cookie is the Worker's business; here a session is its id.
import type { AnswerOf, CommandOf, Session } from "../../src/domain/account-commands.ts";
import type { KeyId } from "../../src/domain/ids.ts";
import type { SessionClaim } from "../../src/domain/key.ts";
import { findSecret } from "./key-secrets.ts";
import { findKey } from "./key-store.ts";
import { type AccountState, refuse } from "./state.ts";

/** One per browser of a team; beyond that the one that would end first is ended. */
const MAX_SESSIONS_PER_KEY = 100;

/** Behind an authorization of the same key; proofs tell which of its secrets signed in. */
export function openSession(
  state: AccountState,
  command: CommandOf<"open-session">,
  nowMs: number,
): AnswerOf<"open-session"> {
  const { keyId, proofs, sessionId: id } = command;
  const key = findKey(state, keyId);
  const secret = key === null ? null : findSecret(state, key, proofs);
  if (secret === null) return refuse("invalid_api_key", "Open a session with an API key of the account.");
  const expiresAtMs = Math.min(command.expiresAtMs, secret.validUntilMs ?? command.expiresAtMs);
  const session: Session = { id, keyId, expiresAtMs };
  makeRoom(state, keyId, nowMs);
  state.sql.exec("INSERT INTO session(jti, key_id, expires_at_ms) VALUES (?, ?, ?)", id, keyId, expiresAtMs);
  return { ok: true, session };
}

function makeRoom({ sql }: AccountState, keyId: KeyId, nowMs: number): void {
  sql.exec("DELETE FROM session WHERE expires_at_ms <= ?", nowMs);
  sql.exec(
    `DELETE FROM session WHERE jti IN (
       SELECT jti FROM session WHERE key_id = ? ORDER BY expires_at_ms DESC, jti LIMIT -1 OFFSET ?)`,
    keyId,
    MAX_SESSIONS_PER_KEY - 1,
  );
}

export function endSession(
  { sql }: AccountState,
  command: CommandOf<"end-session">,
): AnswerOf<"end-session"> {
  const ended = sql.exec("DELETE FROM session WHERE jti = ? RETURNING jti", command.sessionId).toArray();
  return { ok: true, ended: ended.length > 0 };
}

export function isLive({ sql }: AccountState, { sessionId, keyId }: SessionClaim, nowMs: number): boolean {
  const [row] = sql.exec("SELECT key_id, expires_at_ms FROM session WHERE jti = ?", sessionId).toArray();
  return row !== undefined && row.key_id === keyId && Number(row.expires_at_ms) > nowMs;
}

/** No session of the key lives beyond this: now when it was revoked, the old secret's end when it was rotated. */
export function endSessionsOf({ sql }: AccountState, keyId: KeyId, atMs: number): void {
  sql.exec("UPDATE session SET expires_at_ms = min(expires_at_ms, ?) WHERE key_id = ?", atMs, keyId);
}
