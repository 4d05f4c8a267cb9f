// Sends a trace's requests at their times, as streams, and notes when each answer's first word came.
import { setTimeout as sleep } from "node:timers/promises";
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import { type Clock, FLEET, MODEL, setPace, TOKENS_PER_EVENT, TROUBLE } from "./fleet.ts";
import { type Chooser, chooserOf, type Policy } from "./policy.ts";
import type { Arrival } from "./trace.ts";

export interface Replayed {
  readonly policy: Policy;
  /** To the first word, in the time of the trace; of the good answers alone. */
  readonly ttftMs: readonly number[];
  readonly failed: number;
  /** Good answers by region. */
  readonly regions: ReadonlyMap<string, number>;
}

interface Run {
  readonly demo: DemoFile;
  readonly clock: Clock;
  readonly chooser: Chooser;
}

export async function replay(
  demo: DemoFile,
  policy: Policy,
  { trace, clock }: { readonly trace: readonly Arrival[]; readonly clock: Clock },
): Promise<Replayed> {
  const run: Run = {
    demo,
    clock,
    chooser: chooserOf(
      policy,
      FLEET.map(({ region }) => region),
    ),
  };
  const lastMs = trace.at(-1)?.atMs ?? 0;
  await setPace(demo, clock, false);
  const trouble = troubled(run, lastMs);
  const startMs = performance.now();
  const sent: Promise<Answered>[] = [];
  for (const [index, arrival] of trace.entries()) {
    await sleep(Math.max(0, startMs + arrival.atMs / clock.speedUp - performance.now()));
    sent.push(ask(run, arrival, index));
  }
  const answers = await Promise.all(sent);
  await trouble;
  return summed(policy, answers);
}

async function troubled({ demo, clock }: Run, lastMs: number): Promise<void> {
  await sleep((lastMs * TROUBLE.fromShare) / clock.speedUp);
  await setPace(demo, clock, true);
  await sleep((lastMs * (TROUBLE.toShare - TROUBLE.fromShare)) / clock.speedUp);
  await setPace(demo, clock, false);
}

interface Answered {
  /** null: no good answer. */
  readonly ttftMs: number | null;
  readonly region: string | null;
}

const FAILED: Answered = { ttftMs: null, region: null };

async function ask(run: Run, arrival: Arrival, index: number): Promise<Answered> {
  const { demo, clock, chooser } = run;
  const pinned = chooser.choose();
  if (pinned !== null) chooser.count(pinned, 1);
  const sentMs = performance.now();
  try {
    const response = await fetch(`${demo.base_url}/v1/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${demo.api_key}`,
        "content-type": "application/json",
        ...(pinned === null ? {} : { "x-region": pinned }),
      },
      body: JSON.stringify(bodyOf(arrival, index)),
    });
    if (!response.ok || response.body === null) return FAILED;
    const firstMs = await readToEnd(response.body);
    const region = response.headers.get("x-inferroute-region");
    return firstMs === null ? FAILED : { ttftMs: (firstMs - sentMs) * clock.speedUp, region };
  } catch {
    return FAILED;
  } finally {
    if (pinned !== null) chooser.count(pinned, -1);
  }
}

/** Each word is a token of the simulator's; the number makes every conversation its own. */
function bodyOf({ promptTokens, outputTokens }: Arrival, index: number) {
  const events = Math.max(1, Math.ceil(outputTokens / TOKENS_PER_EVENT));
  return {
    model: MODEL,
    stream: true,
    ignore_eos: true,
    max_tokens: events,
    messages: [{ role: "user", content: `${index}${" w".repeat(Math.max(1, promptTokens))}` }],
  };
}

/** When the first word came; null where none did or the stream ended in an error. */
async function readToEnd(body: ReadableStream<Uint8Array>): Promise<number | null> {
  let firstMs: number | null = null;
  let tail = "";
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    const text = decoder.decode(bytes, { stream: true });
    if (firstMs === null && /"content":"[^"]/.test(text)) firstMs = performance.now();
    tail = (tail + text).slice(-100);
  }
  return tail.includes("[DONE]") ? firstMs : null;
}

function summed(policy: Policy, answers: readonly Answered[]): Replayed {
  const regions = new Map<string, number>();
  for (const { region } of answers) if (region !== null) regions.set(region, (regions.get(region) ?? 0) + 1);
  const ttftMs = answers.flatMap((answer) => (answer.ttftMs === null ? [] : [answer.ttftMs]));
  return { policy, ttftMs, failed: answers.length - ttftMs.length, regions };
}
