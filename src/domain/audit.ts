// What was done to an account, by whom: one entry per change of a key, a session or the account itself. Facts
// are settings and amounts; never a secret, a MAC or text of a request.

export interface AuditEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly actor: Actor;
  /** `noun.verb`, e.g. `key.revoke`. */
  readonly action: AuditAction;
  /** The id of what was changed; null where it is the account itself. */
  readonly target: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** `operator`, `subject` (the account's owner by a token), or the key that acted, by itself or by its session. */
export type Actor = "operator" | "subject" | `key:${string}` | `session:${string}`;

export type AuditAction =
  | "account.open"
  | "account.change"
  | "credits.give"
  | "key.create"
  | "key.change"
  | "key.revoke"
  | "key.rotate"
  | "session.open"
  | "session.end";
