// The end of every admitted request, good or bad: priced, settled and logged, once.
import { outputLimit } from "../admission/quote.ts";
import type { Accepted } from "../domain/accepted.ts";
import type { Target } from "../domain/catalog.ts";
import { RouterError } from "../domain/errors.ts";
import type { IdempotencyEnd } from "../domain/idempotency.ts";
import type { Inference } from "../domain/inference.ts";
import type { MicroUsd } from "../domain/money.ts";
import type { LogEvent, Ports } from "../domain/ports.ts";
import { costOf, estimateInputTokens, prefillMsOf } from "../domain/price.ts";
import { type Attempt, NO_USAGE, type Outcome, type Usage } from "../domain/usage.ts";
import type { UsageRow } from "../domain/usage-row.ts";
import { withinOrNull } from "../lib/within-or-null.ts";
import { applyWithRetry, reportLost } from "../usage/apply-with-retry.ts";
import { baselineMicroUsd } from "../usage/baseline.ts";
import type { Bounds } from "../usage/meter.ts";
import { settle } from "../usage/settle.ts";

export interface Ending {
  readonly outcome: Outcome;
  /** As the caller saw it, 499 when the caller left. */
  readonly status: number;
  readonly code: string | null;
  readonly target: Target;
  readonly usage: Usage;
  readonly costMicroUsd: MicroUsd;
  /** With the counts of each. */
  readonly attempts: readonly Attempt[];
  readonly ttftMs: number | null;
  /** The whole answer is kept for its Idempotency-Key. */
  readonly isStored?: boolean;
  /** Absent where an origin answered. */
  readonly cache?: "hit";
}

/** Settles and logs; returns at once and never throws. */
export function accountFor(ports: Ports, accepted: Accepted, ending: Ending): void {
  const { requestId, caller, reservation } = accepted;
  const row = rowOf(ports, accepted, ending);
  ports.log(logLine(row));
  settle(ports, { account: caller, reservationId: reservation.id, requestId, row });
}

/** Frees or fills the Idempotency-Key; whoever repeats the request after its answer must find this done. */
export async function endIdempotency(ports: Ports, accepted: Accepted, ending: Ending): Promise<void> {
  const end = idempotencyEnd(accepted, ending);
  if (end === null) return;
  const { caller, requestId } = accepted;
  const command = { kind: "end-idempotency", requestId, end } as const;
  const heard = applyWithRetry(ports, caller, [command]).then((answers) => {
    // Unheard, the record says "running" until the lease is over; then the key is free again.
    if (answers === null) reportLost(ports, caller, command);
  });
  // Goes on behind an answer that could be held back no longer.
  ports.waitUntil(heard);
  await withinOrNull(ports.after, heard, HOLD_BACK_MS);
}

/** Longer than all tries of an object that breaks take; one that hangs must not keep the answer for ever. */
const HOLD_BACK_MS = 10_000;

/** What produced something is done, even if it cannot be sent again; what produced nothing may be tried again. */
function idempotencyEnd(
  { idempotencyPlace: place, textJurisdiction: jurisdiction }: Accepted,
  ending: Ending,
): IdempotencyEnd | null {
  if (place === null) return null;
  if (ending.isStored === true) return { place, end: "stored", jurisdiction };
  return { place, end: ending.outcome === "ok" || ending.costMicroUsd > 0 ? "unstored" : "failed" };
}

/** A request that ended before its first byte: what it tried, and why it failed. */
export interface Unanswered {
  readonly error: unknown;
  readonly attempts: readonly Attempt[];
  /** The last one tried; null when none was. */
  readonly target: Target | null;
}

/** Costs nothing. */
export async function accountForFailure(
  ports: Ports,
  accepted: Accepted,
  { error, attempts, target }: Unanswered,
): Promise<void> {
  const [first] = accepted.route.targets;
  const tried = target ?? first;
  if (tried === undefined) throw new Error("a route without targets");
  const isOurs = error instanceof RouterError;
  const isCancelled = isOurs && error.code === "client_closed_request";
  const ending: Ending = {
    outcome: isCancelled ? "cancelled" : "error",
    status: isOurs ? error.status : 500,
    code: isOurs ? error.code : "internal_error",
    target: tried,
    usage: NO_USAGE,
    costMicroUsd: 0,
    attempts,
    ttftMs: null,
  };
  accountFor(ports, accepted, ending);
  await endIdempotency(ports, accepted, ending);
}

/** GPU time that the origin did not report: from its first to its last byte, and the prefill before. */
export function withGpuTime(target: Target, usage: Usage, bodyMs: number): Usage {
  if (usage.gpuMs > 0) return usage;
  if (usage.inputTokens + usage.outputTokens === 0) return usage;
  // Only where it is billed does an estimate make the bill one.
  const estimated = usage.estimated || "gpu_per_minute" in target.model.price;
  return { ...usage, gpuMs: Math.ceil(bodyMs) + prefillMsOf(target.model, usage.inputTokens), estimated };
}

