// Walks the Route under one deadline until a target answers well. Before the first good frame any target may
// be tried; once the caller has been promised a model, only targets of that model. It does not know what
// callers get to see, nor what anything costs beyond the tokens it may ask for.
import { type Target, timeoutsOf } from "../domain/catalog.ts";
import type { ErrorCode } from "../domain/errors.ts";
import type { Failure } from "../domain/frame.ts";
import type { RequestId } from "../domain/ids.ts";
import type { Inference } from "../domain/inference.ts";
import type { Ports } from "../domain/ports.ts";
import type { Route } from "../domain/route.ts";
import type { Attempt } from "../domain/usage.ts";
import { pause } from "../lib/pause.ts";
import { type AbortLine, type AbortReason, abortLine, failureOfAbort } from "./abort.ts";
import { fetchWhole, type OpenStream, openStream } from "./attempt.ts";
import { hedged, isHedgeable, secondOf, type Tried } from "./hedge.ts";
import { kindOf } from "./kinds/index.ts";
import type { Kind, Whole } from "./kinds/kind.ts";
import { attemptOrder, nextStep, type Step } from "./retry-policy.ts";
import { askableAgain, withVerdict } from "./shut-out.ts";
import { type Answered, type AskOnce, type Failed, type TargetOrder, tryTarget } from "./try-target.ts";

export interface SendOrder {
  readonly inference: Inference;
  readonly route: Route;
  readonly requestId: RequestId;
  readonly traceparent: string | null;
  /** Tokens per choice this target may produce: null for wires without output, 0 when it cannot be paid. */
  readonly outputLimit: (target: Target) => number | null;
  /** The request was sent before and broke off: its first try is paid from the budget of retries. */
  readonly isAgain?: true;
}

export interface Sent<Answer> {
  readonly target: Target;
  readonly answer: Answer;
  /** From the call to the first good frame, or to the end of a whole answer. */
  readonly ttftMs: number;
  /** Must be called once when the answer is over; `failedWith` is why it broke off, null when it did not. */
  readonly release: (failedWith: ErrorCode | null) => void;
}

/** A walk under way. */
export interface Sending<Answer> {
  /** The first good answer, or every failure in order. */
  readonly result: Promise<Sent<Answer> | readonly Failure[]>;
  readonly attempts: readonly Attempt[];
  readonly signal: AbortSignal;
  /** Of the attempt under way. */
  currentTarget(): Target;
  /** The caller was promised this model: no other may answer. */
  stayOnModel(): void;
  abort(reason: AbortReason): void;
}

export function sendStream(ports: Ports, order: SendOrder): Sending<OpenStream> {
  return send(ports, order, openStream);
}

export function sendWhole(ports: Ports, order: SendOrder): Sending<Whole> {
  return send(ports, order, fetchWhole);
}

/** Mutable state of one walk. */
interface Walk {
  target: Target;
  staysOnModel: boolean;
  tries: number;
  waitedMs: number;
  readonly signal: AbortSignal;
  readonly deadlineAtMs: number;
  /** Until then a cold model is waited for; in the past for callers who do not wait. */
  readonly coldUntilMs: number;
  readonly attempts: Attempt[];
  readonly failures: Failure[];
  readonly failed: Map<Target, Failure>;
  /** Not paid for, or of a kind that nobody here speaks. */
  readonly unfit: Set<Target>;
}

function send<Answer extends object>(
  ports: Ports,
  order: SendOrder,
  askOnce: AskOnce<Answer>,
): Sending<Answer> {
  const line = abortLine();
  const onGone = () => line.abort("caller");
  if (ports.callerGone.aborted) onGone();
  else ports.callerGone.addEventListener("abort", onGone, { once: true });
  const walk = startWalk(ports.now(), order, line.signal);
  const takeBack = ports.after(walk.deadlineAtMs - ports.now(), () => line.abort("total"));
  const letGo = () => {
    takeBack();
    ports.callerGone.removeEventListener("abort", onGone);
  };
  return {
    result: walkTargets(ports, { order, walk, letGo }, askOnce),
    attempts: walk.attempts,
    signal: line.signal,
    currentTarget: () => walk.target,
    stayOnModel() {
      walk.staysOnModel = true;
    },
    abort: (reason) => line.abort(reason),
  };
}

function startWalk(nowMs: number, { route, inference }: SendOrder, signal: AbortSignal): Walk {
  const [target] = route.targets;
  if (target === undefined) throw new Error("a route without targets");
  // The caller's own limit is the last word; a model's own is about answering, not about loading.
  const coldMs = inference.waitMs ?? 0;
  const totalMs = inference.timeoutMs ?? timeoutsOf(target).total_ms + coldMs;
  return {
    target,
    staysOnModel: false,
    tries: 0,
    waitedMs: 0,
    signal,
    deadlineAtMs: nowMs + totalMs,
    coldUntilMs: nowMs + coldMs,
    attempts: [],
    failures: [],
    failed: new Map(),
    unfit: new Set(),
  };
}

interface Course {
  readonly order: SendOrder;
  readonly walk: Walk;
  readonly letGo: () => void;
}

async function walkTargets<Answer extends object>(
  ports: Ports,
  course: Course,
  askOnce: AskOnce<Answer>,
): Promise<Sent<Answer> | readonly Failure[]> {
  const { walk, letGo } = course;
  // Bounded by nextStep: a few tries, and while the caller waits for a cold model one in half a second.
  for (let step: Step | null = firstStep(course); step !== null; step = stepBehind(ports, course)) {
    if (!isAffordable(ports, course, step)) break;
    if (step.waitMs > 0) await pause(ports.after, step.waitMs, walk.signal);
    const tried = await take(ports, { ...course, step }, askOnce);
    for (const one of tried) {
      const { outcome, target } = one;
      walk.target = target;
      if ("release" in outcome) return sentOf(course, target, outcome);
      note(walk, step, { target, outcome });
    }
    if (walk.signal.aborted || walk.failures.at(-1)?.isRetryable === false) break;
  }
  letGo();
  return withVerdict(ports, course.order.route, walk);
}

