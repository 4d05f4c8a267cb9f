// The only doors to the outside: clock, dice, network, objects, log. live.ts builds the real ones;
// tests build their own. Whoever takes Ports has effects; whoever does not is pure.
import type { AccountDoor } from "./account-commands.ts";
import type { Catalog, CatalogRows } from "./catalog.ts";
import type { Config } from "./config.ts";
import type { HealthBoard } from "./health.ts";
import type { AccountRef, Caller, KeyView } from "./key.ts";

export interface Ports {
  readonly config: Config;
  /** Aborts when the caller leaves; must be bridged to every attempt's own controller. */
  readonly callerGone: AbortSignal;
  /** Milliseconds since the epoch; on Workers it stands still while code computes. */
  now(): number;
  /** 0 ≤ x < 1. */
  random(): number;
  /** Cryptographically random bytes. */
  randomBytes(length: number): Uint8Array<ArrayBuffer>;
  /** To origins: redirects are not followed. */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** The value of the secret a catalog row names; null when it is not set. */
  secret(name: string): string | null;
  account(ref: AccountRef): AccountDoor;
  catalog(): Promise<Catalog>;
  readonly catalogStore: CatalogStore;
  readonly directory: AccountDirectory;
  /** Well-formed keys already checked by this isolate: spares two HMACs, proves nothing. */
  readonly callers: Cache<Caller>;
  /** By key id; forgetting an entry costs one more RPC and nothing else. */
  readonly keyViews: Cache<KeyView>;
  readonly health: HealthBoard;
  /** Where the caller is, when the platform knows. */
  readonly callerPlace: { readonly lat: number; readonly lon: number } | null;
  /** Keeps the isolate alive for work after the answer. */
  waitUntil(promise: Promise<unknown>): void;
  log(event: LogEvent): void;
}

/** One line of the log: facts and ids, never prompt text, keys or origin URLs. */
export interface LogEvent {
  readonly event: string;
  readonly level: "info" | "warn" | "error";
  readonly [field: string]: unknown;
}

/** Per isolate, bounded. */
export interface Cache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/** Catalog versions: D1 keeps the history, KV the newest for the hot path. */
export interface CatalogStore {
  newest(): Promise<StoredCatalog | null>;
  get(version: number): Promise<StoredCatalog | null>;
  list(limit: number, beforeVersion: number | null): Promise<readonly CatalogVersion[]>;
  /** Becomes the newest version; the hot path sees it within seconds. */
  put(rows: CatalogRows, actor: string, nowMs: number): Promise<StoredCatalog>;
}

export interface CatalogVersion {
  readonly version: number;
  readonly createdAtMs: number;
  readonly actor: string;
}

export interface StoredCatalog extends CatalogVersion {
  readonly rows: CatalogRows;
}

/** Who has an account: ids, slugs and jurisdictions only. */
export interface AccountDirectory {
  find(accountId: string): Promise<DirectoryEntry | null>;
  list(limit: number, afterId: string | null): Promise<readonly DirectoryEntry[]>;
  /** False when the slug is taken. */
  add(entry: DirectoryEntry): Promise<boolean>;
}

export interface DirectoryEntry extends AccountRef {
  readonly slug: string;
  /** Keyed hash of the identity provider's subject; null without one. */
  readonly subjectMac: string | null;
  readonly createdAtMs: number;
}
