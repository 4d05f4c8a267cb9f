// One request as its account's log keeps it: ids, counts, times and money, never a word of text. Names are the
// wire's own, so that a row is shown as it is stored; times are milliseconds and money µUSD until then.
import type { Attempt, Outcome } from "./usage.ts";

export interface UsageRow {
  readonly request_id: string;
  /** null where the caller named the model. */
  readonly decision_id: string | null;
  readonly created_at_ms: number;
  readonly key_id: string;
  readonly account_id: string;
  /** Path below the host, e.g. `/v1/chat/completions`. */
  readonly endpoint: string;
  readonly dialect: string;
  readonly model_requested: string;
  readonly model: string;
  readonly origin: string;
  readonly region: string;
  readonly task: string | null;
  readonly complexity: string | null;
  /** As the caller saw it; 499 when the caller left. */
  readonly status: number;
  readonly outcome: Outcome;
  readonly error: string | null;
  readonly stream: boolean;
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly output_tokens: number;
  readonly gpu_ms: number;
  readonly estimated: boolean;
  readonly cost_micro_usd: number;
  /** The same tokens at the price of the pool's best model; null where the caller named the model. */
  readonly baseline_micro_usd: number | null;
  readonly latency_ms: number;
  readonly ttft_ms: number | null;
  readonly queue_ms: number;
  /** Requests of the account under way when this one was let in. */
  readonly queue_depth: number;
  readonly overhead_ms: number;
  readonly attempts: readonly Attempt[];
  readonly cache: "hit" | "miss" | null;
  readonly user: string | null;
  readonly tags: Readonly<Record<string, string>> | null;
}
