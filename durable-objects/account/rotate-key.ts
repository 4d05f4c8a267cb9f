// A new secret for an old key: same id, settings and spending. The secret it replaces stays good for a while,
// so that callers can change over one by one.
import type { AnswerOf, CommandOf } from "../../src/domain/account-commands.ts";
import { keepAsPrevious } from "./key-secrets.ts";
import { findKey, saveKey, shownKey } from "./key-store.ts";
import { endSessionsOf } from "./sessions.ts";
import { type AccountState, refuse, saveInThisTurn } from "./state.ts";

export function rotateKey(
  state: AccountState,
  command: CommandOf<"rotate-key">,
  nowMs: number,
): AnswerOf<"rotate-key"> {
  const key = findKey(state, command.keyId);
  if (key === null) {
    return refuse("not_found", "This account has no such key: list the keys to see their ids.");
  }
  if (key.revokedAtMs !== null) {
    return refuse("invalid_value", "This API key was revoked for good: create a new one.");
  }
  const previousValidUntilMs = nowMs + command.overlapMs;
  keepAsPrevious(state, key, previousValidUntilMs);
  // Whoever stole the old secret may have signed in with it.
  endSessionsOf(state, key.id, previousValidUntilMs);
  const rotated = { ...key, prefix: command.prefix, ...command.proof };
  saveKey(state, rotated);
  saveInThisTurn(state);
  return { ok: true, key: shownKey(rotated), previousValidUntilMs };
}
