// What one isolate knows of a target (model × origin): latency, breaker, requests under way, and what others told
// it. Pure: every change is a function from one value to the next, with the time as an argument. It decides no
// request: routing ranks by it and drops nothing but what an operator drained.
import { assertNever } from "../lib/assert-never.ts";
import {
  type Breaker,
  type BreakerState,
  breakerState,
  broke,
  CLOSED,
  completed,
  fell,
  probed,
  succeeded,
  type Try,
} from "./breaker.ts";

export interface OriginHealth {
  readonly latency: Latency | null;
  /** From the first token to the last, of streams that came to their end, on average: how long a slot is taken. */
  readonly slotMs: number | null;
  /** About this model at this origin. */
  readonly breaker: Breaker;
  /** The origin said that it is loading the model: until then it will hardly be ready. */
  readonly loadingUntilMs: number | null;
  /** The origin refused for load: until then it is full, whatever is counted. */
  readonly busyUntilMs: number | null;
  /** Of this isolate. */
  readonly inFlight: number;
  readonly crest: Crest;
  /** null while no other isolate and no check said anything lately. */
  readonly elsewhere: Elsewhere | null;
  /** When the newest request that was answered well had been sent, from whichever isolate; null before the first. */
  readonly answeredAtMs: number | null;
  /** Shared by all models of the origin: a board keeps it once. */
  readonly whole: WholeOrigin;
}

/** The most requests that this isolate had under way at once, in this window and in the one before. */
interface Crest {
  readonly sinceMs: number;
  readonly most: number;
  readonly mostBefore: number;
}

/** Milliseconds to the first token. */
export interface Latency {
  /** Peak average: a spike counts whole at once and decays by time. */
  readonly peakMs: number;
  /** Plain average of some minutes: what a spike decays to. */
  readonly usualMs: number;
  /** Of the last sample. */
  readonly atMs: number;
  readonly samples: number;
}

/** The last word of the region's OriginHealth object about a target. */
export interface Elsewhere {
  readonly atMs: number;
  /** Requests that other isolates have under way there. */
  readonly inFlight: number;
  /** By the origin's own count, of all routers; null where it gives none. */
  readonly queue: Queue | null;
  /** To the first token, seen from the isolate that is nearest; null while nobody was answered. */
  readonly ttftMs: number | null;
  /** As active checks saw it; null without one. */
  readonly readiness: "ready" | "loading" | "unavailable" | null;
}

export interface Queue {
  readonly running: number;
  readonly waiting: number;
}

export interface WholeOrigin {
  /** Counts refused connections and failed checks, and nothing else. */
  readonly breaker: Breaker;
  readonly isDrained: boolean;
}

export const UNKNOWN_HEALTH: OriginHealth = {
  latency: null,
  slotMs: null,
  breaker: CLOSED,
  loadingUntilMs: null,
  busyUntilMs: null,
  inFlight: 0,
  crest: { sinceMs: 0, most: 0, mostBefore: 0 },
  elsewhere: null,
  answeredAtMs: null,
  whole: { breaker: CLOSED, isDrained: false },
};

/** Keyed by target: an origin may be fast for one model and slow for another. */
export interface HealthBoard {
  get(originId: string, modelId: string): OriginHealth;
  update(originId: string, modelId: string, change: (health: OriginHealth) => OriginHealth): void;
}

/**
 * What went wrong, as far as it says something about the origin:
 * `refused`: no connection, or one that broke before any answer; the origin as a whole is in doubt.
 * `full`: refused for load (429); no fault of its health.
 * `silent`: too late to begin, or fell silent. `failed`: an error status or event, or nonsense.
 * `broken`: an answer that had begun well broke off.
 */
export type FaultKind = "refused" | "full" | "silent" | "failed" | "broken";

export interface Fault extends Try {
  readonly kind: FaultKind;
  /** As the origin named it; null where it did not. */
  readonly retryAfterMs: number | null;
}

export function started(health: OriginHealth, nowMs: number): OriginHealth {
  const inFlight = health.inFlight + 1;
  return {
    ...health,
    inFlight,
    crest: crested(health.crest, inFlight, nowMs),
    breaker: probed(health.breaker, nowMs),
    whole: { ...health.whole, breaker: probed(health.whole.breaker, nowMs) },
  };
}

