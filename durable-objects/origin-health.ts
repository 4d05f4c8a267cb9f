// The OriginHealth object, one per region, in the region's jurisdiction: it spreads what isolates say of origins,
// asks the origins itself while the region is in use, and keeps drains. No request ever waits for it. Only drains are
// in SQLite; the rest is hearsay of seconds, and an evicted object hears it again.
import { DurableObject } from "cloudflare:workers";
import type { Target } from "../src/domain/catalog.ts";
import { CHECK_EVERY_MS, type HealthReport, type RegionHealth } from "../src/domain/health-gossip.ts";
import { originSecret } from "../src/domain/origin-secret.ts";
import { type CheckPorts, checkOrigin } from "../src/origins/active-check.ts";
import { checks } from "./origin-health/checks.ts";
import { hearing } from "./origin-health/hearsay.ts";
import { regionView } from "./origin-health/region-view.ts";

const SCHEMA = "CREATE TABLE IF NOT EXISTS drain(origin TEXT PRIMARY KEY, at_ms INTEGER NOT NULL)";

/** A region that nobody used for so long is left in peace. */
const IN_USE_FOR_MS = 60_000;
/** Longer than any list of origins; a drained origin that left the catalog stays until it is undrained. */
const MAX_DRAINS = 10_000;

interface Bindings {
  /** The way to the origins, as the Worker's own. */
  readonly EGRESS?: Fetcher;
}

export class OriginHealth extends DurableObject<Bindings> {
  readonly #drained = new Set<string>();
  readonly #hearing = hearing();
  readonly #checks = checks();
  #usedAtMs = 0;
  #isAlarmSet = false;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    ctx.storage.sql.exec(SCHEMA);
    for (const { origin } of ctx.storage.sql.exec("SELECT origin FROM drain LIMIT ?", MAX_DRAINS)) {
      this.#drained.add(String(origin));
    }
  }

  async gossip(report: HealthReport): Promise<RegionHealth> {
    const nowMs = Date.now();
    this.#hearing.hear(report, nowMs);
    const { watch, catalogVersion } = report;
    if (watch !== null && catalogVersion >= (this.#checks.catalogVersion ?? 0))
      this.#checks.watch(catalogVersion, watch);
    if (report.hadTraffic) await this.#beInUse(nowMs);
    return regionView(
      { hearsay: this.#hearing.all(nowMs), checks: this.#checks, drained: this.#drained },
      report,
      nowMs,
    );
  }

  setDrained(originId: string, isDrained: boolean): void {
    const { sql } = this.ctx.storage;
    if (isDrained) {
      sql.exec("INSERT OR IGNORE INTO drain(origin, at_ms) VALUES (?, ?)", originId, Date.now());
      this.#drained.add(originId);
      return;
    }
    sql.exec("DELETE FROM drain WHERE origin = ?", originId);
    this.#drained.delete(originId);
  }

  override async alarm(): Promise<void> {
    this.#isAlarmSet = false;
    const ports: CheckPorts = {
      fetch: (url, init) =>
        this.env.EGRESS === undefined ? fetch(url, init) : this.env.EGRESS.fetch(url, init),
      secret: (name) => originSecret(this.env, name),
    };
    const untilMs = Date.now() + CHECK_EVERY_MS;
    // One after the other: each asks several pages at once, and six may be open.
    for (const { targets, isFailing } of this.#checks.due()) {
      // Many that hang must not make the others' checks stale: who is left comes first of them next time.
      if (isFailing && Date.now() >= untilMs) break;
      await this.#check(ports, targets);
    }
    if (Date.now() - this.#usedAtMs < IN_USE_FOR_MS) await this.#setAlarm(Date.now() + CHECK_EVERY_MS);
  }

  async #check(ports: CheckPorts, targets: readonly Target[]): Promise<void> {
    const found = await checkOrigin(ports, targets);
    this.#checks.found(targets, found, Date.now());
  }

  /** The first check comes soon: an origin that just failed is asked before its breaker lets a caller try. */
  async #beInUse(nowMs: number): Promise<void> {
    this.#usedAtMs = nowMs;
    if (!this.#isAlarmSet) await this.#setAlarm(nowMs + FIRST_CHECK_MS);
  }

  async #setAlarm(atMs: number): Promise<void> {
    this.#isAlarmSet = true;
    await this.ctx.storage.setAlarm(atMs);
  }
}

/** By then the isolate has been asked for the list of origins. */
const FIRST_CHECK_MS = 1_500;
