// Walks the Route under one deadline until a target answers well. Before the first good frame any target may
// be tried; once the caller has been promised a model, only targets of that model. It does not know what
// callers get to see, nor what anything costs beyond the tokens it may ask for.
import { type Target, timeoutsOf } from "../domain/catalog.ts";
import type { ErrorCode } from "../domain/errors.ts";
import type { Failure } from "../domain/frame.ts";
import { answered, ended, failed, loading, type OriginHealth, started } from "../domain/health.ts";
import type { RequestId } from "../domain/ids.ts";
import type { Inference } from "../domain/inference.ts";
import type { Ports } from "../domain/ports.ts";
import type { Route } from "../domain/route.ts";
import type { Attempt } from "../domain/usage.ts";
import { type AbortReason, abortLine, failureOfAbort } from "./abort.ts";
import { type AttemptOrder, fetchWhole, type OpenStream, openStream } from "./attempt.ts";
import { kindOf } from "./kinds/index.ts";
import type { Call, Whole } from "./kinds/kind.ts";
import { attemptOrder, backoffMs, isWorthTrying } from "./retry-policy.ts";

export interface SendOrder {
  readonly inference: Inference;
  readonly route: Route;
  readonly requestId: RequestId;
  readonly traceparent: string | null;
  /** Tokens per choice this target may produce: null for wires without output, 0 when it cannot be paid. */
  readonly outputLimit: (target: Target) => number | null;
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

type Try<Answer> = (ports: Ports, attempt: AttemptOrder) => Promise<Answer | Failure>;

/** Mutable state of one walk. */
interface Walk {
  target: Target;
  staysOnModel: boolean;
  readonly signal: AbortSignal;
  readonly attempts: Attempt[];
}

function send<Answer extends object>(ports: Ports, order: SendOrder, tryOnce: Try<Answer>): Sending<Answer> {
  const line = abortLine();
  const onGone = () => line.abort("caller");
  if (ports.callerGone.aborted) onGone();
  else ports.callerGone.addEventListener("abort", onGone, { once: true });
  const target = firstTarget(order.route);
  const totalMs = order.inference.timeoutMs ?? timeoutsOf(target).total_ms;
  const takeBack = ports.after(totalMs, () => line.abort("total"));
  const walk: Walk = { target, staysOnModel: false, signal: line.signal, attempts: [] };
  const letGo = () => {
    takeBack();
    ports.callerGone.removeEventListener("abort", onGone);
  };
  return {
    result: walkTargets(ports, { order, walk, letGo }, tryOnce),
    attempts: walk.attempts,
    signal: line.signal,
    currentTarget: () => walk.target,
    stayOnModel() {
      walk.staysOnModel = true;
    },
    abort: (reason) => line.abort(reason),
  };
}

function firstTarget(route: Route): Target {
  const [target] = route.targets;
  if (target === undefined) throw new Error("a route without targets");
  return target;
}

interface Course {
  readonly order: SendOrder;
  readonly walk: Walk;
  readonly letGo: () => void;
}

async function walkTargets<Answer extends object>(
  ports: Ports,
  course: Course,
  tryOnce: Try<Answer>,
): Promise<Sent<Answer> | readonly Failure[]> {
  const { order, walk } = course;
  const failures: Failure[] = [];
  const failedAt = new Map<Target, Failure>();
  for (const target of attemptOrder(order.route)) {
    if (walk.staysOnModel && target.model.id !== walk.target.model.id) continue;
    if (!isWorthTrying(target, failedAt)) continue;
    await sleep(backoffMs(target, failedAt, ports.random()));
    const result = await attempt(ports, { ...course, target }, tryOnce);
    if (result === null) continue;
    if (!isFailure(result)) return result;
    failures.push(result);
    failedAt.set(target, result);
    if (!result.isRetryable || walk.signal.aborted) break;
  }
  course.letGo();
  return failures;
}

/** null when the reservation does not pay for this target. */
async function attempt<Answer extends object>(
  ports: Ports,
  course: Course & { readonly target: Target },
  tryOnce: Try<Answer>,
): Promise<Sent<Answer> | Failure | null> {
  const { order, walk, target } = course;
  const kind = kindOf(target.origin.kind);
  const maxOutputTokens = order.outputLimit(target);
  if (kind === null || maxOutputTokens === 0) return null;
  if (walk.signal.aborted) return failureOfAbort(walk.signal.reason as AbortReason); // abortLine sets no other
  walk.target = target;
  const startedAtMs = ports.now();
  const place = [target.origin.id, target.model.id] as const;
  ports.health.update(...place, started);
  const call = callOf(ports, course, maxOutputTokens);
  const result = await tryOnce(ports, {
    kind,
    call,
    signal: walk.signal,
    ...limitsOf(order.inference, call),
  });
  const ms = ports.now() - startedAtMs;
  const isBad = isFailure(result);
  walk.attempts.push(attemptRow(target, isBad ? result : null, ms));
  if (isBad) {
    ports.health.update(...place, (health) => ended(afterFailure(health, result, ports.now())));
    return result;
  }
  ports.health.update(...place, (health) => answered(health, ms));
  const row = walk.attempts.length - 1;
  const release = (failedWith: ErrorCode | null) => {
    course.letGo();
    const isBroken = failedWith !== null && BROKEN_OFF.has(failedWith);
    if (isBroken) walk.attempts[row] = { ...attemptRow(target, null, ms), error: failedWith };
    ports.health.update(...place, (health) => ended(isBroken ? failed(health, ports.now()) : health));
  };
  return { target, answer: result, ttftMs: ms, release };
}

/** A caller who leaves or asks nonsense says nothing about the origin. */
function afterFailure(health: OriginHealth, failure: Failure, nowMs: number): OriginHealth {
  if (!failure.isRetryable) return health;
  if (failure.code === "model_loading") return loading(health, nowMs + (failure.retryAfterMs ?? 0));
  return failed(health, nowMs);
}

/** Ends of a stream that are its origin's doing. */
const BROKEN_OFF: ReadonlySet<ErrorCode> = new Set([
  "upstream_disconnected",
  "upstream_failed",
  "upstream_timeout",
]);

function callOf(
  ports: Ports,
  { order, target }: Course & { target: Target },
  maxOutputTokens: number | null,
): Call {
  const { secret } = target.origin;
  return {
    target,
    inference: order.inference,
    maxOutputTokens,
    secret: secret === null ? null : ports.secret(secret),
    requestId: order.requestId,
    traceparent: order.traceparent,
  };
}

/** A whole answer's headers come when it is finished: its first byte may take as long as its tokens. */
const MS_PER_OUTPUT_TOKEN = 50;

function limitsOf(inference: Inference, call: Call): { readonly firstMs: number; readonly idleMs: number } {
  const { ttft_ms, idle_ms, total_ms } = timeoutsOf(call.target);
  if (inference.stream) return { firstMs: ttft_ms, idleMs: idle_ms };
  const generationMs = (call.maxOutputTokens ?? 0) * MS_PER_OUTPUT_TOKEN;
  return { firstMs: Math.min(total_ms, ttft_ms + generationMs), idleMs: idle_ms };
}

function attemptRow(target: Target, failure: Failure | null, ms: number): Attempt {
  return {
    model: target.model.id,
    origin: target.origin.id,
    region: target.origin.region,
    status: failure === null ? 200 : failure.status,
    error: failure?.code ?? null,
    ms,
    ttftMs: failure === null ? ms : null,
    inputTokens: 0,
    outputTokens: 0,
  };
}

export function isFailure(value: object): value is Failure {
  return "isRetryable" in value;
}

function sleep(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
