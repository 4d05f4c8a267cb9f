// One target asked once, and what its health learns from it: when it was asked, whether and how soon it answered,
// how the answer ended. It chooses nothing and waits for nothing else.
import type { Try as Tried } from "../domain/breaker.ts";
import { slotsOf, type Target, timeoutsOf } from "../domain/catalog.ts";
import { type ErrorCode, isOfOrigin } from "../domain/errors.ts";
import type { Failure } from "../domain/frame.ts";
import {
  answered,
  ended,
  failed,
  finished,
  loading,
  loadOf,
  type OriginHealth,
  started,
} from "../domain/health.ts";
import type { RequestId } from "../domain/ids.ts";
import type { Inference } from "../domain/inference.ts";
import type { Ports } from "../domain/ports.ts";
import type { Attempt } from "../domain/usage.ts";
import type { AttemptOrder } from "./attempt.ts";
import { faultOf } from "./health-fault.ts";
import type { Call, Kind } from "./kinds/kind.ts";

/** openStream or fetchWhole. */
export type AskOnce<Answer> = (ports: Ports, order: AttemptOrder) => Promise<Answer | Failure>;

export interface TargetOrder {
  readonly target: Target;
  readonly kind: Kind;
  readonly inference: Inference;
  /** Per choice; null for wires without output. */
  readonly maxOutputTokens: number | null;
  readonly requestId: RequestId;
  readonly traceparent: string | null;
  /** What is left of the caller's wait for a cold model: so much longer may the first byte take. */
  readonly coldLeftMs: number;
  readonly signal: AbortSignal;
}

export interface Answered<Answer> {
  readonly answer: Answer;
  readonly row: Attempt;
  /** Must be called once when the answer is over; the row as it reads then. */
  readonly release: (failedWith: ErrorCode | null) => Attempt;
}

export interface Failed {
  readonly failure: Failure;
  readonly row: Attempt;
}

export async function tryTarget<Answer extends object>(
  ports: Ports,
  order: TargetOrder,
  askOnce: AskOnce<Answer>,
): Promise<Answered<Answer> | Failed> {
  const { target, kind, inference, maxOutputTokens, signal } = order;
  const startedAtMs = ports.now();
  const tried = (): Tried => ({ sentAtMs: startedAtMs, endedAtMs: ports.now() });
  const place = [target.origin.id, target.model.id] as const;
  // A first token that had to wait for a slot tells of the queue, which is counted, and nothing of the way there.
  const isQueued = loadOf(ports.health.get(...place), slotsOf(target.origin), startedAtMs) >= 1;
  ports.health.update(...place, (health) => started(health, startedAtMs));
  const result = await askOnce(ports, { kind, call: callOf(ports, order), signal, ...limitsOf(order) });
  const ms = ports.now() - startedAtMs;
  if (isFailure(result)) {
    ports.health.update(...place, (health) => ended(afterFailure(health, result, tried())));
    return { failure: result, row: attemptRow(target, result, ms) };
  }
  // A whole answer's first byte comes with its last: only without output tokens that is no time of decoding.
  const hasTtft = inference.stream || maxOutputTokens === null;
  ports.health.update(...place, (health) => answered(health, tried(), hasTtft && !isQueued ? ms : null));
  const row = attemptRow(target, null, ms);
  const release = (failedWith: ErrorCode | null): Attempt => {
    const isBroken = failedWith !== null && isOfOrigin(failedWith);
    const fault = isBroken ? ({ ...tried(), kind: "broken", retryAfterMs: null } as const) : null;
    const slotMs = inference.stream ? ports.now() - startedAtMs - ms : null;
    const learn = (health: OriginHealth) => {
      if (fault !== null) return failed(health, fault);
      // Its caller left, which proves nothing about the rest of the answer.
      return failedWith === null ? finished(health, slotMs) : health;
    };
    ports.health.update(...place, (health) => ended(learn(health)));
    return isBroken ? { ...row, error: failedWith } : row;
  };
  return { answer: result, row, release };
}

export function isFailure(value: object): value is Failure {
  return "isRetryable" in value;
}

/** Status and time of one attempt; counts are laid over it when they are known. */
export function attemptRow(target: Target, failure: Failure | null, ms: number): Attempt {
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

/** A caller who leaves or asks nonsense says nothing about the origin. */
function afterFailure(health: OriginHealth, failure: Failure, tried: Tried): OriginHealth {
  if (failure.code === "model_loading") return loading(health, tried.endedAtMs + (failure.retryAfterMs ?? 0));
  const fault = faultOf(failure, tried);
  return fault === null ? health : failed(health, fault);
}

function callOf(ports: Ports, order: TargetOrder): Call {
  const { target, inference, maxOutputTokens, requestId, traceparent } = order;
  const { secret } = target.origin;
  return {
    target,
    inference,
    maxOutputTokens,
    secret: secret === null ? null : ports.secret(secret),
    requestId,
    traceparent,
  };
}

/** A whole answer's headers come when it is finished: its first byte may take as long as its tokens. */
const MS_PER_OUTPUT_TOKEN = 50;

/** An origin that loads a model may hold the connection meanwhile: whoever waits for it waits there as well. */
function limitsOf(order: TargetOrder): { readonly firstMs: number; readonly idleMs: number } {
  const { ttft_ms, idle_ms, total_ms } = timeoutsOf(order.target);
  const generationMs = order.inference.stream ? 0 : (order.maxOutputTokens ?? 0) * MS_PER_OUTPUT_TOKEN;
  const firstMs = order.inference.stream ? ttft_ms : Math.min(total_ms, ttft_ms + generationMs);
  return { firstMs: firstMs + order.coldLeftMs, idleMs: idle_ms };
}
