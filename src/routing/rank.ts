// Orders what passed the hard filters: models by the mode's comparator, the origins of one model by
// expected time. Total and deterministic: every tie ends in an id, never in dice.
import type { Model, Target } from "../domain/catalog.ts";
import type { Mode } from "../domain/inference.ts";
import { assertNever } from "../lib/assert-never.ts";
import type { ModelEstimate, TimeEstimate } from "./estimate.ts";
import { rendezvousWeight } from "./rendezvous.ts";

export interface RankedTarget {
  readonly target: Target;
  readonly time: TimeEstimate;
}

/** One model with its targets, best first; never empty. */
export interface ModelGroup {
  readonly modelId: string;
  readonly estimate: ModelEstimate;
  readonly best: RankedTarget;
  readonly targets: readonly RankedTarget[];
}

/** Predictions closer than this are the same: the noise of the estimate, about one point. */
export const QUALITY_NOISE = 0.01;
/** Mode "cost" gives up at most this much of the best predicted quality: one answer in ten. */
export const COST_TOLERANCE = 0.1;
/** Mode "latency" gives up at most this much: people who wait prefer a fair answer to a late one. */
export const LATENCY_TOLERANCE = 0.15;
/** Exchange rate of "balanced": a good answer in place of a bad one is worth three tenths of a cent, ... */
export const MICRO_USD_PER_GOOD_ANSWER = 3_000;
/** ... and a second of waiting costs twenty millionths of a dollar: most of it is spent reading what has come. */
export const MICRO_USD_PER_SECOND = 20;

/** Best first. Models of which every origin is suspect come after all others. */
export function rankModels(groups: readonly ModelGroup[], mode: Mode): readonly ModelGroup[] {
  const healthy = groups.filter((group) => !group.best.time.isSuspect);
  const suspect = groups.filter((group) => group.best.time.isSuspect);
  return [...sorted(healthy, mode), ...sorted(suspect, mode)];
}

/**
 * The origins of one model, best first. With a session key, origins about as fast as the fastest
 * are ordered by rendezvous hash, so that a conversation finds its prompt cache again.
 */
export function rankOrigins(
  targets: readonly RankedTarget[],
  sessionKey: string | null,
): readonly RankedTarget[] {
  const byTime = [...targets].sort(compareOrigins);
  const fastest = byTime[0];
  // A warm cache is not worth a queue.
  if (sessionKey === null || fastest === undefined || fastest.time.isSaturated) return byTime;
  const isClose = (one: RankedTarget) =>
    one.time.isSuspect === fastest.time.isSuspect &&
    one.time.isSaturated === fastest.time.isSaturated &&
    one.time.ttftMs <= fastest.time.ttftMs * CLOSE_FACTOR + CLOSE_MS;
  const weightOf = (one: RankedTarget) =>
    rendezvousWeight(sessionKey, one.target.origin.id, one.target.origin.weight);
  const lightest = Math.min(...byTime.filter(isClose).map(({ time }) => time.load));
  const isCrowded = ({ time }: RankedTarget) => time.load > lightest * CROWDED_FACTOR + CROWDED_SLACK;
  const close = byTime
    .filter(isClose)
    .sort(
      (a, b) =>
        Number(isCrowded(a)) - Number(isCrowded(b)) || weightOf(b) - weightOf(a) || compareOrigins(a, b),
    );
  return [...close, ...byTime.filter((one) => !isClose(one))];
}

/** Higher is better within one mode; about 0..1, below 0 where quality is under the mode's floor. */
export function scoreOf(estimate: ModelEstimate, time: TimeEstimate, frame: ScoreFrame): number {
  const quality = estimate.quality.value;
  const usd = estimate.exactCostMicroUsd / 1_000_000;
  const seconds = time.totalMs / 1000;
  switch (frame.mode) {
    case "quality":
      return quality;
    case "cost":
      return underFloor(quality, frame.bestQuality - COST_TOLERANCE) + 1 / (1 + usd / SCORE_HALF_USD);
    case "latency":
      return underFloor(quality, frame.bestQuality - LATENCY_TOLERANCE) + 1 / (1 + seconds / SCORE_HALF_S);
    case "balanced":
      return utility(estimate, time) / MICRO_USD_PER_GOOD_ANSWER;
    default:
      return assertNever(frame.mode);
  }
}

export interface ScoreFrame {
  readonly mode: Mode;
  readonly bestQuality: number;
}

/** null where there is no group. Of equals the first. */
export function bestModelOf(groups: readonly ModelGroup[]): Model | null {
  const best = groups.reduce<ModelGroup | null>(
    (soFar, group) =>
      soFar === null || group.estimate.quality.value > soFar.estimate.quality.value ? group : soFar,
    null,
  );
  return best?.best.target.model ?? null;
}

