// The only doors to the outside: clock, dice, network, objects, log. live.ts builds the real ones;
// tests build their own. Whoever takes Ports has effects; whoever does not is pure.
import type { After } from "../lib/alarm-clock.ts";
import type { Json } from "../lib/record.ts";
import type { Guest } from "../lib/room.ts";
import type { ShareBudget } from "../lib/share-budget.ts";
import type { SlowMark } from "../lib/slow-mark.ts";
import type { AccountDoor, Answer, Command, Refusal } from "./account-commands.ts";
import type { Catalog, CatalogRows, Origin, Region } from "./catalog.ts";
import type { Config } from "./config.ts";
import type { HealthBoard } from "./health.ts";
import type { AnswersDoor } from "./idempotency.ts";
import type { AccountId } from "./ids.ts";
import type { AccountRef, Jurisdiction, KeyCaller, KeyView } from "./key.ts";
import type { UsageLogDoor } from "./usage-log.ts";

export interface Ports {
  readonly config: Config;
  /** Aborts when the caller leaves; must be bridged to every attempt's own controller. */
  readonly callerGone: AbortSignal;
  /** Milliseconds since the epoch; on Workers it stands still while code computes. */
  now(): number;
  /** The request's own clock. */
  readonly after: After;
  /** 0 ≤ x < 1. */
  random(): number;
  /** Cryptographically random bytes. */
  randomBytes(length: number): Uint8Array<ArrayBuffer>;
  /** To origins, over a private network where there is one. */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** To hosts that a caller or an identity provider names: the public internet alone. */
  fetchPublic(url: string, init: RequestInit): Promise<Response>;
  /** Cloudflare's own models, by the `AI` binding; null where a deployment has none, as every local one. */
  readonly workersAi: WorkersAi | null;
  /** The value of the secret a catalog row names; null when it is not set. */
  secret(name: string): string | null;
  account(ref: AccountRef): AccountDoor;
  /** `month` as monthOf names it. */
  usageLog(ref: AccountRef, month: string): UsageLogDoor;
  /** Texts of answers, inside a jurisdiction. */
  answers(ref: AccountRef, jurisdiction: Jurisdiction): AnswersDoor;
  catalog(): Promise<Catalog>;
  readonly catalogStore: CatalogStore;
  readonly directory: AccountDirectory;
  readonly archive: Archive;
  /** Well-formed keys already checked by this isolate: spares two HMACs, proves nothing. */
  readonly callers: Cache<KeyCaller>;
  /**
   * The model that answers a conversation, by its key. A hint of this isolate: where it is forgotten, the
   * conversation is routed as if it began.
   */
  readonly conversations: Cache<string>;
  /** By account and key id; forgetting an entry costs one more RPC and nothing else. */
  readonly keyViews: Cache<KeyView>;
  /** Accounts of the outside provider's subjects, by MAC; forgetting one costs a look-up in the directory. */
  readonly subjects: Cache<FoundAccount>;
  /** The outside provider's public keys, by their URL. */
  readonly keySets: Cache<KeySet>;
  readonly health: HealthBoard;
  readonly regionHealth: RegionHealthPort;
  /** Of the isolate: how much may be asked again. */
  readonly retries: ShareBudget;
  /** Of the isolate: how much may be asked twice at once. */
  readonly hedges: ShareBudget;
  /** How late nearly all short whole answers of a target are there; kept only where requests are hedged. */
  readonly slowMarks: Cache<SlowMark>;
  /** This request's place in the isolate: taken before its body is read, given back when its answer is over. */
  readonly room: Guest;
  /** Rate refusals of the last second, by key. */
  readonly refusals: Cache<RememberedRefusal>;
  /** Commands nobody waits for, gathered per account. */
  readonly mailbox: Mailbox;
  /** Where the caller is, when the platform knows. */
  readonly callerPlace: { readonly lat: number; readonly lon: number } | null;
  /** Keeps the isolate alive for work after the answer. */
  waitUntil(promise: Promise<unknown>): void;
  log(event: LogEvent): void;
}

/** The binding's one method that is used: with `returnRawResponse` it answers like a fetch, errors included. */
export interface WorkersAi {
  run(model: string, inputs: Json, options: WorkersAiOptions): Promise<Response>;
}

export interface WorkersAiOptions {
  readonly returnRawResponse: true;
  readonly signal: AbortSignal;
}

/** What all isolates know together, per region: for whoever looks at it, never for a request's way. */
export interface RegionHealthPort {
  /** Puts on the health board what the others know now; what cannot be reached leaves it as it is. */
  refresh(regions: readonly Region[]): Promise<void>;
  /** Durable when it resolves; other isolates hear of it within seconds. */
  setDrained(origin: Origin, isDrained: boolean): Promise<void>;
}

/** One line of the log: facts and ids, never prompt text, keys or origin URLs. */
export interface LogEvent {
  readonly event: string;
  readonly level: "info" | "warn" | "error";
  readonly [field: string]: unknown;
}

export interface RememberedRefusal {
  readonly refusal: Refusal;
  /** When the object said there is room again. */
  readonly roomAtMs: number;
  readonly sinceMs: number;
}

/** src/usage/mailbox.ts. */
export interface Mailbox {
  /**
   * `onAnswer` runs in the context of whichever request carries the batch: it may set a value and must
   * not touch streams, timers or fetches of its own request.
   */
  post(ports: Ports, letter: Letter): void;
}

export interface Letter {
  readonly account: AccountRef;
  readonly command: Command;
  readonly onAnswer: (answer: Answer) => void;
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
  /** `macs` of one subject, one per accepted pepper version. */
  findBySubject(macs: readonly string[]): Promise<DirectoryEntry | null>;
  /** False when the slug is taken. */
  add(entry: DirectoryEntry): Promise<boolean>;
  /** The same subject under a newer pepper. */
  renewSubject(accountId: AccountId, mac: string): Promise<void>;
  remove(accountId: AccountId): Promise<void>;
}

export interface FoundAccount {
  readonly account: AccountRef;
  readonly foundAtMs: number;
}

/** Public keys of the outside provider as it last published them. */
export interface KeySet {
  /** JSON Web Keys, unchecked. */
  readonly keys: readonly Json[];
  /** null while they could never be read. */
  readonly fetchedAtMs: number | null;
  /** Of the last try, good or bad. */
  readonly triedAtMs: number;
}

/** Exports, outside of every database and never read back by us. */
export interface Archive {
  /** Whole or not at all: a name that exists holds everything. */
  put(name: string, lines: AsyncIterable<string>): Promise<void>;
}

export interface DirectoryEntry extends AccountRef {
  readonly slug: string;
  /** Keyed hash of the identity provider's subject; null without one. */
  readonly subjectMac: string | null;
  readonly createdAtMs: number;
}
