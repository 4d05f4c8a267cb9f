// A million usage rows of one month: how long a summary and the first page of rows take, and whether admission
// feels it when somebody asks for summaries without a pause. Figures of one process: on the platform the log's
// object and the account's may run apart, here they share a thread.
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, connectClient, type Reply } from "./client.ts";
import { brokenPromise, type PartPorts, percentile, type Settings, seconds, type Table } from "./part.ts";
import { SEED_PATH, type Seeding } from "./seeding.ts";
import { openVariant, type Variant } from "./variant.ts";
import { BASE, CHAT, header, MODEL } from "./wire.ts";

/** The longest that a dashboard may wait. */
const BAR_MS = 300;
const QUESTIONS = {
  "first page of 50 rows": "/usage",
  "first page of 200 rows": "/usage?limit=200",
  "first page of one key's failures": "/usage?key=key_00000017&status=502",
  "summary by day": "/usage/summary",
  "summary by day and model": "/usage/summary?group=model",
  "summary by hour and key, all days": "/usage/summary?bucket=hour&group=key&limit=200&from=FROM",
};

export async function summaryLoad(ports: PartPorts, { usageRows }: Settings): Promise<Table> {
  const variant = await openVariant("chaos/workers/seeded-usage.ts");
  const client = connectClient(variant.baseUrl, MAX_AT_ONCE);
  try {
    await seed(ports, { variant, client, total: usageRows });
    const questions = await askAll(ports, { variant, client });
    const admissions = await compareAdmissions(ports, { variant, client });
    return [...questions, ...admissions];
  } finally {
    client.close();
    await variant.close();
  }
}

interface Scene {
  readonly variant: Variant;
  readonly client: Client;
}

/** Some three megabytes a call. */
const ROWS_PER_CALL = 5_000;
const DAYS_MS = 20 * 86_400_000;
/** A line of progress for each. */
const ROWS_PER_LINE = 100_000;

async function seed({ print, signal }: PartPorts, scene: Scene & { readonly total: number }): Promise<void> {
  const { variant, client, total } = scene;
  const startedMs = Date.now();
  const from_ms = firstRowMs();
  for (let first = 0; first < total; first += ROWS_PER_CALL) {
    signal.throwIfAborted();
    const count = Math.min(ROWS_PER_CALL, total - first);
    const account_id = variant.demo.account_id as Seeding["account_id"]; // as the router gave it
    const body: Seeding = { account_id, first, count, from_ms, to_ms: startedMs, total };
    const reply = await client.send({ path: SEED_PATH, key: variant.demo.admin_token, body });
    if (reply.json.seeded !== count) throw new Error(`seeding: ${reply.end} ${reply.status} ${reply.text}`);
    const done = first + count;
    if (done % ROWS_PER_LINE === 0) print(`${done} rows after ${seconds(Date.now() - startedMs)}`);
  }
}

/** Rows of one month lie in one object: all of them in this. */
function firstRowMs(): number {
  const now = new Date();
  return Math.max(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()), now.getTime() - DAYS_MS);
}

function pathOf(question: string): string {
  return `${BASE}${question.replace("FROM", new Date(firstRowMs()).toISOString())}`;
}

const ASKED_TIMES = 20;

async function askAll({ signal }: PartPorts, { variant, client }: Scene): Promise<Table> {
  const table: Record<string, string | number>[] = [];
  for (const [what, path] of Object.entries(QUESTIONS)) {
    const times: number[] = [];
    for (let time = 0; time < ASKED_TIMES; time++) {
      signal.throwIfAborted();
      const startedMs = performance.now();
      const reply = await client.send({ path: pathOf(path), key: variant.demo.management_key });
      times.push(performance.now() - startedMs);
      if (reply.status !== 200) throw new Error(`GET ${path}: ${reply.status} ${reply.text}`);
    }
    const [median, slowest] = [percentile(times, 0.5), Math.max(...times)];
    table.push({ what, "median ms": round(median), "slowest ms": round(slowest), "bar ms": BAR_MS });
    if (median > BAR_MS)
      throw brokenPromise("a question about usage is answered in time", { what, median, slowest });
  }
  return table;
}

const REQUESTS_PER_S = 200;
const PHASE_MS = 15_000;
/** A stall of a third of a second gathers no queue in front of the router. */
const MAX_AT_ONCE = 64;
/** Twice each, in turn: a machine that slows down meanwhile slows both. */
const PHASES = ["without", "with", "with", "without"] as const;

async function compareAdmissions(ports: PartPorts, scene: Scene): Promise<Table> {
  const replies: Record<(typeof PHASES)[number], Reply[]> = { without: [], with: [] };
  let summaries = 0;
  // Not counted: code is compiled and the escrow grown on the first requests.
  await requestsFor(ports, scene, 3_000);
  for (const phase of PHASES) {
    const asking = phase === "with" ? askSummaries(scene) : null;
    replies[phase].push(...(await requestsFor(ports, scene, PHASE_MS)));
    summaries += (await asking?.stop()) ?? 0;
    ports.print(`${phase} summaries: ${replies[phase].length} requests so far`);
  }
  const lines = Object.entries(replies).flatMap(([phase, of]) => latencyLines(phase, of));
  return [...lines, { what: "summaries answered meanwhile", value: summaries }];
}

function latencyLines(phase: string, replies: readonly Reply[]): Table {
  const good = replies.filter(({ status }) => status === 200);
  const lines = {
    admission: good.map((reply) => Number(/admit;dur=(\d+)/.exec(header(reply, "server-timing") ?? "")?.[1])),
    "whole request": good.map(({ sentAtMs, endedAtMs }) => endedAtMs - sentAtMs),
  };
  return Object.entries(lines).map(([what, times]) => ({
    what: `${what}, ${phase} summaries`,
    "median ms": percentile(times, 0.5),
    "p99 ms": percentile(times, 0.99),
    "slowest ms": Math.max(...times),
    requests: `${good.length} good of ${replies.length}`,
  }));
}

/** Sent at their time, whether earlier ones were answered or not. */
async function requestsFor(
  { signal }: PartPorts,
  { variant, client }: Scene,
  forMs: number,
): Promise<readonly Reply[]> {
  const body = { model: MODEL, max_tokens: 16, messages: [{ role: "user", content: "Admit me" }] };
  const startedMs = Date.now();
  const sent: Promise<Reply>[] = [];
  for (let n = 0; n < (forMs * REQUESTS_PER_S) / 1000; n++) {
    const dueMs = startedMs + (n * 1000) / REQUESTS_PER_S;
    if (dueMs > Date.now()) await sleep(dueMs - Date.now(), undefined, { signal });
    sent.push(client.send({ path: CHAT, key: variant.demo.api_key, body }));
  }
  return await Promise.all(sent);
}

function askSummaries({ variant }: Scene): { stop(): Promise<number> } {
  // A connection of its own: it must not queue behind the requests.
  const client = connectClient(variant.baseUrl, 1);
  let isStopped = false;
  const loop = async (): Promise<number> => {
    let answered = 0;
    while (!isStopped) {
      const path = pathOf(QUESTIONS["summary by hour and key, all days"]);
      const { status } = await client.send({ path, key: variant.demo.management_key });
      if (status === 200) answered++;
    }
    client.close();
    return answered;
  };
  const ended = loop();
  return {
    stop: () => {
      isStopped = true;
      return ended;
    },
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
