// The same short question to a second origin when the first takes longer than nearly all answers before it (Dean
// and Barroso, "The Tail at Scale", 2013): whoever answers well first is taken, the other is cut. Off unless an
// operator gave it a share of the requests; what is asked twice is paid twice by the house, once by the caller.
import type { Target } from "../domain/catalog.ts";
import { isLoading, isSuspect } from "../domain/health.ts";
import type { Inference } from "../domain/inference.ts";
import type { Ports } from "../domain/ports.ts";
import type { Route } from "../domain/route.ts";
import { marked } from "../lib/slow-mark.ts";
import { withinOrNull } from "../lib/within-or-null.ts";
import { type AbortLine, abortLine, failureOfAbort } from "./abort.ts";
import { type Answered, attemptRow, type Failed } from "./try-target.ts";

/** A GPU spends on a second answer what it spends on a first: only where that is little. */
const MOST_OUTPUT_TOKENS = 64;
const MOST_PROMPT_BYTES = 4_096;
/** Before as many answers nobody knows what is late. */
const LEAST_SAMPLES = 20;
/** Below this a second connection is not sooner. */
const LEAST_DELAY_MS = 50;

/** Whole, short, with fallback, in a deployment that hedges. */
export function isHedgeable(ports: Ports, inference: Inference, maxOutputTokens: number | null): boolean {
  if (ports.config.hedgeShare === 0 || inference.stream || !inference.wishes.fallback) return false;
  const tokens = (maxOutputTokens ?? 0) * inference.choices;
  return tokens <= MOST_OUTPUT_TOKENS && inference.prompt.size.bytes <= MOST_PROMPT_BYTES;
}

/** Of the same model, at another origin that is well; null where there is none. */
export function secondOf(ports: Ports, route: Route, first: Target): Target | null {
  const nowMs = ports.now();
  const isFit = ({ model, origin }: Target) => {
    if (model.id !== first.model.id || origin.id === first.origin.id) return false;
    const health = ports.health.get(origin.id, model.id);
    return !isSuspect(health, nowMs) && !isLoading(health, nowMs);
  };
  return route.targets.find(isFit) ?? null;
}

/** One target asked, cut by its own line. */
export type Asked<Answer> = (target: Target, line: AbortLine) => Promise<Answered<Answer> | Failed>;

export interface Pair {
  readonly first: Target;
  readonly second: Target;
  /** Of the whole walk. */
  readonly signal: AbortSignal;
}

export interface Tried<Answer> {
  readonly target: Target;
  readonly outcome: Answered<Answer> | Failed;
}

/** In the order they ended; the last one counts, and only it can be an answer. One or two. */
export async function hedged<Answer extends object>(
  ports: Ports,
  pair: Pair,
  ask: Asked<Answer>,
): Promise<readonly Tried<Answer>[]> {
  const { first, second, signal } = pair;
  const startedAtMs = ports.now();
  const start = (target: Target): Leg<Answer> => {
    const line = abortLine(signal);
    const ended = ask(target, line).then((outcome) => ({ target, outcome }));
    return { target, line, ended, startedAtMs: ports.now() };
  };
  const one = start(first);
  const delayMs = delayOf(ports, first);
  const early = delayMs === null ? await one.ended : await withinOrNull(ports.after, one.ended, delayMs);
  if (early !== null || signal.aborted || !ports.hedges.spend(ports.now())) {
    const only = early ?? (await one.ended);
    if (isAnswer(only)) learn(ports, first, ports.now() - startedAtMs);
    one.line.detach();
    return [only];
  }
  return await race(ports, one, start(second));
}

interface Leg<Answer> {
  readonly target: Target;
  readonly line: AbortLine;
  readonly ended: Promise<Tried<Answer>>;
  readonly startedAtMs: number;
}

async function race<Answer extends object>(
  ports: Ports,
  one: Leg<Answer>,
  two: Leg<Answer>,
): Promise<readonly Tried<Answer>[]> {
  const sooner = await Promise.race([one.ended, two.ended]);
  const [winner, loser] = sooner.target === one.target ? [one, two] : [two, one];
  winner.line.detach();
  // Late is what it is: a first that was overtaken took at least as long as this.
  learn(ports, one.target, ports.now() - one.startedAtMs);
  if (!isAnswer(sooner)) {
    const later = await loser.ended;
    loser.line.detach();
    return [sooner, later];
  }
  loser.line.abort("outrun");
  // It may have answered in the same instant: then its place is given back as an answer's is.
  void loser.ended.then(({ outcome }) => "release" in outcome && outcome.release("client_closed_request"));
  const failure = failureOfAbort("outrun");
  const row = attemptRow(loser.target, failure, ports.now() - loser.startedAtMs);
  return [{ target: loser.target, outcome: { failure, row } }, sooner];
}

function isAnswer<Answer>({ outcome }: Tried<Answer>): boolean {
  return "release" in outcome;
}

function placeOf({ origin, model }: Target): string {
  return `${origin.id} ${model.id}`;
}

/** Never, while too little is known of this target. */
function delayOf(ports: Ports, target: Target): number | null {
  const mark = ports.slowMarks.get(placeOf(target));
  return mark === undefined || mark.samples < LEAST_SAMPLES ? null : Math.max(LEAST_DELAY_MS, mark.ms);
}

function learn(ports: Ports, target: Target, ms: number): void {
  const place = placeOf(target);
  ports.slowMarks.set(place, marked(ports.slowMarks.get(place) ?? null, ms));
}
