// One batch of streams that are all under way when their origins are told to die: what the callers got, what each
// origin saw, and what the same request says unbroken. The gate of the simulators holds every first attempt until
// each has its fault, so that those who go on meet none.
import { setTimeout as sleep } from "node:timers/promises";
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import type { RequestEntry } from "../../sim/request-log.ts";
import type { Dice } from "../../sim/seeded.ts";
import type { TestAccount } from "../../test/support/accounts.ts";
import { type Answer, ask } from "../../test/support/ask.ts";
import { simulators } from "../../test/support/simulators.ts";
import { type UsageRow, usageOf } from "../../test/support/usage.ts";
import { CHAT, MODEL } from "../wire.ts";

export interface Killing {
  readonly demo: DemoFile;
  readonly account: TestAccount;
  readonly dice: Dice;
}

export interface KilledStream {
  readonly answer: Answer;
  readonly row: UsageRow;
  /** The stream that the first origin gives to the same request when it is let live. */
  readonly unbroken: string;
  /** In the order in which origins were asked. */
  readonly entries: readonly RequestEntry[];
}

const KINDS = ["die", "die", "die", "end", "error_event", "garbage_frame"] as const;
/** A frame of the simulators is about 250 bytes long; the longest answer asked for has 150. */
const MAX_TOKENS = 150;
const MOST_BYTES = 25_000;

export async function killBatch(killing: Killing, atOnce: number): Promise<readonly KilledStream[]> {
  const { demo, dice } = killing;
  const sims = simulators(demo);
  await sims.reset();
  for (let at = 0; at < atOnce; at++) {
    await sims.fault({ kind: dice.pick(KINDS), after_bytes: 1 + dice.below(MOST_BYTES), count: 1 });
  }
  await sims.hold(true);
  const sent = Array.from({ length: atOnce }, () => send(killing));
  await untilWaiting(killing, atOnce);
  await sims.clearFaults();
  await sims.hold(false);
  const answers = await Promise.all(sent);
  const logs = await Promise.all(
    demo.simulators.map(async (place) => ({
      place,
      entries: await simulators(demo, [place.region]).requests(),
    })),
  );
  return await Promise.all(answers.map((answer) => lookUp(killing, logs, answer)));
}

const ASKS = [
  "Tell a story about a lighthouse",
  "Write a Python function to sort a list",
  "What is a rainbow?",
  "Explain how bread is made, step by step",
  "Write a SQL query that counts orders",
] as const;

function send({ demo, account, dice }: Killing): Promise<Answer> {
  const content = `${dice.pick(ASKS)} (${dice.below(1_000_000)})`;
  const isLong = dice.below(3) > 0;
  const body = {
    model: MODEL,
    stream: true,
    stream_options: { include_usage: true },
    seed: dice.below(1_000),
    max_tokens: isLong ? MAX_TOKENS : 10 + dice.below(MAX_TOKENS - 10),
    // Else a model ends by itself, mostly before its limit.
    ignore_eos: dice.below(2) === 0,
    messages: [{ role: "user", content }],
  };
  return ask({ baseUrl: demo.base_url, path: CHAT, key: account.apiKey, body });
}

const PATIENCE_MS = 20_000;
const POLL_MS = 10;

/** Every stream has come to an origin, and has its fault. */
async function untilWaiting({ demo }: Killing, atOnce: number): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const waiting = (await simulators(demo).requests()).filter(({ method }) => method === "POST");
    if (waiting.length >= atOnce) return;
    if (Date.now() > deadlineMs) throw new Error(`${waiting.length} of ${atOnce} streams came to an origin`);
    await sleep(POLL_MS);
  }
}

interface Log {
  readonly place: DemoFile["simulators"][number];
  readonly entries: readonly RequestEntry[];
}

async function lookUp(
  { demo, account }: Killing,
  logs: readonly Log[],
  answer: Answer,
): Promise<KilledStream> {
  const requestId = answer.headers.get("x-request-id") ?? "";
  const seen = logs
    .flatMap(({ place, entries }) => entries.map((entry) => ({ place, entry })))
    .filter(({ entry }) => entry.headers["x-request-id"] === requestId)
    .sort((left, right) => left.entry.started_at - right.entry.started_at);
  const [first] = seen;
  if (first === undefined) throw new Error(`no origin saw ${requestId}: ${answer.status} ${answer.text}`);
  const { entry, place } = first;
  const twin = await fetch(`${place.base_url}${entry.path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: String(entry.headers.authorization) },
    body: JSON.stringify(entry.body),
  });
  return {
    answer,
    unbroken: await twin.text(),
    entries: seen.map((each) => each.entry),
    row: await usageOf(demo, { managementKey: account.managementKey, requestId }),
  };
}
