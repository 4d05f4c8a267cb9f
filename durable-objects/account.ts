// The Account object: one per account, in its jurisdiction; owner of keys, limits and credits. RPC only, one
// method: `apply(commands)`. Commands run in memory in one synchronous turn. What they change is written by
// saves that many requests share; an answer that promises something durable waits for its save.
import { DurableObject } from "cloudflare:workers";
import { nextExpiryMs, releaseEscrow } from "../src/admission/ledger.ts";
import { isSaved } from "../src/admission/ledger-state.ts";
import { type LimitSnapshot, snapshotLimits } from "../src/admission/limits.ts";
import type { Answer, Command } from "../src/domain/account-commands.ts";
import type { UsageLogDoor } from "../src/domain/usage-log.ts";
import { actorOf, recordDeed } from "./account/audit.ts";
import { run } from "./account/commands.ts";
import { sweepIdempotency } from "./account/idempotency.ts";
import { expireLeases } from "./account/ledger-commands.ts";
import { deliver, nextParcel, takeRefused } from "./account/outbox.ts";
import { saveState } from "./account/save.ts";
import { migrate } from "./account/schema.ts";
import { type AccountState, loadState } from "./account/state.ts";

interface AccountEnv {
  readonly LEASE_S?: string;
  readonly LOCAL?: string;
  readonly USAGE_LOG: DurableObjectNamespace;
}

const DEFAULT_LEASE_S = 60;
/** Settlements wait this long for others to share their commit: a commit costs more than the rest of a request. */
const SAVE_EVERY_MS = 100;
/** Rows reach the log within two seconds of the end of their request. */
const DELIVER_EVERY_MS = 1_000;
/** Limits are written at most once a second: a crash admits one second's worth more, never less. */
const SNAPSHOT_EVERY_MS = 1_000;
const SNAPSHOT_KEY = "limits";
/** A delivery under way ends in a second or two; what is not sent after ten is not sent at all. */
const DRAIN_WAIT_MS = 50;
const MAX_DRAIN_WAITS = 200;
/** Far more than a batch of settlements; a longer list is a fault of ours. */
const MAX_COMMANDS = 2_000;

export class Account extends DurableObject<AccountEnv> {
  #state: AccountState;
  readonly #leaseMs: number;
  /** Answers that wait for the next save. */
  #waiting: (() => void)[] = [];
  #saveTimer: Timer = null;
  #deliverTimer: Timer = null;
  #snapshotTimer: Timer = null;
  #alarmAtMs = Number.POSITIVE_INFINITY;
  #isDelivering = false;
  /** Refusals on their way: sent again under the same id until they arrived. */
  #refused: { readonly id: string; readonly byMonth: ReturnType<typeof takeRefused> } | null = null;
  /** The journal may hold rows that the log has not. */
  #hasRows = true;

