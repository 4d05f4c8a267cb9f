// Predicts one target's answer: how good, what it costs, how fast. Raw numbers only; what they are
// worth against each other is rank.ts's business. The curves are priors, documented where they stand.
import { type Model, type Region, slotsOf, type Target, timeoutsOf } from "../domain/catalog.ts";
import {
  type Elsewhere,
  expectedTtftMs,
  freshWord,
  type HealthBoard,
  loadOf,
  type OriginHealth,
  reopensAtMs,
  standing,
} from "../domain/health.ts";
import type { MicroUsd } from "../domain/money.ts";
import { costOf, costOfWorstCase, worstCase } from "../domain/price.ts";
import type { Profile } from "../domain/route.ts";
import type { Ability } from "./ability/ability.ts";
import { predictQuality, type Quality } from "./quality.ts";

export interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** What the request brings to every estimate. */
export interface Workload {
  readonly profile: Profile;
  readonly choices: number;
  /** Has read the prompt; null where nothing was classified, and without weights. */
  readonly ability: Ability | null;
}

/** What is known of the world while estimating. */
export interface Surroundings {
  readonly regions: ReadonlyMap<string, Region>;
  readonly health: HealthBoard;
  readonly nowMs: number;
  readonly callerPlace: Place | null;
  /** Whether a request that fails at one target may go on to another: only such may try what failed lately. */
  readonly canFallBack: boolean;
}

export interface ModelEstimate {
  readonly quality: Quality;
  readonly costMicroUsd: MicroUsd;
  /** Not rounded up: tells apart models whose short answers all cost one micro-dollar. */
  readonly exactCostMicroUsd: number;
}

export interface TimeEstimate {
  readonly ttftMs: number;
  readonly totalMs: number;
  /** Requests under way there, as a share of its slots. */
  readonly load: number;
  /** Every slot is taken, or it refused for load: a request waits there while others have room. */
  readonly isSaturated: boolean;
  readonly isMeasured: boolean;
  readonly isSuspect: boolean;
  /** Until a try passes again; 0 where it is not suspect. The least bad of the suspects has the least. */
  readonly shutForMs: number;
}

/** The same for all origins of a model: its price and ability do not depend on where it runs. */
export function estimateModel(model: Model, work: Workload): ModelEstimate {
  const { inputTokens, expectedOutputTokens } = work.profile;
  const outputTokens = expectedOutputTokens * work.choices;
  const worst = worstCase(model, inputTokens, outputTokens);
  const { price } = model;
  const exact =
    "gpu_per_minute" in price
      ? costOf(price, { ...worst, cachedInputTokens: 0, estimated: true })
      : inputTokens * price.input_per_mtok + outputTokens * price.output_per_mtok;
  return {
    quality: predictQuality(model, work.profile, work.ability),
    costMicroUsd: costOfWorstCase(model, worst),
    exactCostMicroUsd: exact,
  };
}

export function estimateTime(target: Target, profile: Profile, around: Surroundings): TimeEstimate {
  const { nowMs } = around;
  const health = around.health.get(target.origin.id, target.model.id);
  const state = standing(health, nowMs);
  const isOut = state === "open" || (state === "half-open" && !around.canFallBack);
  const elsewhere = freshWord(health, nowMs);
  const load = loadOf(health, slotsOf(target.origin), nowMs);
  const answerMs = (profile.expectedOutputTokens / tokensPerSecond(target.model)) * 1000;
  const idleTtftMs = idleTtft(target, profile, { around, health, elsewhere });
  const readyTtftMs =
    idleTtftMs * (1 + Math.min(1, load)) + waitMs(load, health.slotMs ?? answerMs) + loadingMs(health, nowMs);
  // A suspect origin is expected to fail as its last attempts did: by using up its time.
  const ttftMs = isOut ? Math.max(idleTtftMs, timeoutsOf(target).ttft_ms) : readyTtftMs;
  return {
    ttftMs: Math.round(ttftMs),
    totalMs: Math.round(ttftMs + answerMs * (1 + Math.min(1, load))),
    load,
    isSaturated: load >= 1 || (health.busyUntilMs !== null && nowMs < health.busyUntilMs),
    isMeasured: health.latency !== null,
    isSuspect: isOut,
    shutForMs: isOut ? reopensAtMs(health, nowMs) - nowMs : 0,
  };
}

