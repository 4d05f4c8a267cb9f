// One thread of the flood: connections that each ask again and again at a fixed pace, whatever they are told.
// It reports who was let in and counts the others; what that means is not its business.
import { parentPort, workerData } from "node:worker_threads";
import { connectClient } from "../client.ts";
import { CHAT, errorCode, header, MODEL } from "../wire.ts";
import type { Let } from "./flood.ts";

export interface FloodOrder {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly connections: number;
  /** Of each connection. */
  readonly everyMs: number;
  readonly forMs: number;
}

export interface FloodReport {
  readonly admitted: readonly Let[];
  readonly refused: Readonly<Record<string, number>>;
}

// Who starts the thread writes the order.
const order = workerData as FloodOrder;
const client = connectClient(order.baseUrl, order.connections);
const admitted: Let[] = [];
const refused: Record<string, number> = {};
const endMs = Date.now() + order.forMs;

await Promise.all(Array.from({ length: order.connections }, (_, at) => askOnAndOn(at)));
client.close();
parentPort?.postMessage({ admitted, refused } satisfies FloodReport);

async function askOnAndOn(at: number): Promise<void> {
  // Spread over one period, so that the flood is even.
  let dueMs = Date.now() + (at * order.everyMs) / order.connections;
  while (dueMs < endMs) {
    await new Promise((resolve) => setTimeout(resolve, dueMs - Date.now()));
    await askOnce();
    dueMs = Math.max(dueMs + order.everyMs, Date.now());
  }
}

async function askOnce(): Promise<void> {
  const body = { model: MODEL, max_tokens: 1, messages: [{ role: "user", content: "Let me in" }] };
  const reply = await client.send({ path: CHAT, key: order.apiKey, body });
  if (reply.status === 200) {
    const { sentAtMs, endedAtMs } = reply;
    admitted.push({ requestId: header(reply, "x-request-id") ?? "", fromMs: sentAtMs, toMs: endedAtMs });
    return;
  }
  const why = errorCode(reply) ?? `${reply.status} ${reply.end}`;
  refused[why] = (refused[why] ?? 0) + 1;
}
