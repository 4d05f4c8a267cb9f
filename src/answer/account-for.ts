// The end of every admitted request, good or bad: priced, settled and logged, once.
import type { Accepted } from "../domain/accepted.ts";
import type { Target } from "../domain/catalog.ts";
import { type MicroUsd, toUsd } from "../domain/money.ts";
import type { Ports } from "../domain/ports.ts";
import { costOf, estimateInputTokens } from "../domain/price.ts";
import type { Attempt, Outcome, Usage } from "../domain/usage.ts";
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
  readonly attempts: readonly Attempt[];
  readonly ttftMs: number | null;
}

/** Settles and logs; runs under waitUntil and never throws. */
export async function accountFor(ports: Ports, accepted: Accepted, ending: Ending): Promise<void> {
  const { requestId, caller, reservation } = accepted;
  const microUsd = ending.costMicroUsd;
  ports.log(logLine(ports, accepted, ending));
  await settle(ports, { account: caller, reservationId: reservation.id, requestId, microUsd });
}

/** GPU time that the origin did not report: from its first to its last byte, and the prefill before. */
export function withGpuTime(target: Target, usage: Usage, bodyMs: number): Usage {
  if (!("gpu_per_minute" in target.model.price) || usage.gpuMs > 0) return usage;
  if (usage.inputTokens + usage.outputTokens === 0) return usage;
  const prefillMs = (usage.inputTokens / target.model.prefill_tokens_per_s) * 1000;
  return { ...usage, gpuMs: Math.ceil(bodyMs + prefillMs), estimated: true };
}

export function costAt(target: Target, usage: Usage): MicroUsd {
  return costOf(target.model.price, usage);
}

/** What this request could have used at most on this target. */
export function boundsOf({ inference }: Accepted, target: Target): Bounds {
  const { size } = inference.prompt;
  const maxOutput = inference.maxOutputTokens ?? target.model.max_output_tokens;
  return {
    inputTokens: estimateInputTokens(size),
    maxInputTokens: target.model.context_length * Math.max(1, size.messages),
    maxOutputTokens: maxOutput * inference.choices,
  };
}

function logLine(ports: Ports, accepted: Accepted, ending: Ending) {
  const { requestId, caller, inference, route, clock } = accepted;
  const { target, usage } = ending;
  return {
    event: "request",
    level: ending.outcome === "error" ? "warn" : "info",
    request_id: requestId,
    account_id: caller.accountId,
    key_id: caller.keyId,
    decision_id: route.isSmart ? route.decisionId : null,
    wire: inference.wire,
    stream: inference.stream,
    model_requested: inference.model,
    model: target.model.id,
    origin: target.origin.id,
    region: target.origin.region,
    task: route.profile?.task ?? null,
    complexity: route.profile?.complexity ?? null,
    status: ending.status,
    outcome: ending.outcome,
    error: ending.code,
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    gpu_ms: usage.gpuMs,
    estimated: usage.estimated,
    cost_usd: toUsd(ending.costMicroUsd),
    latency_ms: ports.now() - clock.receivedAtMs,
    ttft_ms: ending.ttftMs,
    attempts: ending.attempts,
  } as const;
}