/** Beyond its slots a server queues, and each further request waits for whole answers, as long as they take there. */
function waitMs(load: number, slotMs: number): number {
  return Math.max(0, load - 1) * Math.max(SHORTEST_ANSWER_MS, slotMs);
}

/** Answers without output tokens hold their slot as well. */
const SHORTEST_ANSWER_MS = 100;

function loadingMs({ loadingUntilMs }: OriginHealth, nowMs: number): number {
  return loadingUntilMs === null ? 0 : Math.max(0, loadingUntilMs - nowMs);
}

interface Seen {
  readonly around: Surroundings;
  readonly health: OriginHealth;
  readonly elsewhere: Elsewhere | null;
}

/** What was measured here holds the way there; what was measured nearest to the origin does not, nor does a guess. */
function idleTtft(target: Target, profile: Profile, { around, health, elsewhere }: Seen): number {
  const network = networkMs(around.regions.get(target.origin.region), around.callerPlace);
  const longerMs = prefillMs(target.model, profile.inputTokens - TYPICAL_INPUT_TOKENS);
  const told = elsewhere?.ttftMs ?? null;
  const priorMs =
    told === null ? network + serverMs(target.model, profile.inputTokens) : network + told + longerMs;
  if (health.latency === null) return priorMs;
  return expectedTtftMs(health.latency, Math.max(0, priorMs - longerMs), around.nowMs) + longerMs;
}

/** A measured first token already holds a prompt of this size; only what is longer is added. */
const TYPICAL_INPUT_TOKENS = 1_000;
/** Template, tokenizer and scheduler of an idle server, before the prompt is read. */
const SERVER_MS = 25;
/** One forward pass reads the weights: about a millisecond per billion parameters. */
const FIRST_PASS_MS_PER_B = 1;
/** Where neither size nor ability is known a model is taken for a small one. */
export const UNKNOWN_PARAMETERS_B = 7;

function serverMs(model: Model, inputTokens: number): number {
  const parametersB = model.parameters_b ?? UNKNOWN_PARAMETERS_B;
  return SERVER_MS + parametersB * FIRST_PASS_MS_PER_B + prefillMs(model, inputTokens);
}

function prefillMs(model: Model, inputTokens: number): number {
  return (Math.max(0, inputTokens) / Math.max(1, model.prefill_tokens_per_s)) * 1000;
}

/** Decoding is bound by memory: rate × size^0.7 is about constant over published servings. */
const DECODE_CONSTANT = 600;
const DECODE_EXPONENT = 0.7;
/** One stream of a tiny model is bound by the server, one of a huge model is sharded. */
const SLOWEST_TOKENS_PER_S = 15;
const FASTEST_TOKENS_PER_S = 200;

function tokensPerSecond(model: Model): number {
  const parametersB = Math.max(0.1, model.parameters_b ?? UNKNOWN_PARAMETERS_B);
  const rate = DECODE_CONSTANT / parametersB ** DECODE_EXPONENT;
  return Math.min(FASTEST_TOKENS_PER_S, Math.max(SLOWEST_TOKENS_PER_S, rate));
}

/** Round trip where a place is unknown: half a continent. */
const UNKNOWN_NETWORK_MS = 60;
/** TLS termination and last mile on both sides. */
const LEAST_NETWORK_MS = 10;
/** Light in fibre makes 200 km per millisecond; paths are half again as long, there and back. */
const NETWORK_MS_PER_KM = (2 * 1.5) / 200;

function networkMs(region: Region | undefined, place: Place | null): number {
  if (place === null || region === undefined || region.lat === null || region.lon === null) {
    return UNKNOWN_NETWORK_MS;
  }
  const there = { lat: region.lat, lon: region.lon };
  return LEAST_NETWORK_MS + distanceKm(place, there) * NETWORK_MS_PER_KM;
}

const EARTH_RADIUS_KM = 6371;
const RADIANS = Math.PI / 180;

/** Haversine: exact enough on a sphere, stable for near places. */
function distanceKm(from: Place, to: Place): number {
  const halfLat = Math.sin(((to.lat - from.lat) * RADIANS) / 2) ** 2;
  const halfLon = Math.sin(((to.lon - from.lon) * RADIANS) / 2) ** 2;
  const chord = halfLat + Math.cos(from.lat * RADIANS) * Math.cos(to.lat * RADIANS) * halfLon;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
}
