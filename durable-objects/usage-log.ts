// The UsageLog object: one per account and month, in the account's jurisdiction; owner of usage rows and their
// sums. RPC only. It is written by the Account object's outbox and read by management; admission never waits for
// it. Everything is in SQLite, nothing in memory. Rows past retention are deleted by the alarm, and the month is
// dropped whole once all of it is.
import { DurableObject } from "cloudflare:workers";
import type { Feedback, FeedbackPlace, Savings } from "../src/domain/feedback.ts";
import type {
  ChargePage,
  ShownRow,
  SummaryAnswer,
  SummaryQuery,
  UsageBatch,
  UsageFilter,
  UsagePage,
  UsagePlace,
} from "../src/domain/usage-log.ts";
import { append } from "./usage-log/append.ts";
import { deleteFeedback, listFeedback, putFeedback } from "./usage-log/feedback.ts";
import { deleteExpired, dropAtMs, nextDeletionMs } from "./usage-log/retention.ts";
import { exportRows, findRow, listCharges, listRows } from "./usage-log/rows.ts";
import { sumSavings } from "./usage-log/savings.ts";
import { hasTables, migrate } from "./usage-log/schema.ts";
import { summarize } from "./usage-log/summary.ts";

/** Between two deletions others have their turn. */
const MIN_PAUSE_MS = 1_000;

export class UsageLog extends DurableObject<object> {
  #hasTables: boolean;

  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env);
    this.#hasTables = hasTables(ctx.storage.sql);
    if (this.#hasTables) migrate(ctx.storage);
  }

  async append(batchId: string, batch: UsageBatch): Promise<void> {
    if (batch.rows.length + batch.refused.length === 0) return;
    const { storage } = this.ctx;
    if (!this.#hasTables) migrate(storage);
    this.#hasTables = true;
    storage.transactionSync(() => append(storage.sql, batchId, batch));
    await this.#wakeInTime(Date.now());
  }

  rows(filter: UsageFilter, limit: number, before: UsagePlace | null): UsagePage {
    if (!this.#hasTables) return { rows: [], resumeAt: null };
    return listRows(this.ctx.storage.sql, filter, { limit, before });
  }

  row(requestId: string): ShownRow | null {
    return this.#hasTables ? findRow(this.ctx.storage.sql, requestId) : null;
  }

  summary(query: SummaryQuery): SummaryAnswer {
    if (!this.#hasTables) return { ok: true, lines: [] };
    return summarize(this.ctx.storage.sql, query);
  }

  charges(limit: number, beforeSeq: number | null): ChargePage {
    if (!this.#hasTables) return { charges: [], resumeBefore: null };
    return listCharges(this.ctx.storage.sql, limit, beforeSeq);
  }

  exportRows(limit: number, afterSeq: number | null): readonly ShownRow[] {
    return this.#hasTables ? exportRows(this.ctx.storage.sql, limit, afterSeq) : [];
  }

  putFeedback(feedback: Feedback): boolean {
    return this.#hasTables && putFeedback(this.ctx.storage.sql, feedback);
  }

  deleteFeedback(decisionId: string): boolean {
    return this.#hasTables && deleteFeedback(this.ctx.storage.sql, decisionId);
  }

  feedback(limit: number, after: FeedbackPlace | null): readonly Feedback[] {
    return this.#hasTables ? listFeedback(this.ctx.storage.sql, limit, after) : [];
  }

  savings(fromMs: number, toMs: number): Savings {
    if (!this.#hasTables) return { requests: 0, paid_micro_usd: 0, baseline_micro_usd: 0 };
    return sumSavings(this.ctx.storage.sql, fromMs, toMs);
  }

  async erase(): Promise<void> {
    this.#hasTables = false;
    // Takes the alarm along.
    await this.ctx.storage.deleteAll();
  }

  override async alarm(): Promise<void> {
    if (!this.#hasTables) return;
    const { sql } = this.ctx.storage;
    const nowMs = Date.now();
    if (nowMs >= dropAtMs(sql)) return await this.erase();
    deleteExpired(sql, nowMs);
    await this.#wakeInTime(nowMs);
  }

  /** One alarm for the next deletion, set with the first batch; later ones find it set. */
  async #wakeInTime(nowMs: number): Promise<void> {
    const { storage } = this.ctx;
    const wakeAtMs = Math.max(nextDeletionMs(storage.sql, nowMs), nowMs + MIN_PAUSE_MS);
    const setAtMs = await storage.getAlarm();
    if (setAtMs === null || setAtMs > wakeAtMs) await storage.setAlarm(wakeAtMs);
  }
}
