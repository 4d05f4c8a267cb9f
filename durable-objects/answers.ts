// The Answers object: texts of answers that may be asked for again, by their Idempotency-Key or by the same request,
// one object per account and jurisdiction, so that a pinned request's text never leaves its pin. It knows no keys and
// no money; whoever reads here was admitted by the Account object. Everything ends by itself: an alarm deletes what
// has expired.
import { DurableObject } from "cloudflare:workers";
import type { StoredAnswer } from "../src/domain/idempotency.ts";
import type { CachedAnswer } from "../src/domain/response-cache.ts";
import { dropExpired, firstExpiryMs, openShelf, recall, remember, type Shelf } from "./answers/cached.ts";

const SCHEMA = `CREATE TABLE IF NOT EXISTS answer(
  id TEXT PRIMARY KEY, status INTEGER NOT NULL, headers TEXT NOT NULL, body TEXT NOT NULL, expires_at_ms INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS answer_expiry ON answer(expires_at_ms);`;

/** Rows of each table deleted per alarm: a longer turn would keep readers waiting. */
const DELETED_AT_ONCE = 500;
/** An alarm may be late or early; once an hour is often enough for texts that live a day. */
const SWEEP_EVERY_MS = 3_600_000;
/** When one turn was not enough: a busy account leaves hundreds of thousands of texts a day. */
const SWEEP_AGAIN_MS = 1_000;

export class Answers extends DurableObject<object> {
  #shelf: Shelf;

  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env);
    ctx.storage.sql.exec(SCHEMA);
    this.#shelf = openShelf(ctx.storage.sql);
  }

  async put(id: string, answer: StoredAnswer, expiresAtMs: number): Promise<void> {
    this.ctx.storage.sql.exec(
      "INSERT OR REPLACE INTO answer(id, status, headers, body, expires_at_ms) VALUES (?, ?, ?, ?, ?)",
      id,
      answer.status,
      JSON.stringify(answer.headers),
      answer.body,
      expiresAtMs,
    );
    await this.#sweepLater();
  }

  get(id: string): StoredAnswer | null {
    const [row] = this.ctx.storage.sql
      .exec("SELECT * FROM answer WHERE id = ? AND expires_at_ms > ?", id, Date.now())
      .toArray();
    if (row === undefined) return null;
    const headers = JSON.parse(String(row.headers)) as StoredAnswer["headers"]; // as `put` wrote it
    return { status: Number(row.status), headers, body: String(row.body) };
  }

  async remember(place: string, answer: CachedAnswer, expiresAtMs: number): Promise<void> {
    remember(this.#shelf, { place, answer, expiresAtMs });
    await this.#sweepLater();
  }

  recall(place: string): CachedAnswer | null {
    return recall(this.#shelf, place, Date.now());
  }

  async erase(): Promise<void> {
    await this.ctx.storage.deleteAll();
    this.ctx.storage.sql.exec(SCHEMA);
    this.#shelf = openShelf(this.ctx.storage.sql);
  }

  override async alarm(): Promise<void> {
    const { sql } = this.ctx.storage;
    sql.exec(
      "DELETE FROM answer WHERE id IN (SELECT id FROM answer WHERE expires_at_ms <= ? LIMIT ?)",
      Date.now(),
      DELETED_AT_ONCE,
    );
    dropExpired(this.#shelf, Date.now(), DELETED_AT_ONCE);
    // By the index of expiry: counting half a gigabyte of texts would read it.
    const { at_ms } = sql.exec("SELECT min(expires_at_ms) AS at_ms FROM answer").one();
    const expiries = [at_ms, firstExpiryMs(this.#shelf)].filter((atMs) => typeof atMs === "number");
    if (expiries.length === 0) return;
    const waitMs = Math.min(...expiries) <= Date.now() ? SWEEP_AGAIN_MS : SWEEP_EVERY_MS;
    await this.ctx.storage.setAlarm(Date.now() + waitMs);
  }

  async #sweepLater(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) !== null) return;
    await this.ctx.storage.setAlarm(Date.now() + SWEEP_EVERY_MS);
  }
}