  constructor(ctx: DurableObjectState, env: AccountEnv) {
    super(ctx, env);
    migrate(ctx.storage);
    this.#leaseMs = Number(env.LEASE_S ?? DEFAULT_LEASE_S) * 1000;
    const limits = ctx.storage.kv.get<LimitSnapshot>(SNAPSHOT_KEY);
    this.#state = loadState(ctx.storage.sql, { leaseMs: this.#leaseMs, nowMs: Date.now(), limits });
    // The new epoch must be durable before the first id of it is given out.
    if (this.#state.facts !== null) this.#save();
  }

  /** Answers in order, one per command that ran; the first refusal ends the list. */
  apply(commands: readonly Command[]): readonly Answer[] | Promise<readonly Answer[]> {
    const answers = this.#orReset("commands", () => this.#run(commands, Date.now()));
    this.#snapshotSoon();
    if (this.#state.ledger.unsaved.isUrgent) this.#save();
    if (isSaved(this.#state.ledger)) return answers;
    this.#saveSoon();
    const isPromise = commands.some(({ kind }) => kind === "settle" || kind === "touch");
    return isPromise ? this.#saved().then(() => answers) : answers;
  }

  #run(commands: readonly Command[], nowMs: number): readonly Answer[] {
    expireLeases(this.#state, nowMs);
    const answers: Answer[] = [];
    for (const command of commands.slice(0, MAX_COMMANDS)) {
      const answer = run(this.#state, command, nowMs);
      answers.push(answer);
      recordDeed(this.#state, { actor: actorOf(commands), command, answer }, nowMs);
      if (!answer.ok) break;
    }
    return answers;
  }

  /** Everything settled is in the log when this returns: before an export, or a list that must add up. */
  async drain(): Promise<void> {
    this.#save();
    for (let waits = 0; this.#isDelivering && waits < MAX_DRAIN_WAITS; waits++)
      await scheduler.wait(DRAIN_WAIT_MS);
    await this.#deliver();
  }

  /** The object as it was before its account: waking again would find nothing, so memory must not know more. */
  async erase(): Promise<void> {
    this.#save();
    for (const timer of [this.#saveTimer, this.#deliverTimer, this.#snapshotTimer]) clearTimer(timer);
    this.#saveTimer = null;
    this.#deliverTimer = null;
    this.#snapshotTimer = null;
    await this.ctx.storage.deleteAll();
    this.#alarmAtMs = Number.POSITIVE_INFINITY;
    migrate(this.ctx.storage);
    this.#state = loadState(this.ctx.storage.sql, {
      leaseMs: this.#leaseMs,
      nowMs: Date.now(),
      limits: undefined,
    });
  }

  override async alarm(): Promise<void> {
    this.#alarmAtMs = Number.POSITIVE_INFINITY;
    this.#orReset("alarm", () => {
      expireLeases(this.#state, Date.now());
      sweepIdempotency(this.#state, Date.now());
    });
    this.#save();
    await this.#deliver();
  }

  #saved(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #saveSoon(): void {
    this.#saveTimer ??= setTimeout(() => this.#save(), SAVE_EVERY_MS);
  }

  /** The output gate holds every answer of this turn until the write is durable. */
  #save(): void {
    clearTimer(this.#saveTimer);
    this.#saveTimer = null;
    const nowMs = Date.now();
    this.#hasRows ||= this.#state.rows.length > 0;
    this.#orReset("save", () => this.ctx.storage.transactionSync(() => saveState(this.#state, nowMs)));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
    this.#wakeLater(nowMs);
    this.#deliverSoon();
  }

  /** Memory may hold what storage refused: only a new waking brings them together again. Nothing of the turn is kept. */
  #orReset<Result>(what: string, work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      this.ctx.abort(`${what} failed: ${String(error)}`);
      throw error;
    }
  }

  /** Whatever is open ends by itself, even if nobody calls again: one alarm a lease. */
  #wakeLater(nowMs: number): void {
    const nextMs = nextExpiryMs(this.#state.ledger);
    const expiryMs = nextMs === null ? Number.POSITIVE_INFINITY : Math.max(nextMs, nowMs + 1_000);
    const redeliveryMs = this.#hasRows ? nowMs + 10 * DELIVER_EVERY_MS : Number.POSITIVE_INFINITY;
    const atMs = Math.min(expiryMs, redeliveryMs);
    if (atMs >= this.#alarmAtMs) return;
    this.#alarmAtMs = atMs;
    void this.ctx.storage.setAlarm(atMs);
  }

  #deliverSoon(): void {
    this.#deliverTimer ??= setTimeout(() => {
      this.#deliverTimer = null;
      // What fails stays in the journal; the alarm tries again.
      this.ctx.waitUntil(this.#deliver().catch((error: unknown) => report(error)));
    }, DELIVER_EVERY_MS);
  }

  async #deliver(): Promise<void> {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      for (let parcel = nextParcel(this.#state); parcel !== null; parcel = nextParcel(this.#state)) {
        await deliver(this.#state, parcel, (month) => this.#usageLog(month));
      }
      this.#hasRows = false;
      await this.#deliverRefused();
    } finally {
      this.#isDelivering = false;
    }
    this.#rest();
  }

  async #deliverRefused(): Promise<void> {
    this.#refused ??= { id: crypto.randomUUID(), byMonth: takeRefused(this.#state) };
    for (const [month, refused] of this.#refused.byMonth) {
      await this.#usageLog(month).append(this.#refused.id, { rows: [], refused });
    }
    this.#refused = null;
  }

  /** An account at rest sets no credits aside, so that its eviction costs it nothing. */
  #rest(): void {
    releaseEscrow(this.#state.ledger);
    if (!isSaved(this.#state.ledger)) this.#saveSoon();
  }

  #usageLog(month: string): UsageLogDoor {
    const namespace = this.#placed(this.env.USAGE_LOG);
    const stub = namespace.get(namespace.idFromName(`${this.ctx.id.name}/${month}`));
    return stub as unknown as UsageLogDoor; // RPC's own types cannot express an interface
  }

  /** Rows stay in the account's jurisdiction; local workerd has none. */
  #placed(namespace: DurableObjectNamespace): DurableObjectNamespace {
    const jurisdiction = this.#state.facts?.jurisdiction ?? "none";
    return jurisdiction === "none" || this.env.LOCAL === "true"
      ? namespace
      : namespace.jurisdiction(jurisdiction);
  }

  #snapshotSoon(): void {
    // Idle objects are evicted after about ten seconds, so a timer of one second always fires.
    this.#snapshotTimer ??= setTimeout(() => {
      this.#snapshotTimer = null;
      const snapshot = snapshotLimits(this.#state.limits, Date.now());
      void this.ctx.storage.put(SNAPSHOT_KEY, snapshot, { allowUnconfirmed: true });
      if (this.#state.refused.size > 0) this.#deliverSoon();
    }, SNAPSHOT_EVERY_MS);
  }
}

type Timer = ReturnType<typeof setTimeout> | null;

function clearTimer(timer: Timer): void {
  if (timer !== null) clearTimeout(timer);
}

function report(error: unknown): void {
  console.error(JSON.stringify({ event: "usage-undelivered", level: "error", error: String(error) }));
}