/** `ttftMs`: null where nothing was measured, as for a whole answer, whose first byte comes with its last. */
export function answered(health: OriginHealth, one: Try, ttftMs: number | null): OriginHealth {
  return {
    ...health,
    latency: ttftMs === null ? health.latency : sampled(health.latency, ttftMs, one.endedAtMs),
    breaker: succeeded(health.breaker, one),
    whole: { ...health.whole, breaker: succeeded(health.whole.breaker, one) },
    loadingUntilMs: null,
    busyUntilMs: null,
    answeredAtMs: Math.max(one.sentAtMs, health.answeredAtMs ?? one.sentAtMs),
  };
}

export function failed(health: OriginHealth, fault: Fault): OriginHealth {
  const { whole } = health;
  switch (fault.kind) {
    case "refused":
      return { ...health, whole: { ...whole, breaker: fell(whole.breaker, fault) } };
    case "full":
      return { ...connected(health, fault), busyUntilMs: fault.endedAtMs + busyMs(fault) };
    case "silent":
      // Nobody can tell a busy server from one whose network swallows everything.
      return { ...health, breaker: fell(health.breaker, fault) };
    case "failed":
      return { ...connected(health, fault), breaker: fell(health.breaker, fault) };
    case "broken":
      return { ...connected(health, fault), breaker: broke(health.breaker, fault) };
    default:
      return assertNever(fault.kind);
  }
}

/** A cold model is no failure of its origin: it is busy becoming ready. */
export function loading(health: OriginHealth, untilMs: number): OriginHealth {
  return { ...health, loadingUntilMs: untilMs };
}

/**
 * Before `ended`: the answer came to its own end, which a broken stream's good beginning does not prove. `slotMs`:
 * from its first token to its last; null where nobody saw the first.
 */
export function finished(health: OriginHealth, slotMs: number | null): OriginHealth {
  const breaker = completed(health.breaker);
  if (slotMs === null) return breaker === health.breaker ? health : { ...health, breaker };
  const before = health.slotMs ?? slotMs;
  return { ...health, breaker, slotMs: before + (slotMs - before) * SLOT_WEIGHT };
}

export function ended(health: OriginHealth): OriginHealth {
  return { ...health, inFlight: Math.max(0, health.inFlight - 1) };
}

export function isLoading(health: OriginHealth, nowMs: number): boolean {
  return health.loadingUntilMs !== null && nowMs < health.loadingUntilMs;
}

/** The worse of the target's own breaker and of its origin's. */
export function standing(health: OriginHealth, nowMs: number): BreakerState {
  const own = breakerState(health.breaker, nowMs);
  const whole = breakerState(health.whole.breaker, nowMs);
  return FROM_WORST.find((state) => state === own || state === whole) ?? "closed";
}

const FROM_WORST: readonly BreakerState[] = ["open", "half-open", "closed"];

/** No try passes now. Ranked behind the others; where all are so, the least bad one is tried. */
export function isSuspect(health: OriginHealth, nowMs: number): boolean {
  return standing(health, nowMs) === "open";
}

/** The board hears of every region each five seconds while requests come. */
const CHECK_FRESH_MS = 6_000;

/** What active checks found; null where none was made lately: nobody uses the region. */
export function checkedReadiness({ elsewhere }: OriginHealth, nowMs: number): Elsewhere["readiness"] {
  return elsewhere !== null && nowMs - elsewhere.atMs < CHECK_FRESH_MS ? elsewhere.readiness : null;
}

/** Shut, or not there when it was last checked. */
export function isDown(health: OriginHealth, nowMs: number): boolean {
  return isSuspect(health, nowMs) || checkedReadiness(health, nowMs) === "unavailable";
}

/** When a try will pass again; `nowMs` where one passes now. */
export function reopensAtMs(health: OriginHealth, nowMs: number): number {
  const breakers = [health.breaker, health.whole.breaker];
  const shut = breakers.filter((breaker) => breakerState(breaker, nowMs) === "open");
  return shut.reduce((latest, { openUntilMs }) => Math.max(latest, openUntilMs), nowMs);
}

