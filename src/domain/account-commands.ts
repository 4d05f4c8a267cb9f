// The one door to the Account object: `apply(commands)`. Commands run in order in one atomic turn;
// the first refusal ends the list, so [authorize, create-key] needs no second round trip.
// Everything here crosses RPC: plain data only, refusals as values.
import type { AuditEntry } from "./audit.ts";
import type { ErrorCode } from "./errors.ts";
import type { IdempotencyClaim, IdempotencyEnd, Replay } from "./idempotency.ts";
import type { KeyId, RequestId, ReservationId, SessionId } from "./ids.ts";
import type { Mode } from "./inference.ts";
import type { Budget, Claim, Jurisdiction, KeyClaim, KeyProof, KeyRecord, KeyView, Scope } from "./key.ts";
import type { MicroUsd } from "./money.ts";
import type { LimitOverrides, Plan } from "./plan.ts";

/** What a request asks to hold. The object grants the most it can between the two. */
export interface Hold {
  /** Below this the request is refused with insufficient_credits. */
  readonly leastMicroUsd: MicroUsd;
  readonly mostMicroUsd: MicroUsd;
}

/** How far admission goes: a request that routing refused only proves its key. */
export type Intent = "consume" | "prove-key" | "check-limits" | "count-request";

export interface AdmitCommand {
  readonly scope: Scope;
  /** Chosen by the Worker, so that a repeated admit gets the same reservation. */
  readonly nonce: RequestId;
  /** Version of the view that routing used; null or old answers `stale` without debiting. */
  readonly viewVersion: number | null;
  readonly intent: Intent;
  readonly hold: Hold;
  /** Estimated input and most output: counted against tokens per minute until it is settled. */
  readonly tokens: number;
  /** Estimated, against the month's GPU time. */
  readonly gpuMs: number;
  readonly idempotency: IdempotencyClaim | null;
}

export interface KeySettings {
  readonly name: string;
  readonly modelPool: readonly string[] | null;
  readonly optimizeMode: Mode | null;
  readonly region: string | null;
  readonly rpm: number | null;
  readonly budget: Budget | null;
}

export interface NewKey extends KeySettings {
  readonly id: KeyId;
  readonly prefix: string;
  readonly proof: KeyProof;
  readonly scopes: readonly Scope[];
  readonly expiresAtMs: number | null;
}

export interface AccountSettings {
  readonly plan: Plan;
  readonly status: AccountStatus;
  readonly limits: LimitOverrides;
}

export type AccountStatus = "active" | "deactivated";

export interface Session {
  readonly id: SessionId;
  readonly keyId: KeyId;
  readonly expiresAtMs: number;
}

/** Every command with its answer; `Command` and `AnswerTo` follow from this table. */
interface CommandTable {
  admit: { in: Claim & AdmitCommand; out: Admission };
  settle: {
    in: {
      reservationId: ReservationId;
      requestId: RequestId;
      /** Whose spending it is. */
      keyId: KeyId;
      microUsd: MicroUsd;
      /** What the limits count. */
      tokens: number;
      gpuMs: number;
      /** A packed UsageRow: the object passes it on unread. */
      rowJson: string;
    };
    out: Settlement;
  };
  "end-idempotency": { in: { requestId: RequestId; end: IdempotencyEnd }; out: object };
  touch: {
    in: { reservationId: ReservationId; microUsd: MicroUsd; owner?: ReservationOwner };
    out: { verdict: TouchVerdict };
  };
  authorize: {
    /** A null scope asks only for a key that is valid, whatever it may do. */
    in: Claim & { scope: Scope | null };
    /** Of the key's budget, its open requests counted as spent; null without one. */
    out: { key: KeyRecord; limits: LimitsLeft; budgetLeftMicroUsd: MicroUsd | null };
  };
  credits: { in: object; out: Credits };
  transactions: { in: { limit: number; beforeSeq: number | null }; out: { rows: readonly Transaction[] } };
  deposit: {
    in: { reference: string; microUsd: MicroUsd; entry: "deposit" | "grant" | "refund" };
    out: { transaction: Transaction; repeated: boolean };
  };
  "open-account": {
    in: { name: string; plan: Plan; jurisdiction: Jurisdiction; managementKey: NewKey };
    out: { account: AccountFacts };
  };
  "change-account": { in: { changes: Partial<AccountSettings> }; out: { account: AccountFacts } };
  account: { in: object; out: { account: AccountFacts } };
  "create-key": { in: { key: NewKey }; out: { key: KeyRecord } };
  "list-keys": { in: { limit: number; afterId: string | null }; out: { rows: readonly KeyRecord[] } };
  "get-key": { in: { keyId: KeyId }; out: { key: KeyRecord } };
  "change-key": { in: { keyId: KeyId; changes: Partial<KeySettings> }; out: { key: KeyRecord } };
  "revoke-key": { in: { keyId: KeyId }; out: { key: KeyRecord } };
  "rotate-key": {
    in: { keyId: KeyId; prefix: string; proof: KeyProof; overlapMs: number };
    out: { key: KeyRecord; previousValidUntilMs: number };
  };
  /** The key's own proof again: a session lives no longer than the secret that opened it. */
  "open-session": {
    in: Pick<KeyClaim, "keyId" | "proofs"> & { sessionId: SessionId; expiresAtMs: number };
    out: { session: Session };
  };
  /** Ending what has ended is no refusal. */
  "end-session": { in: { sessionId: SessionId }; out: { ended: boolean } };
  audit: { in: { limit: number; beforeSeq: number | null }; out: { rows: readonly AuditEntry[] } };
}

