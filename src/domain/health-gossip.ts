// What isolates tell the OriginHealth object of a region, what it tells them, and what hearing it changes. Pure.
// Others' word shuts a breaker and invites its next try; it never closes one: that takes an answer of one's own.
import { type Breaker, invited, LONGEST_OPEN_MS, type Opening, shutByOthers } from "./breaker.ts";
import type { Target } from "./catalog.ts";
import { expectedTtftMs, type OriginHealth, type Queue, type WholeOrigin } from "./health.ts";

/** The object of one region; answers come from its memory, drains from its storage. */
export interface OriginHealthDoor {
  gossip(report: HealthReport): Promise<RegionHealth>;
  /** Durable when it resolves. */
  setDrained(originId: string, isDrained: boolean): Promise<void>;
}

export interface HealthReport {
  /** Random, of one isolate's life. */
  readonly isolate: string;
  /** Whether it sent anything to this region since its last report: regions without traffic are not checked. */
  readonly hadTraffic: boolean;
  readonly targets: readonly TargetReport[];
  readonly origins: readonly OriginReport[];
  /** The catalog that `watch` came from. */
  readonly catalogVersion: number;
  /** What active checks ask; sent once after the object asked for it. */
  readonly watch: readonly Target[] | null;
}

/** Of a breaker, what others can use. */
export interface Evidence {
  /** While it is open. */
  readonly opening: Opening | null;
  /** When the newest request that was answered well had been sent. */
  readonly goodAtMs: number | null;
}

export interface TargetReport extends Evidence {
  readonly origin: string;
  readonly model: string;
  readonly inFlight: number;
  /** null without a first token in the last minute. */
  readonly ttftMs: number | null;
}

export interface OriginReport extends Evidence {
  readonly origin: string;
}

export interface RegionHealth {
  readonly targets: readonly HeardTarget[];
  readonly origins: readonly HeardOrigin[];
  /** The object does not know this catalog's targets: the next report should bring them. */
  readonly wantsWatch: boolean;
}

/** All isolates together, the hearer's own requests left out. */
export interface HeardTarget extends TargetReport {
  readonly queue: Queue | null;
  readonly readiness: "ready" | "loading" | "unavailable" | null;
}

export interface HeardOrigin extends OriginReport {
  readonly isDrained: boolean;
  readonly check: OriginCheckVerdict | null;
}

export interface OriginCheckVerdict {
  readonly atMs: number;
  /** Since when no check was answered; null: it is up, or failed once only. */
  readonly downSinceMs: number | null;
}

/** Older than that an answer says nothing of an origin as it is now. */
const FRESH_MS = 60_000;

/** null: there is nothing to tell. */
export function targetReport(
  place: { readonly origin: string; readonly model: string },
  health: OriginHealth,
  nowMs: number,
): TargetReport | null {
  const { latency, inFlight } = health;
  const isMeasured = latency !== null && nowMs - latency.atMs < FRESH_MS;
  const ttftMs = isMeasured ? Math.round(expectedTtftMs(latency, latency.usualMs, nowMs)) : null;
  const evidence = evidenceOf(health.breaker);
  const isGood = evidence.goodAtMs !== null && nowMs - evidence.goodAtMs < FRESH_MS;
  if (inFlight === 0 && !isMeasured && !isGood && evidence.opening === null) return null;
  return { ...place, ...evidence, inFlight, ttftMs };
}

export function evidenceOf(breaker: Breaker): Evidence {
  const { openedAtMs, openUntilMs, goodAtMs } = breaker;
  return { opening: openedAtMs === null ? null : { openedAtMs, openUntilMs }, goodAtMs };
}

/** Between two isolates the newer word counts: an answer to a request sent after it opened outweighs the opening. */
export function joined(one: Evidence, other: Evidence): Evidence {
  const goodAtMs = latest(one.goodAtMs, other.goodAtMs);
  const openings = [one.opening, other.opening].filter((opening) => opening !== null);
  const valid = openings.filter(({ openedAtMs }) => goodAtMs === null || openedAtMs > goodAtMs);
  const opening = valid.reduce<Opening | null>(
    (last, next) => (last === null || next.openUntilMs > last.openUntilMs ? next : last),
    null,
  );
  return { opening, goodAtMs };
}

export function heard(health: OriginHealth, row: HeardTarget, nowMs: number): OriginHealth {
  const { inFlight, ttftMs, queue, readiness } = row;
  return {
    ...health,
    breaker: convinced(health.breaker, row, nowMs),
    answeredAtMs: latest(health.answeredAtMs, row.goodAtMs),
    elsewhere: { atMs: nowMs, inFlight, ttftMs, queue, readiness },
  };
}

/** A failed check shuts the origin until two more should have come. */
export const CHECK_EVERY_MS = 5_000;
const CHECK_HOLDS_MS = 2.5 * CHECK_EVERY_MS;

export function heardOfOrigin(whole: WholeOrigin, row: HeardOrigin, nowMs: number): WholeOrigin {
  const { isDrained, check } = row;
  const breaker = convinced(whole.breaker, row, nowMs);
  if (check === null) return { breaker, isDrained };
  if (check.downSinceMs === null) return { breaker: invited(breaker, check.atMs), isDrained };
  const opening = { openedAtMs: check.downSinceMs, openUntilMs: check.atMs + CHECK_HOLDS_MS };
  return { breaker: shutByOthers(breaker, opening), isDrained };
}

function convinced(breaker: Breaker, { opening, goodAtMs }: Evidence, nowMs: number): Breaker {
  const welcome = goodAtMs === null ? breaker : invited(breaker, goodAtMs);
  if (opening === null) return welcome;
  // Other machines' clocks are not ours: no word of theirs shuts for longer than our own would.
  const openUntilMs = Math.min(opening.openUntilMs, nowMs + LONGEST_OPEN_MS);
  return shutByOthers(welcome, { ...opening, openUntilMs });
}

function latest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