function firstStep({ walk }: Course): Step {
  return { target: walk.target, waitMs: 0, purpose: "answer" };
}

function stepBehind(ports: Ports, { order, walk }: Course): Step | null {
  const nowMs = ports.now();
  const fit = attemptOrder(order.route).filter(
    (target) => !walk.unfit.has(target) && !(walk.staysOnModel && target.model.id !== walk.target.model.id),
  );
  const open = askableAgain(ports, fit, walk.failed);
  const { failed, tries, waitedMs } = walk;
  const leftMs = walk.deadlineAtMs - nowMs;
  const coldLeftMs = Math.max(0, walk.coldUntilMs - nowMs);
  return nextStep(order.route, { open, failed, tries, waitedMs, leftMs, coldLeftMs }, ports.random());
}

/** Every request earns a share of a retry, so that an outage is not answered with a multiple of the load. */
function isAffordable(ports: Ports, { order, walk }: Course, step: Step): boolean {
  const nowMs = ports.now();
  if (step.purpose === "cold") return true;
  if (walk.tries > 0 || order.isAgain === true) return ports.retries.spend(nowMs);
  if (walk.unfit.size === 0) ports.retries.count(nowMs);
  return true;
}

interface Stage extends Course {
  readonly step: Step;
}

/** Empty when the target cannot be asked; two when it was hedged, the one that counts last. */
async function take<Answer extends object>(
  ports: Ports,
  stage: Stage,
  askOnce: AskOnce<Answer>,
): Promise<readonly Tried<Answer>[]> {
  const { order, walk, step } = stage;
  const { target } = step;
  if (walk.signal.aborted) {
    walk.failures.push(failureOfAbort(walk.signal.reason as AbortReason)); // abortLine sets no other
    return [];
  }
  const fit = fitOf(order, target);
  if (fit === null) {
    walk.unfit.add(target);
    return [];
  }
  walk.target = target;
  const isFirst = walk.tries === 0;
  walk.tries += step.purpose === "answer" ? 1 : 0;
  walk.waitedMs += step.purpose === "answer" ? step.waitMs : 0;
  const second = isFirst ? hedgeOf(ports, order, { target, fit }) : null;
  if (second === null) {
    const targetOrder = targetOrderOf(ports, stage, { target, fit, signal: walk.signal });
    return [{ target, outcome: await tryTarget(ports, targetOrder, askOnce) }];
  }
  const ask = (one: Target, line: AbortLine) => {
    const fitting = one === target ? fit : second.fit;
    return tryTarget(ports, targetOrderOf(ports, stage, { target: one, fit: fitting, ...line }), askOnce);
  };
  return await hedged(ports, { first: target, second: second.target, signal: walk.signal }, ask);
}

/** What is asked of a target that can be asked. */
interface Fit {
  readonly kind: Kind;
  readonly maxOutputTokens: number | null;
}

function fitOf(order: SendOrder, target: Target): Fit | null {
  const kind = kindOf(target.origin.kind);
  const maxOutputTokens = order.outputLimit(target);
  return kind === null || maxOutputTokens === 0 ? null : { kind, maxOutputTokens };
}

interface Fitting {
  readonly target: Target;
  readonly fit: Fit;
}

/** Who is asked as well when this one is late; null for nearly every request. */
function hedgeOf(ports: Ports, order: SendOrder, { target, fit }: Fitting): Fitting | null {
  if (!isHedgeable(ports, order.inference, fit.maxOutputTokens)) return null;
  ports.hedges.count(ports.now());
  const second = secondOf(ports, order.route, target);
  const secondFit = second === null ? null : fitOf(order, second);
  return second === null || secondFit === null ? null : { target: second, fit: secondFit };
}

function targetOrderOf(
  ports: Ports,
  { order, walk }: Course,
  { target, fit, signal }: Fitting & { readonly signal: AbortSignal },
): TargetOrder {
  const { inference, requestId, traceparent } = order;
  const coldLeftMs = Math.max(0, walk.coldUntilMs - ports.now());
  return { target, ...fit, inference, requestId, traceparent, coldLeftMs, signal };
}

function sentOf<Answer>(course: Course, target: Target, answered: Answered<Answer>): Sent<Answer> {
  const { walk, letGo } = course;
  const { answer, row } = answered;
  const at = walk.attempts.push(row) - 1;
  const release = (failedWith: ErrorCode | null) => {
    letGo();
    walk.attempts[at] = answered.release(failedWith);
  };
  return { target, answer, ttftMs: row.ms, release };
}

interface FailedTry {
  readonly target: Target;
  readonly outcome: Failed;
}

/** However often a cold model was asked while the caller waited, the wait is one row and one failure. */
function note(walk: Walk, step: Step, { target, outcome: { failure, row } }: FailedTry): void {
  const before = walk.failed.get(target);
  walk.failed.delete(target);
  walk.failed.set(target, failure);
  const isSame = step.purpose === "cold" && failure.code === before?.code;
  const at = isSame ? walk.failures.lastIndexOf(before) : -1;
  if (at === -1) {
    walk.failures.push(failure);
    walk.attempts.push(row);
    return;
  }
  walk.failures[at] = failure;
  const rowAt = walk.attempts.findLastIndex(
    ({ origin, model }) => origin === row.origin && model === row.model,
  );
  const waited = walk.attempts[rowAt];
  if (waited !== undefined) walk.attempts[rowAt] = { ...row, ms: waited.ms + step.waitMs + row.ms };
}
