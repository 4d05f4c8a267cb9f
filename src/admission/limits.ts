// The limits of one account as one request meets them: requests and tokens per minute, requests at once, GPU
// time this month, requests per minute of a key. All or nothing: everything is checked before anything is
// counted, and the limit that frees last is the one reported. Pure but for the windows it is given.
import type { LimitsLeft, Remaining } from "../domain/account-commands.ts";
import type { ErrorCode } from "../domain/errors.ts";
import type { KeyId, ReservationId } from "../domain/ids.ts";
import type { Limits } from "../domain/plan.ts";
import { monthOf } from "../domain/usage-log.ts";
import {
  correct,
  count,
  emptyInMs,
  hasRoom,
  type RateSnapshot,
  type RateWindow,
  rateWindow,
  remainingIn,
  restore,
  roomInMs,
  snapshot,
} from "./rate-window.ts";

/** Mutable, one per account. */
export interface LimitState {
  requests: RateWindow;
  tokens: RateWindow;
  /** Of keys with a limit of their own only. */
  readonly perKey: Map<KeyId, RateWindow>;
  /** What each request under way was counted with. */
  readonly slots: Map<ReservationId, Slot>;
  /** Requests of the last waking that may still run: they hold their place until a lease is over. */
  ghosts: number;
  ghostsUntilMs: number;
  gpuMonth: string;
  gpuMs: number;
  gpuHeldMs: number;
}

interface Slot {
  readonly second: number;
  readonly tokens: number;
  readonly gpuMs: number;
}

/** Its second has left every window, so a correction changes nothing. */
const UNKNOWN_SLOT: Slot = { second: 0, tokens: 0, gpuMs: 0 };

export function limitState(): LimitState {
  return {
    requests: rateWindow(),
    tokens: rateWindow(),
    perKey: new Map(),
    slots: new Map(),
    ghosts: 0,
    ghostsUntilMs: 0,
    gpuMonth: "",
    gpuMs: 0,
    gpuHeldMs: 0,
  };
}

/** Who asks, and when. */
export interface Asker {
  readonly keyId: KeyId;
  readonly keyRpm: number | null;
  readonly nowMs: number;
}

/** What one request would take of every limit. */
export interface Ask extends Asker {
  readonly tokens: number;
  readonly gpuMs: number;
}

export interface OverLimit {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs: number;
}

/** null when the request fits all of them. */
export function overLimit(state: LimitState, limits: Limits, ask: Ask): OverLimit | null {
  return lastToFree([
    overRate(state, limits, ask),
    overTokens(state, limits, ask),
    overConcurrency(state, limits, ask),
    overGpu(state, limits, ask),
  ]);
}

/** Requests per minute alone: what a question meets, which takes no place, no tokens and no GPU. */
export function overRate(state: LimitState, { rpm }: Limits, asker: Asker): OverLimit | null {
  return lastToFree([
    overRequests(state.requests, rpm, asker, "The account's limit"),
    overRequests(keyWindow(state, asker), asker.keyRpm, asker, "This key's limit"),
  ]);
}

function lastToFree(refusals: readonly (OverLimit | null)[]): OverLimit | null {
  return refusals.reduce(
    (last, refusal) =>
      refusal === null || (last !== null && last.retryAfterMs >= refusal.retryAfterMs) ? last : refusal,
    null,
  );
}

function keyWindow(state: LimitState, { keyId, keyRpm }: Asker): RateWindow | null {
  if (keyRpm === null) return null;
  const window = state.perKey.get(keyId) ?? rateWindow();
  state.perKey.set(keyId, window);
  return window;
}

function overRequests(
  window: RateWindow | null,
  rpm: number | null,
  { nowMs }: Asker,
  whose: string,
): OverLimit | null {
  if (window === null || rpm === null || hasRoom(window, rpm, nowMs)) return null;
  const retryAfterMs = roomInMs(window, rpm, nowMs);
  const message = `${whose} of ${rpm} requests per minute is reached: retry in ${seconds(retryAfterMs)} s.`;
  return { code: "rate_limit_exceeded", message, retryAfterMs };
}

function overTokens(state: LimitState, { tpm }: Limits, { nowMs, tokens }: Ask): OverLimit | null {
  if (tpm === null || hasRoom(state.tokens, tpm, nowMs, tokens)) return null;
  const retryAfterMs = roomInMs(state.tokens, tpm, nowMs, tokens);
  const message = `The account's limit of ${tpm} tokens per minute is reached: retry in ${seconds(retryAfterMs)} s, or lower max_tokens.`;
  return { code: "tokens_exceeded", message, retryAfterMs };
}

/** A place is free when any request ends: a second is a guess, and a polite one. */
const CONCURRENCY_RETRY_MS = 1_000;

function overConcurrency(state: LimitState, { concurrency }: Limits, { nowMs }: Ask): OverLimit | null {
  if (concurrency === null || atOnce(state, nowMs) < concurrency) return null;
  const message = `The account's limit of ${concurrency} requests at once is reached: wait for one to end.`;
  return { code: "concurrency_exceeded", message, retryAfterMs: CONCURRENCY_RETRY_MS };
}

const MS_PER_HOUR = 3_600_000;

function overGpu(state: LimitState, { gpuHours }: Limits, { nowMs, gpuMs }: Ask): OverLimit | null {
  if (gpuHours === null) return null;
  turnMonth(state, nowMs);
  if (state.gpuMs + state.gpuHeldMs + gpuMs <= gpuHours * MS_PER_HOUR) return null;
  const message = `The account's ${gpuHours} GPU-hours of this month are used up: wait for the next month, or raise the plan.`;
  return { code: "gpu_quota_exceeded", message, retryAfterMs: nextMonthMs(nowMs) - nowMs };
}

