// Keys and callers. A Caller is what a well-formed key claims; only the Account object proves it.
import type { AccountId, KeyId, SessionId } from "./ids.ts";
import type { Mode } from "./inference.ts";
import type { MicroUsd } from "./money.ts";

export const SCOPES = [
  "inference",
  "jobs",
  "usage:read",
  "keys:read",
  "keys:write",
  "billing:read",
  "deployments:write",
] as const;
export type Scope = (typeof SCOPES)[number];

export const DEFAULT_SCOPES: readonly Scope[] = ["inference", "jobs", "usage:read"];

/** HMAC of the whole key under one version of the pepper, base64url. */
export interface KeyProof {
  readonly pepperVersion: number;
  readonly mac: string;
}

/** Where an account's object lives: the jurisdiction is part of its name. */
export interface AccountRef {
  readonly accountId: AccountId;
  readonly jurisdiction: Jurisdiction;
}

export const JURISDICTIONS = ["none", "eu", "us", "fedramp"] as const;
export type Jurisdiction = (typeof JURISDICTIONS)[number];

/** What somebody claims to be allowed: the key they act as, and by what. Only the Account object accepts it. */
export type Claim = KeyClaim | SessionClaim | SubjectClaim;

/** Proven by the key's own text. */
export interface KeyClaim {
  readonly by: "key";
  readonly keyId: KeyId;
  /** One per accepted pepper version, the current one first. */
  readonly proofs: readonly KeyProof[];
}

/** Proven by a session that the key opened and nobody ended: the Worker signed its cookie. */
export interface SessionClaim {
  readonly by: "session";
  readonly keyId: KeyId;
  readonly sessionId: SessionId;
}

/** The account's owner, by a token of the outside provider that the Worker verified: nobody else reaches the object. */
export interface SubjectClaim {
  readonly by: "subject";
  readonly keyId: typeof SUBJECT_KEY_ID;
}

/** Stands where a key's id is asked for; no key has it, for it is in no table. */
export const SUBJECT_KEY_ID = "key_identity" as KeyId; // ids are branded where they are made

/** Who asks, as far as the request itself can tell. */
export type Caller = AccountRef & Claim;
export type KeyCaller = AccountRef & KeyClaim;

/** A caller without its account: what the account's object is asked to accept. */
export function claimOf(caller: Caller): Claim {
  const { accountId: _account, jurisdiction: _jurisdiction, ...claim } = caller;
  return claim;
}

/** Where the view of a caller's key is remembered: key ids are unique within their account only. */
export function viewPlace({ accountId, keyId }: Caller): string {
  return `${accountId}/${keyId}`;
}

/** What the isolate remembers of a key's routing; never proof of anything. */
export interface KeyView {
  /** Grows with every change of the key or its account. */
  readonly version: number;
  /** Model ids and `*` patterns; null: every model the account sees. */
  readonly modelPool: readonly string[] | null;
  readonly optimizeMode: Mode | null;
  readonly region: string | null;
}

export interface Budget {
  readonly amountMicroUsd: MicroUsd;
  readonly period: "month" | "total";
}

/** A key as its account stores and shows it; the secret is not in it. */
export interface KeyRecord {
  readonly id: KeyId;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly modelPool: readonly string[] | null;
  readonly optimizeMode: Mode | null;
  readonly region: string | null;
  readonly rpm: number | null;
  readonly budget: Budget | null;
  readonly spentMicroUsd: MicroUsd;
  readonly expiresAtMs: number | null;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
}
