// What callers think of a decision's answer, and what routing saved them. Plain data, for it crosses RPC.
import type { MicroUsd } from "./money.ts";

/** One word per decision: a later one takes its place. */
export interface Feedback {
  readonly decision_id: string;
  readonly created_at_ms: number;
  /** Of the usage row. */
  readonly model: string;
  readonly task: string | null;
  /** −1 … 1. */
  readonly rating: number | null;
  readonly correct: boolean | null;
  readonly preferred_model: string | null;
  /** Only where the caller sent it for this. */
  readonly prompt: string | null;
}

/** Place of a feedback in its month: oldest first. */
export interface FeedbackPlace {
  readonly createdAtMs: number;
  readonly decisionId: string;
}

/** Of requests that named "auto" and were settled. */
export interface Savings {
  readonly requests: number;
  readonly paid_micro_usd: MicroUsd;
  /** The same tokens at the price of the pool's best model by predicted quality. */
  readonly baseline_micro_usd: MicroUsd;
}

/**
 * What the feedback says of each model it speaks of, 0..1, as training reads it: a rating in place, right and wrong,
 * and of two models the preferred one over the other.
 */
export function scoresOf(feedback: Feedback): Readonly<Record<string, number>> {
  const { model, rating, correct, preferred_model } = feedback;
  const own = correct !== null ? Number(correct) : rating !== null ? (rating + 1) / 2 : null;
  if (preferred_model === null) return own === null ? {} : { [model]: own };
  return preferred_model === model ? { [model]: own ?? 1 } : { [model]: own ?? 0, [preferred_model]: 1 };
}
