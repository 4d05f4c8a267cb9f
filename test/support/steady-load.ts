// Callers that keep asking, each anew when it was answered, until they are told to stop; and what became of every
// request. It knows nothing of regions beyond the header that names one.
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, ask } from "./ask.ts";

export interface LoadPlan {
  readonly baseUrl: string;
  readonly key: string;
  readonly callers: number;
  /** Between an answer and the next question. */
  readonly pauseMs: number;
  /** Of the n-th request. */
  readonly bodyOf: (n: number) => object;
}

export interface Outcome {
  readonly startedAtMs: number;
  readonly tookMs: number;
  readonly status: number;
  readonly region: string;
  readonly attempts: number;
  /** The whole answer; a connection that broke is one as well. */
  readonly text: string;
}

export interface SteadyLoad {
  readonly outcomes: readonly Outcome[];
  /** Resolves when the last request has been answered. */
  stop(): Promise<void>;
}

export function steadyLoad(plan: LoadPlan): SteadyLoad {
  const outcomes: Outcome[] = [];
  let isOver = false;
  let asked = 0;
  const call = async () => {
    while (!isOver) {
      outcomes.push(await once(plan, asked++));
      await sleep(plan.pauseMs);
    }
  };
  const callers = Array.from({ length: plan.callers }, call);
  return {
    outcomes,
    async stop() {
      isOver = true;
      await Promise.all(callers);
    },
  };
}

async function once(plan: LoadPlan, n: number): Promise<Outcome> {
  const startedAtMs = performance.now();
  const { baseUrl, key } = plan;
  const answer = await ask({ baseUrl, path: "/v1/chat/completions", key, body: plan.bodyOf(n) });
  return { startedAtMs, tookMs: performance.now() - startedAtMs, ...factsOf(answer) };
}

function factsOf({ status, headers, text }: Answer) {
  return {
    status,
    region: headers.get("x-inferroute-region") ?? "",
    attempts: Number(headers.get("x-inferroute-attempts")),
    text,
  };
}

/** For people who read the run. */
export function report(title: string, phases: Readonly<Record<string, readonly Outcome[]>>): void {
  reportLine(title);
  for (const [name, outcomes] of Object.entries(phases)) {
    const took = outcomes.map(({ tookMs }) => tookMs);
    const [p50, p99] = [0.5, 0.99].map((share) => Math.round(percentile(took, share)));
    reportLine(`  ${name}: ${outcomes.length} requests, p50 ${p50} ms, p99 ${p99} ms`);
  }
}

export function reportLine(line: string): void {
  console.info(line);
}

/** The value below which this share of them lies; 0 of none. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