export type CommandKind = keyof CommandTable;
export type CommandOf<K extends CommandKind> = { readonly kind: K } & Readonly<CommandTable[K]["in"]>;
export type Command = { [K in CommandKind]: CommandOf<K> }[CommandKind];

export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number;
  readonly limits?: LimitsLeft;
}

export type AnswerOf<K extends CommandKind> =
  | ({ readonly ok: true } & Readonly<CommandTable[K]["out"]>)
  | Refusal;
export type Answer = { [K in CommandKind]: AnswerOf<K> }[CommandKind];

export type Admission =
  | { readonly verdict: "stale"; readonly view: KeyView }
  /** This very request was answered before: nothing is counted or held. */
  | { readonly verdict: "replay"; readonly replay: Replay }
  | {
      readonly verdict: "admitted";
      /** null when the intent holds nothing. */
      readonly reservation: Reservation | null;
      readonly limits: LimitsLeft;
      /** Requests of the account under way, this one not counted. */
      readonly queueDepth: number;
    };

export interface Reservation {
  readonly id: ReservationId;
  readonly heldMicroUsd: MicroUsd;
  /** Unrenewed for this long, the reservation posts its last checkpoint and gives the rest back. */
  readonly leaseMs: number;
}

/** Enough for an object that was restarted to know a reservation it never saved. */
export interface ReservationOwner {
  readonly requestId: RequestId;
  readonly keyId: KeyId;
  readonly heldMicroUsd: MicroUsd;
}

/** `closed`: the lease had ended and what was held is gone; the request must stop, for nobody pays for it. */
export type TouchVerdict = "renewed" | "revoked" | "closed";

/** `repeated`: settled before. `late`: the lease had ended. Neither applies anything. */
export interface Settlement {
  readonly applied: "posted" | "repeated" | "late";
  readonly postedMicroUsd: MicroUsd;
}

/** What remains of one limited dimension; an unlimited dimension is absent. */
export interface Remaining {
  readonly limit: number;
  readonly remaining: number;
  /** Until the dimension is whole again. */
  readonly resetMs: number;
}

export interface LimitsLeft {
  readonly requests?: Remaining;
  readonly tokens?: Remaining;
}

export interface Credits {
  readonly balanceMicroUsd: MicroUsd;
  /** Open reservations. */
  readonly pendingMicroUsd: MicroUsd;
  readonly availableMicroUsd: MicroUsd;
  readonly updatedAtMs: number;
}

export interface Transaction {
  readonly seq: number;
  readonly id: string;
  readonly kind: "deposit" | "charge" | "refund" | "grant";
  /** Signed. */
  readonly amountMicroUsd: MicroUsd;
  readonly balanceAfterMicroUsd: MicroUsd;
  readonly reference: string | null;
  readonly requestId: string | null;
  readonly createdAtMs: number;
}

export interface AccountFacts extends AccountSettings {
  readonly name: string;
  readonly jurisdiction: Jurisdiction;
  readonly createdAtMs: number;
}

/** The object as callers see it: one RPC, answers in the order of the commands that ran. */
export interface AccountDoor {
  apply(commands: readonly Command[]): Promise<readonly Answer[]>;
  /** When it returns, everything settled so far is in the UsageLog. */
  drain(): Promise<void>;
  /** For good: nothing of the account is left in the object. */
  erase(): Promise<void>;
}
