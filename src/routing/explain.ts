// The body of POST /route: a plan as plain JSON, in the wire's names and units.
// Decides nothing; knows neither HTTP nor how the plan was found.
import type { Inference, Mode } from "../domain/inference.ts";
import { toUsd } from "../domain/money.ts";
import type { Candidate, Profile } from "../domain/route.ts";
import { abilityFor } from "./ability/installed.ts";
import { classify } from "./classify/classify.ts";
import type { Planned, PlanView } from "./plan.ts";
import { taskOf } from "./policy.ts";

export interface ExplainContext {
  readonly view: Pick<PlanView, "decisionId" | "keyView">;
  readonly routingTimeMs: number;
}

export interface ExplainedCandidate {
  readonly model: string;
  readonly origin: string;
  readonly region: string;
  readonly score: number;
  readonly quality: number;
  readonly cost_usd: number;
  readonly ttft_ms: number;
  readonly total_ms: number;
  readonly reasons: readonly string[];
  readonly excluded_by: string | null;
}

export interface Explanation {
  readonly object: "route";
  readonly decision_id: string;
  readonly task: string;
  readonly group: string;
  readonly complexity: string;
  readonly confidence: number;
  readonly language: string;
  readonly needs: readonly string[];
  readonly input_tokens: number;
  readonly expected_output_tokens: number;
  readonly optimize: Mode;
  readonly candidates: readonly ExplainedCandidate[];
  /** null when nothing fits. */
  readonly chosen: ExplainedCandidate | null;
  readonly routing_time_ms: number;
}

export function explain(planned: Planned, inference: Inference, context: ExplainContext): Explanation {
  const { view, routingTimeMs } = context;
  const profile = profileOf(planned, inference);
  const all = planned.ok ? planned.route.candidates : planned.candidates;
  const chosen = planned.ok ? all.find((one) => one.excludedBy === null) : undefined;
  return {
    object: "route",
    decision_id: view.decisionId,
    task: profile.task,
    group: profile.group,
    complexity: profile.complexity,
    confidence: rounded(profile.confidence, 2),
    language: profile.language,
    needs: profile.needs,
    input_tokens: profile.inputTokens,
    expected_output_tokens: profile.expectedOutputTokens,
    optimize: inference.wishes.optimize ?? view.keyView.optimizeMode ?? "balanced",
    candidates: all.map(explainCandidate),
    chosen: chosen === undefined ? null : explainCandidate(chosen),
    routing_time_ms: rounded(routingTimeMs, 3),
  };
}

function explainCandidate(candidate: Candidate): ExplainedCandidate {
  const { model, origin } = candidate.target;
  return {
    model: model.id,
    origin: origin.id,
    region: origin.region,
    score: rounded(candidate.score, 4),
    quality: rounded(candidate.quality, 4),
    cost_usd: toUsd(candidate.costMicroUsd),
    ttft_ms: candidate.ttftMs,
    total_ms: candidate.totalMs,
    reasons: candidate.reasons,
    excluded_by: candidate.excludedBy,
  };
}

/**
 * A named model is routed without looking at the prompt, yet who asks for an explanation wants to
 * know what it is: classify now, and keep the output length that the candidates' figures rest on.
 */
function profileOf(planned: Planned, inference: Inference): Profile {
  const routed = planned.ok ? planned.route.profile : planned.profile;
  const isClassified = !planned.ok || planned.route.isSmart;
  if (isClassified && routed !== null) return routed;
  const ability = abilityFor(inference.prompt.text);
  const options = { task: taskOf(inference), maxOutputTokens: inference.maxOutputTokens, ability };
  const seen = classify(inference.prompt, inference.needs, options);
  return { ...seen, expectedOutputTokens: routed?.expectedOutputTokens ?? seen.expectedOutputTokens };
}

function rounded(value: number, places: number): number {
  const factor = 10 ** places;
  return Math.round(value * factor) / factor;
}