export function bestQualityOf(groups: readonly ModelGroup[]): number {
  return groups.reduce((best, group) => Math.max(best, group.estimate.quality.value), 0);
}

/** Half again as long plus a blink: a warm prompt cache saves more than that. */
const CLOSE_FACTOR = 1.5;
const CLOSE_MS = 50;
/** Nor crowding: beyond this multiple of the lightest load the next origin is as good. */
const CROWDED_FACTOR = 1.5;
/** In shares of an origin's slots: a few requests more or less on idle origins say nothing. */
const CROWDED_SLACK = 0.1;
/** Scores of cost and latency are 1/2 here: a tenth of a cent, ten seconds. */
const SCORE_HALF_USD = 0.001;
const SCORE_HALF_S = 10;

type Comparator = (a: ModelGroup, b: ModelGroup) => number;

function sorted(groups: readonly ModelGroup[], mode: Mode): readonly ModelGroup[] {
  return [...groups].sort(comparatorOf(mode, bestQualityOf(groups)));
}

function comparatorOf(mode: Mode, best: number): Comparator {
  switch (mode) {
    case "quality":
      return within(best - QUALITY_NOISE, inOrder(byCost, byQuality, byTime, byId));
    case "cost":
      return within(best - COST_TOLERANCE, inOrder(byCost, byQuality, byTime, byId));
    case "latency":
      return within(best - LATENCY_TOLERANCE, inOrder(byTime, byQuality, byCost, byId));
    case "balanced":
      return inOrder(byUtility, byQuality, byCost, byTime, byId);
    default:
      return assertNever(mode);
  }
}

/**
 * Models at or above the floor come first, in `order`; the rest follow by quality. A fixed floor
 * keeps the order transitive, which "within a tolerance of each other" would not be.
 */
function within(floor: number, order: Comparator): Comparator {
  const below = inOrder(byQuality, byCost, byTime, byId);
  const isAbove = (group: ModelGroup) => group.estimate.quality.value >= floor - FLOAT_SLACK;
  return (a, b) => {
    if (isAbove(a) !== isAbove(b)) return isAbove(a) ? -1 : 1;
    return isAbove(a) ? order(a, b) : below(a, b);
  };
}

/** 0.9 - 0.05 is not 0.85 in binary; qualities have four places, so this cannot admit another. */
const FLOAT_SLACK = 1e-9;

function inOrder(...comparators: readonly Comparator[]): Comparator {
  return (a, b) => {
    for (const compare of comparators) {
      const order = compare(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function byQuality(a: ModelGroup, b: ModelGroup): number {
  return b.estimate.quality.value - a.estimate.quality.value;
}

function byCost(a: ModelGroup, b: ModelGroup): number {
  return a.estimate.exactCostMicroUsd - b.estimate.exactCostMicroUsd;
}

function byTime(a: ModelGroup, b: ModelGroup): number {
  return a.best.time.totalMs - b.best.time.totalMs;
}

function byUtility(a: ModelGroup, b: ModelGroup): number {
  return utility(b.estimate, b.best.time) - utility(a.estimate, a.best.time);
}

function byId(a: ModelGroup, b: ModelGroup): number {
  return compareText(a.modelId, b.modelId);
}

/** In micro-dollars: what the answer is expected to be worth, less what it costs and how long it takes. */
function utility(estimate: ModelEstimate, time: TimeEstimate): number {
  const worth = estimate.quality.value * MICRO_USD_PER_GOOD_ANSWER;
  return worth - estimate.exactCostMicroUsd - (time.totalMs / 1000) * MICRO_USD_PER_SECOND;
}

function underFloor(quality: number, floor: number): number {
  return quality >= floor - FLOAT_SLACK ? 0 : -1;
}

function compareOrigins(a: RankedTarget, b: RankedTarget): number {
  if (a.time.isSuspect !== b.time.isSuspect) return a.time.isSuspect ? 1 : -1;
  if (a.time.isSuspect && a.time.shutForMs !== b.time.shutForMs) return a.time.shutForMs - b.time.shutForMs;
  // Whoever is full is left for whoever has room, however far that is.
  if (a.time.isSaturated !== b.time.isSaturated) return a.time.isSaturated ? 1 : -1;
  const byExpectedTime = a.time.totalMs - b.time.totalMs || a.time.ttftMs - b.time.ttftMs;
  return byExpectedTime || compareText(a.target.origin.id, b.target.origin.id);
}

/** By code unit: the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