/**
 * Milliseconds to the first token as expected now: the peak decays to what is usual, and what is usual is forgotten
 * for `priorMs`, the sooner the fewer answers it rests on, so that an origin nobody asks any more is asked again.
 */
export function expectedTtftMs(latency: Latency, priorMs: number, nowMs: number): number {
  const ageMs = Math.max(0, nowMs - latency.atMs);
  const forgottenMs = USUAL_FORGOTTEN_MS * Math.min(1, latency.samples * USUAL_WEIGHT);
  const usualMs = priorMs + (latency.usualMs - priorMs) * Math.exp(-ageMs / forgottenMs);
  return usualMs + (latency.peakMs - latency.usualMs) * Math.exp(-ageMs / PEAK_FORGOTTEN_MS);
}

/** Finagle's peak average halves a spike in seven seconds. */
const PEAK_FORGOTTEN_MS = 10_000;
/** Servers and routes between data centres change by the hour; what one answer tells may be a cold connection. */
const USUAL_FORGOTTEN_MS = 600_000;
/** About ten answers make a new usual. */
const USUAL_WEIGHT = 0.1;
/** Answers differ in length a hundredfold: it takes more of them to tell a slow origin from long answers. */
const SLOT_WEIGHT = 0.03;

function sampled(before: Latency | null, ttftMs: number, atMs: number): Latency {
  if (before === null) return { peakMs: ttftMs, usualMs: ttftMs, atMs, samples: 1 };
  const samples = before.samples + 1;
  const usualMs = before.usualMs + (ttftMs - before.usualMs) * Math.max(USUAL_WEIGHT, 1 / samples);
  const kept = Math.exp(-Math.max(0, atMs - before.atMs) / PEAK_FORGOTTEN_MS);
  // Below the peak each second counts, not each answer: a busy origin must not forget a spike by its quick ones.
  const decayedMs = ttftMs + (before.peakMs - ttftMs) * kept;
  return { peakMs: Math.max(ttftMs, decayedMs), usualMs, atMs: Math.max(atMs, before.atMs), samples };
}

/** Two reports should have come in that time: what was said before them says nothing now. */
const WORD_FRESH_MS = 12_000;

/** The last word of others, while it says anything. */
export function freshWord({ elsewhere }: OriginHealth, nowMs: number): Elsewhere | null {
  return elsewhere !== null && nowMs - elsewhere.atMs < WORD_FRESH_MS ? elsewhere : null;
}

/**
 * Requests under way there, as a share of its slots; from 1 on they wait. The origin's own count is seconds old and
 * holds ours of then: only what was never ours in all that time is somebody else's.
 */
export function loadOf(health: OriginHealth, slots: number, nowMs: number): number {
  const { inFlight: others = 0, queue = null } = freshWord(health, nowMs) ?? {};
  const told = queue === null ? 0 : queue.running + queue.waiting;
  const foreign = Math.max(0, told - others - crestOf(health, nowMs));
  return (health.inFlight + others + foreign) / slots;
}

function crested(crest: Crest, inFlight: number, nowMs: number): Crest {
  const ageMs = nowMs - crest.sinceMs;
  if (ageMs < WORD_FRESH_MS) return inFlight > crest.most ? { ...crest, most: inFlight } : crest;
  return { sinceMs: nowMs, most: inFlight, mostBefore: ageMs < 2 * WORD_FRESH_MS ? crest.most : inFlight };
}

/** Of the last one to two windows: as long as an origin's count is believed, and no request of ours is forgotten. */
function crestOf({ crest, inFlight }: OriginHealth, nowMs: number): number {
  const isOld = nowMs - crest.sinceMs >= 2 * WORD_FRESH_MS;
  return isOld ? inFlight : Math.max(crest.most, crest.mostBefore);
}

/** Whatever it answered, it was reached. */
function connected(health: OriginHealth, one: Try): OriginHealth {
  return { ...health, whole: { ...health.whole, breaker: succeeded(health.whole.breaker, one) } };
}

/** Where it names no wait; and no origin is avoided for longer on its own word alone. */
const BUSY_MS = 1_000;
const LONGEST_BUSY_MS = 30_000;

function busyMs({ retryAfterMs }: Fault): number {
  return Math.min(LONGEST_BUSY_MS, retryAfterMs ?? BUSY_MS);
}
