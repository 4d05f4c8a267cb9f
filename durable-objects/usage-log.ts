// The UsageLog object: one per account and month, in the account's jurisdiction; owner of usage rows and their
// sums. RPC only. It is written by the Account object's outbox and read by management; admission never waits for
// it. Everything is in SQLite, nothing in memory; the month is dropped whole once all of it is past retention.
import { DurableObject } from "cloudflare:workers";
import {
  type ChargePage,
  type ShownRow,
  type SummaryAnswer,
  type SummaryQuery,
  USAGE_RETENTION_MS,
  type UsageBatch,
  type UsageFilter,
  type UsagePage,
  type UsagePlace,
} from "../src/domain/usage-log.ts";
import { append } from "./usage-log/append.ts";
import { exportRows, findRow, listCharges, listRows } from "./usage-log/rows.ts";
import { hasTables, migrate } from "./usage-log/schema.ts";
import { lastDayMs, summarize } from "./usage-log/summary.ts";

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
    await this.#dropInTime();
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

  async erase(): Promise<void> {
    this.#hasTables = false;
    // Takes the alarm along.
    await this.ctx.storage.deleteAll();
  }

  override async alarm(): Promise<void> {
    if (!this.#hasTables) return;
    if (Date.now() >= this.#dropAtMs()) await this.erase();
    else await this.#dropInTime();
  }

  /** One alarm at the end of the retention, set with the first batch; later ones find it set. */
  async #dropInTime(): Promise<void> {
    const { storage } = this.ctx;
    const dropAtMs = this.#dropAtMs();
    const setAtMs = await storage.getAlarm();
    if (setAtMs === null || setAtMs < dropAtMs) await storage.setAlarm(dropAtMs);
  }

  #dropAtMs(): number {
    return endOfMonthMs(lastDayMs(this.ctx.storage.sql)) + USAGE_RETENTION_MS;
  }
}

function endOfMonthMs(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
