// Callers who read a kilobyte a second of an answer of 50 MB: the origin must wait, not the router's memory.
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "../support/ask.ts";
import { catalogFile } from "../support/catalog-file.ts";
import { chunk } from "../support/foreign-origin.ts";
import { startServer, type TestServer } from "../support/server.ts";

const MODEL = "ours/talker";
const EVENT = `data: ${chunk({ delta: { content: "x".repeat(1_000) }, finish_reason: null })}\n\n`;
const ANSWER_BYTES = 50_000_000;
/** What the kernel holds of either connection comes on top of it, and is bounded by its own limits. */
const MOST_BYTES = 20_000_000;
const REQUEST = { model: MODEL, stream: true, messages: [{ role: "user", content: "Talk" }] };

let server: TestServer;
/** Of each answer, in order. */
const sentBytes: number[] = [];
const origin = createServer((asked, answer) => {
  asked.resume().on("end", () => {
    if (asked.method === "POST") void talk(answer);
    else answer.writeHead(404).end();
  });
});
let removeCatalog = () => {};

async function talk(answer: ServerResponse): Promise<void> {
  answer.writeHead(200, { "content-type": "text/event-stream" });
  const closed = once(answer, "close");
  const mine = sentBytes.push(0) - 1;
  for (let sent = 0; sent < ANSWER_BYTES && !answer.destroyed; sent += EVENT.length) {
    sentBytes[mine] = sent;
    if (answer.write(EVENT)) continue;
    const drained = new Promise((resolve) => answer.once("drain", resolve));
    await Promise.race([drained, closed]);
  }
  answer.end();
}

beforeAll(async () => {
  origin.listen(0, "127.0.0.1");
  await once(origin, "listening");
  // A server that listens on TCP has an address object.
  const { port } = origin.address() as AddressInfo;
  const price = { input_per_mtok: 1, output_per_mtok: 2 };
  const catalog = catalogFile({
    regions: [{ id: "here" }],
    models: [{ id: MODEL, task: "text-generation", price }],
    origins: [
      {
        id: "here-1",
        region: "here",
        kind: "openai-compatible",
        base_url: `http://127.0.0.1:${port}/v1`,
        features: ["continue_final_message"],
        serves: [{ model: MODEL }],
      },
    ],
  });
  removeCatalog = catalog.remove;
  server = await startServer({ env: { SIM: "off", CATALOG_FILE: catalog.path } });
});
afterAll(async () => {
  await server.stop();
  origin.closeAllConnections();
  origin.close();
  removeCatalog();
});

/** One kilobyte at each `resume`, and nothing of the process's own behind it. */
function slowCaller(): Socket {
  const { hostname, port } = new URL(server.baseUrl);
  const onread = { buffer: Buffer.alloc(1_000), callback: () => false };
  const socket = connect({ port: Number(port), host: hostname, onread });
  const body = JSON.stringify(REQUEST);
  const head = [
    "POST /v1/chat/completions HTTP/1.1",
    "host: router",
    `authorization: Bearer ${server.demo.api_key}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  return socket;
}

/** Of the runtime, a child of the router's process; null where the system has no /proc. */
function residentBytes(): number | null {
  for (const id of processIds()) {
    const status = statusOf(id);
    const isOurs = status.includes("Name:\tworkerd") && ancestorsOf(id).includes(String(server.demo.pid));
    if (isOurs) return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1_024;
  }
  return null;
}

function processIds(): readonly string[] {
  return readdirSync("/", { encoding: "utf8" }).includes("proc")
    ? readdirSync("/proc", { encoding: "utf8" }).filter((name) => /^\d+$/.test(name))
    : [];
}

/** Empty for a process that has ended meanwhile. */
function statusOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/status`, "utf8");
  } catch {
    return "";
  }
}

/** A tree of processes is no deeper. */
const MOST_ANCESTORS = 8;

function ancestorsOf(id: string): readonly string[] {
  const found: string[] = [];
  for (let at = id; found.length < MOST_ANCESTORS && Number(at) > 1; ) {
    at = /PPid:\s+(\d+)/.exec(statusOf(at))?.[1] ?? "0";
    found.push(at);
  }
  return found;
}

const SECONDS = 6;
/** Several, so that what the heap takes for its own convenience is shared by them. */
const READERS = 4;

test("an answer of 50 MB to a reader of 1 kB/s takes less than 20 MB", { timeout: 90_000 }, async () => {
  // Readers in a hurry first: what the runtime's heap grows to by itself is not what slow ones cost.
  for (let n = 0; n < 3; n++) {
    const { text } = await ask({
      baseUrl: server.baseUrl,
      path: "/v1/chat/completions",
      key: server.demo.api_key,
      headers: { connection: "close" },
      body: REQUEST,
    });
    expect(text.length).toBeGreaterThan(ANSWER_BYTES);
  }
  const before = residentBytes();
  const hurried = sentBytes.length;
  const slow = Array.from({ length: READERS }, slowCaller);
  let most = 0;
  for (let second = 0; second < SECONDS; second++) {
    await sleep(1_000);
    for (const socket of slow) socket.resume();
    most = Math.max(most, residentBytes() ?? 0);
  }
  const taken = sentBytes.slice(hurried);
  for (const socket of slow) socket.destroy();
  for (const { bytesRead } of slow) expect(bytesRead).toBeLessThanOrEqual((SECONDS + 1) * 1_000);
  expect(taken).toHaveLength(READERS);
  for (const bytes of taken) expect(bytes).toBeLessThan(MOST_BYTES);
  if (before !== null) expect((most - before) / READERS).toBeLessThan(MOST_BYTES);
});