function turnMonth(state: LimitState, nowMs: number): void {
  const month = monthOf(nowMs);
  if (state.gpuMonth === month) return;
  state.gpuMonth = month;
  state.gpuMs = 0;
}

function nextMonthMs(nowMs: number): number {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
}

/** Requests under way, those included that a restart forgot. */
export function atOnce(state: LimitState, nowMs: number): number {
  const ghosts = nowMs < state.ghostsUntilMs ? state.ghosts : 0;
  return state.slots.size + ghosts;
}

/** Counts a request that was let in; `id` is null for one that takes no place. */
export function take(state: LimitState, id: ReservationId | null, ask: Ask): void {
  const second = count(state.requests, ask.nowMs);
  const window = keyWindow(state, ask);
  if (window !== null) count(window, ask.nowMs);
  if (id === null) return;
  count(state.tokens, ask.nowMs, ask.tokens);
  state.gpuHeldMs += ask.gpuMs;
  state.slots.set(id, { second, tokens: ask.tokens, gpuMs: ask.gpuMs });
}

export interface Used {
  readonly tokens: number;
  readonly gpuMs: number;
}

/** The request ended: its place is free, its tokens and GPU time are what it truly used. */
export function free(
  state: LimitState,
  id: ReservationId,
  { used, nowMs }: { used: Used; nowMs: number },
): void {
  turnMonth(state, nowMs);
  const slot = state.slots.get(id);
  state.gpuMs += used.gpuMs;
  if (slot === undefined) {
    state.ghosts = Math.max(0, state.ghosts - 1);
    return;
  }
  state.slots.delete(id);
  state.gpuHeldMs -= slot.gpuMs;
  correct(state.tokens, slot.second, used.tokens - slot.tokens);
}

/** A request that outlived a restart is known by name again, and no ghost any more. */
export function keepPlace(state: LimitState, id: ReservationId): void {
  if (state.slots.has(id)) return;
  state.slots.set(id, UNKNOWN_SLOT);
  state.ghosts = Math.max(0, state.ghosts - 1);
}

/** Of requests the account's limit or the key's own, whichever leaves fewer: that is the one the caller meets. */
export function limitsLeft(state: LimitState, { rpm, tpm }: Limits, asker: Asker): LimitsLeft {
  const { nowMs, keyRpm } = asker;
  const ofAccount = remaining(state.requests, rpm, nowMs);
  const ofKey = remaining(keyWindow(state, asker), keyRpm, nowMs);
  const isKeyTighter = ofKey !== null && (ofAccount === null || ofKey.remaining < ofAccount.remaining);
  const requests = isKeyTighter ? ofKey : ofAccount;
  const tokens = remaining(state.tokens, tpm, nowMs);
  return { ...(requests === null ? {} : { requests }), ...(tokens === null ? {} : { tokens }) };
}

function remaining(window: RateWindow | null, limit: number | null, nowMs: number): Remaining | null {
  if (window === null || limit === null) return null;
  return { limit, remaining: remainingIn(window, limit, nowMs), resetMs: emptyInMs(window, nowMs) };
}

/** What survives an eviction or a crash, at most a second old. */
export interface LimitSnapshot {
  readonly requests: RateSnapshot;
  readonly tokens: RateSnapshot;
  readonly perKey: readonly (readonly [KeyId, RateSnapshot])[];
  /** Requests under way that this waking let in or found open. */
  readonly atOnce: number;
  readonly atMs: number;
  /** Those of wakings before, and how long they may still run: being written again gives nobody a new lease. */
  readonly ghosts: number;
  readonly ghostsUntilMs: number;
}

/** An account has a handful of keys with limits of their own in use within a minute. */
const MAX_KEY_WINDOWS = 200;

export function snapshotLimits(state: LimitState, nowMs: number): LimitSnapshot {
  for (const [keyId, window] of state.perKey) {
    if (remainingIn(window, Number.MAX_SAFE_INTEGER, nowMs) === Number.MAX_SAFE_INTEGER)
      state.perKey.delete(keyId);
  }
  const perKey = [...state.perKey]
    .slice(-MAX_KEY_WINDOWS)
    .map(([id, window]) => [id, snapshot(window)] as const);
  return {
    requests: snapshot(state.requests),
    tokens: snapshot(state.tokens),
    perKey,
    atOnce: state.slots.size,
    atMs: nowMs,
    ghosts: nowMs < state.ghostsUntilMs ? state.ghosts : 0,
    ghostsUntilMs: state.ghostsUntilMs,
  };
}

/** Of the requests then under way some are known by name; the others are ghosts for one lease. */
export function restoreLimits(
  saved: LimitSnapshot,
  stillOpen: readonly ReservationId[],
  leaseMs: number,
): LimitState {
  const forgotten = Math.max(0, saved.atOnce - stillOpen.length);
  return {
    ...limitState(),
    slots: new Map(stillOpen.map((id) => [id, UNKNOWN_SLOT])),
    requests: restore(saved.requests),
    tokens: restore(saved.tokens),
    perKey: new Map(saved.perKey.map(([id, window]) => [id, restore(window)])),
    ghosts: forgotten + saved.ghosts,
    ghostsUntilMs: forgotten > 0 ? saved.atMs + leaseMs : saved.ghostsUntilMs,
  };
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
