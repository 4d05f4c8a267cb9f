// The router with one door more: an operator fills an account's usage log with invented rows, through the log
// object's own `append`, so that what a million requests leave behind need not be a million requests. Their
// charges are in no ledger. Never part of a deployment.
import { makeApp } from "../../src/app.ts";
import { authenticateOperator } from "../../src/auth/operator.ts";
import { packRow } from "../../src/domain/packed-row.ts";
import type { LoggedRow } from "../../src/domain/usage-log.ts";
import { monthOf } from "../../src/domain/usage-log.ts";
import type { UsageRow } from "../../src/domain/usage-row.ts";
import type { Env } from "../../src/env.ts";
import { livePorts } from "../../src/live.ts";
import { SEED_PATH, type Seeding } from "../seeding.ts";

export { Account } from "../../durable-objects/account.ts";
export { Answers } from "../../durable-objects/answers.ts";
export { OriginHealth } from "../../durable-objects/origin-health.ts";
export { UsageLog } from "../../durable-objects/usage-log.ts";

const app = makeApp(livePorts);

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== SEED_PATH) return await app.fetch(request, env, ctx);
    const ports = livePorts(env, ctx, request);
    await authenticateOperator(ports, request.headers);
    // Written by the part that runs this Worker.
    const seeding = (await request.json()) as Seeding;
    const account = { accountId: seeding.account_id, jurisdiction: "none" } as const;
    const rows = Array.from({ length: seeding.count }, (_, n) => loggedRow(seeding, seeding.first + n));
    await ports
      .usageLog(account, monthOf(seeding.from_ms))
      .append(`seed-${seeding.first}`, { rows, refused: [] });
    return Response.json({ seeded: rows.length });
  },
} satisfies ExportedHandler<Env>;

/** Above every number that the account's own ledger will reach here: the two sequences must not meet. */
const FIRST_SEQ = 1_000_000_000;

function loggedRow(seeding: Seeding, n: number): LoggedRow {
  const row = usageRow(seeding, n);
  return {
    seq: FIRST_SEQ + n,
    request_id: row.request_id,
    charged_micro_usd: row.cost_micro_usd,
    balance_after_micro_usd: 0,
    at_ms: row.created_at_ms + row.latency_ms,
    row_json: packRow(row),
  };
}

/** As many different ones as a busy account has. */
const MODELS = 12;
const KEYS = 40;
const REGIONS = ["us-east", "eu-west", "ap-south"];
const TASKS = ["chat", "code_generation", "summarization", "translation"];
/** One in fifty fails. */
const STATUSES_OF_50 = [...Array<number>(49).fill(200), 502];

/** Primes spread the dimensions over the rows, so that no two go in step. */
function usageRow(seeding: Seeding, n: number): UsageRow {
  const model = `bench/model-${(n * 7) % MODELS}`;
  const region = REGIONS[(n * 11) % REGIONS.length] ?? "";
  const status = STATUSES_OF_50[(n * 13) % STATUSES_OF_50.length] ?? 200;
  const latencyMs = 100 + ((n * 7_919) % 4_000);
  const counts = { inputTokens: 100 + (n % 900), outputTokens: 1 + (n % 300) };
  const attempt = { model, origin: `${region}-1`, region, status, error: null, ms: latencyMs, ttftMs: 80 };
  return {
    request_id: `req_${String(n).padStart(22, "0")}`,
    decision_id: `rt_${String(n).padStart(22, "0")}`,
    created_at_ms: Math.floor(seeding.from_ms + ((seeding.to_ms - seeding.from_ms) * n) / seeding.total),
    key_id: `key_${String((n * 17) % KEYS).padStart(8, "0")}`,
    account_id: seeding.account_id,
    endpoint: "/v1/chat/completions",
    dialect: "openai",
    model_requested: "auto",
    model,
    origin: `${region}-1`,
    region,
    task: TASKS[(n * 19) % TASKS.length] ?? null,
    complexity: "simple",
    status,
    outcome: status === 200 ? "ok" : "error",
    error: status === 200 ? null : "upstream_failed",
    stream: n % 2 === 0,
    input_tokens: counts.inputTokens,
    cached_input_tokens: 0,
    output_tokens: counts.outputTokens,
    gpu_ms: 0,
    estimated: false,
    baseline_micro_usd: null,
    cost_micro_usd: 1 + (n % 200),
    latency_ms: latencyMs,
    ttft_ms: 80,
    queue_ms: 0,
    queue_depth: n % 30,
    overhead_ms: 3,
    attempts: [{ ...attempt, ...counts }],
    cache: null,
    user: null,
    tags: null,
  };
}
