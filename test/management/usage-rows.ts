// A plain row of usage and a line of a summary, as their object shows them.
import type { ShownRow, SummaryLine } from "../../src/domain/usage-log.ts";
import { ACCOUNT, KEY, NOW_MS } from "./fake-ports.ts";

/** `n` is its place in the ledger; it began `agoMs` before now. */
export function shownRow(n: number, agoMs: number, changes: Partial<ShownRow> = {}): ShownRow {
  return {
    seq: n,
    request_id: `req_${n}`,
    decision_id: null,
    created_at_ms: NOW_MS - agoMs,
    key_id: KEY.id,
    account_id: ACCOUNT.accountId,
    endpoint: "/v1/chat/completions",
    dialect: "openai",
    model_requested: "auto",
    model: "A/x",
    origin: "us-1",
    region: "us-east",
    task: "chat",
    complexity: "simple",
    status: 200,
    outcome: "ok",
    error: null,
    stream: true,
    input_tokens: 10,
    cached_input_tokens: 4,
    output_tokens: 5,
    gpu_ms: 0,
    estimated: false,
    cost_micro_usd: 1_234,
    baseline_micro_usd: null,
    charged_micro_usd: 1_234,
    latency_ms: 100,
    ttft_ms: 20,
    queue_ms: 0,
    queue_depth: 1,
    overhead_ms: 1,
    attempts: [
      {
        model: "A/x",
        origin: "us-1",
        region: "us-east",
        status: 200,
        error: null,
        ms: 90,
        ttftMs: 19,
        inputTokens: 10,
        outputTokens: 5,
      },
    ],
    cache: null,
    user: "u",
    tags: { team: "a" },
    ...changes,
  };
}

export const SUMMARY_LINE: SummaryLine = {
  start_ms: NOW_MS,
  group: null,
  requests: 3,
  errors: 1,
  refused: 2,
  input_tokens: 10,
  output_tokens: 5,
  cost_micro_usd: 2_500_000,
  latency_p50_ms: 100,
  latency_p95_ms: null,
  queue_depth_max: 4,
};
