// Three threads with 32 connections each at ten times an account's limit: seen from both sides, no sliding minute
// ever lets more in than the limit, and none lets in noticeably less.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { connectClient } from "../client.ts";
import { brokenPromise, type PartPorts, type Table } from "../part.ts";
import { BASE, walk } from "../wire.ts";
import type { FloodOrder, FloodReport } from "./flood-thread.ts";
import { mostWithin, type Span } from "./most-within.ts";
import { openLimited, type Place } from "./place.ts";

/** A request that was let in, and when it was sent and answered. */
export interface Let extends Span {
  readonly requestId: string;
}

const THREADS = 3;
const CONNECTIONS = 32;
const TIMES_THE_LIMIT = 10;
const MINUTE_MS = 60_000;
/** Room comes at the latest this long after what it replaces. */
const WINDOW_S = 61;

export interface FloodPlan {
  readonly rpm: number;
  readonly forMs: number;
}

export async function flood(ports: PartPorts, place: Place, plan: FloodPlan): Promise<Table> {
  const account = await openLimited(place.demo, plan.rpm);
  const everyMs = (THREADS * CONNECTIONS * MINUTE_MS) / (plan.rpm * TIMES_THE_LIMIT);
  const order = {
    baseUrl: place.baseUrl,
    apiKey: account.apiKey,
    connections: CONNECTIONS,
    everyMs,
    forMs: plan.forMs,
  };
  const reports = await Promise.all(Array.from({ length: THREADS }, () => runThread(ports, order)));
  const admitted = reports.flatMap((report) => report.admitted);
  const rows = await rowsOf(place, account.managementKey, admitted.length);
  const facts = { ...plan, refused: refusedBy(reports) };
  const views = { "by clients' clocks": admitted, "by usage rows": rows };
  for (const [view, spans] of Object.entries(views)) checkView(view, spans, { ...plan, facts });
  checkSame(admitted, rows);
  return [
    { what: "limit per minute", value: plan.rpm },
    { what: "asked for", value: `${plan.forMs / 1000} s` },
    { what: "admitted", value: admitted.length },
    { what: "at least", value: leastOf(plan) },
    { what: "most in any 60 s, clients", value: mostWithin(admitted, MINUTE_MS) },
    { what: "most in any 60 s, rows", value: mostWithin(rows, MINUTE_MS) },
    ...Object.entries(facts.refused).map(([code, count]) => ({ what: `refused: ${code}`, value: count })),
  ];
}

function leastOf({ rpm, forMs }: FloodPlan): number {
  return rpm * Math.floor(forMs / 1000 / WINDOW_S + 1);
}

function checkView(
  view: string,
  spans: readonly Span[],
  { facts, ...plan }: FloodPlan & { facts: object },
): void {
  const most = mostWithin(spans, MINUTE_MS);
  if (most > plan.rpm) {
    throw brokenPromise("no sliding minute lets in more than the limit", { view, most, ...facts });
  }
  if (spans.length < leastOf(plan)) {
    const promise = "whoever keeps asking is let in as often as the limit says";
    throw brokenPromise(promise, { view, admitted: spans.length, least: leastOf(plan), ...facts });
  }
}

/** Every answer has its row, and every row its answer. */
function checkSame(admitted: readonly Let[], rows: readonly Let[]): void {
  const missing = [...strangers(admitted, rows), ...strangers(rows, admitted)];
  if (missing.length === 0) return;
  const facts = { admitted: admitted.length, rows: rows.length, missing: missing.slice(0, SHOWN_IDS) };
  throw brokenPromise("usage rows and answers are of the same requests", facts);
}

const SHOWN_IDS = 20;

function strangers(those: readonly Let[], others: readonly Let[]): readonly string[] {
  const known = new Set(others.map(({ requestId }) => requestId));
  return those.map(({ requestId }) => requestId).filter((id) => !known.has(id));
}

function refusedBy(reports: readonly FloodReport[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const [code, count] of reports.flatMap(({ refused }) => Object.entries(refused))) {
    sums[code] = (sums[code] ?? 0) + count;
  }
  return sums;
}

async function runThread({ signal }: PartPorts, order: FloodOrder): Promise<FloodReport> {
  const thread = new Worker(join(import.meta.dirname, "flood-thread.ts"), { workerData: order });
  const end = () => void thread.terminate();
  signal.addEventListener("abort", end);
  try {
    return await new Promise((resolve, reject) => {
      thread.once("message", resolve);
      thread.once("error", reject);
      thread.once("exit", () => reject(new Error("a thread of the flood ended without its report")));
    });
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Rows come within two seconds of the end. */
const ROWS_PATIENCE_MS = 5_000;
const POLL_MS = 200;

/** The server's own view: received at `created_at`, let in at most `overhead_ms` later. */
async function rowsOf({ baseUrl }: Place, key: string, expected: number): Promise<readonly Let[]> {
  const client = connectClient(baseUrl, 1);
  const deadlineMs = Date.now() + ROWS_PATIENCE_MS;
  try {
    for (;;) {
      const rows = await walk(client, `${BASE}/usage`, key);
      if (rows.length >= expected || Date.now() > deadlineMs) {
        return rows.map((row) => {
          const fromMs = Date.parse(String(row.created_at));
          return { requestId: String(row.request_id), fromMs, toMs: fromMs + Number(row.overhead_ms) };
        });
      }
      await sleep(POLL_MS);
    }
  } finally {
    client.close();
  }
}