export function costAt(target: Target, usage: Usage): MicroUsd {
  return costOf(target.model.price, usage);
}

/** The cards of the largest single machine: a model may be split over them, and each may count its own time. */
const MOST_GPUS = 8;
/** Clocks of two machines round to milliseconds, and ours stands still while code computes. */
const CLOCK_SLACK_MS = 10;

/** What this request could have used at most on this target, whose last byte came at `lastByteAtMs`. */
export function boundsOf(accepted: Accepted, target: Target, lastByteAtMs: number): Bounds {
  const { inference, reservation, clock } = accepted;
  // The limit that the origin was given: null where it gives no output.
  const maxOutput = outputLimit(inference, target, reservation.heldMicroUsd) ?? 0;
  return {
    inputTokens: estimateInputTokens(inference.prompt.size),
    maxInputTokens: mostInputTokens(inference, target),
    maxOutputTokens: maxOutput * inference.choices,
    maxGpuMs: Math.max(0, lastByteAtMs - clock.admittedAtMs) * MOST_GPUS + CLOCK_SLACK_MS,
  };
}

/** What a chat template may write around a prompt: its own system text and the preamble to tools, once. */
const TEMPLATE_TOKENS = 1_024;
/** Role, separators and the time of day, at each message. */
const TOKENS_AROUND_MESSAGE = 64;

/** No tokenizer makes more tokens than bytes; a picture's tokens follow its pixels, which nobody here counts. */
function mostInputTokens({ prompt, inputs, needs }: Inference, { model }: Target): number {
  const context = model.context_length * inputs;
  if (needs.includes("vision")) return context;
  const { bytes, messages } = prompt.size;
  return Math.min(context, bytes + messages * TOKENS_AROUND_MESSAGE + TEMPLATE_TOKENS);
}

/** What an operator looks for first; the whole row is in the account's usage. */
function logLine(row: UsageRow): LogEvent {
  const { request_id, account_id, key_id, model, origin, region, status, outcome, error, stream } = row;
  const { input_tokens, output_tokens, cost_micro_usd, latency_ms, ttft_ms, overhead_ms } = row;
  return {
    event: "request",
    level: outcome === "error" ? "warn" : "info",
    request_id,
    account_id,
    key_id,
    model,
    origin,
    region,
    status,
    outcome,
    error,
    stream,
    input_tokens,
    output_tokens,
    cost_micro_usd,
    latency_ms,
    ttft_ms,
    overhead_ms,
    attempts: row.attempts.length,
    ...(row.cache === null ? {} : { cache: row.cache }),
  };
}

function rowOf(ports: Ports, accepted: Accepted, ending: Ending): UsageRow {
  const { requestId, caller, inference, route, clock } = accepted;
  const { target, usage, ttftMs } = ending;
  const latencyMs = ports.now() - clock.receivedAtMs;
  return {
    request_id: requestId,
    decision_id: route.isSmart ? route.decisionId : null,
    created_at_ms: clock.receivedAtMs,
    key_id: caller.keyId,
    account_id: caller.accountId,
    endpoint: accepted.path,
    dialect: accepted.dialect,
    model_requested: inference.model,
    model: target.model.id,
    origin: target.origin.id,
    region: target.origin.region,
    task: route.profile?.task ?? null,
    complexity: route.profile?.complexity ?? null,
    status: ending.status,
    outcome: ending.outcome,
    error: ending.code,
    stream: inference.stream,
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    gpu_ms: usage.gpuMs,
    estimated: usage.estimated,
    cost_micro_usd: ending.costMicroUsd,
    baseline_micro_usd: baselineMicroUsd(route, usage),
    latency_ms: latencyMs,
    ttft_ms: ttftMs === null ? null : clock.admittedAtMs - clock.receivedAtMs + ttftMs,
    queue_ms: 0,
    queue_depth: accepted.queueDepth,
    overhead_ms: clock.admittedAtMs - clock.receivedAtMs,
    attempts: ending.attempts,
    cache: ending.cache ?? (accepted.cachePlace === null ? null : "miss"),
    user: inference.user,
    tags: inference.tags,
  };
}

/** The attempt that answered a whole request used what the request used. */
export function withCounts(attempts: readonly Attempt[], usage: Usage): readonly Attempt[] {
  const { inputTokens, outputTokens } = usage;
  return attempts.map((attempt) =>
    attempt.error === null ? { ...attempt, inputTokens, outputTokens } : attempt,
  );
}
