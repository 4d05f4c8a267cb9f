// An origin on bare sockets that answers as it is told, byte by byte, and counts who is still connected: for what
// no HTTP server would do. Lists of models and health pages it answers as a good one, so that only work meets faults.
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parseJson, recordOf } from "../../src/lib/record.ts";
import type { Mode } from "./case.ts";

/** What is written to one connection, and how it ends. */
export interface HostileAnswer {
  /** The head is part of it. Each piece is a segment of its own. */
  readonly bytes: () => Iterable<string | Uint8Array>;
  /** `hold`: open and silent until the peer leaves. */
  readonly end: "fin" | "rst" | "hold";
  /** Before the first byte. */
  readonly afterMs?: number;
  /** Between two pieces; 0 without. */
  readonly apartMs?: number;
}

export interface HostileCall {
  readonly requestId: string;
  readonly model: string;
  readonly startedAtMs: number;
  endedAtMs: number | null;
  bytesSent: number;
}

export interface HostileOrigin {
  readonly port: number;
  readonly calls: readonly HostileCall[];
  /** From now on, to every request for this model; null: it is asked to answer well. */
  answer(model: string, script: HostileAnswer | null): void;
  /** Connections are refused, until `listen`. */
  refuse(): Promise<void>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

interface Place {
  readonly calls: HostileCall[];
  readonly sockets: Set<Socket>;
  readonly scripts: Map<string, HostileAnswer>;
  readonly models: readonly string[];
  /** To a request without a script. */
  readonly good: (mode: Mode) => HostileAnswer;
}

export async function startHostileOrigin(
  models: readonly string[],
  good: Place["good"],
): Promise<HostileOrigin> {
  const place: Place = { calls: [], sockets: new Set(), scripts: new Map(), models, good };
  const server = createServer((socket) => {
    place.sockets.add(socket);
    socket.on("close", () => place.sockets.delete(socket));
    // How a peer leaves is noticed by `close`.
    socket.on("error", () => undefined);
    void converse(place, socket);
  });
  await listenOn(server, 0);
  // A server that listens on TCP has an address object.
  const { port } = server.address() as AddressInfo;
  const refuse = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of place.sockets) socket.resetAndDestroy();
    await closed;
  };
  return {
    port,
    calls: place.calls,
    answer(model, script) {
      if (script === null) place.scripts.delete(model);
      else place.scripts.set(model, script);
    },
    refuse,
    listen: async () => {
      if (!server.listening) await listenOn(server, port);
    },
    close: refuse,
  };
}

async function listenOn(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}

/** One request a connection. */
async function converse(place: Place, socket: Socket): Promise<void> {
  const asked = await readRequest(socket);
  if (asked === null) return;
  if (asked.method === "GET") {
    socket.end(pageFor(asked.path, place.models));
    return;
  }
  const { model, stream } = recordOf(parseJson(asked.body));
  const call: HostileCall = {
    requestId: /^x-request-id: (\S+)/im.exec(asked.head)?.[1] ?? "",
    model: String(model),
    startedAtMs: Date.now(),
    endedAtMs: null,
    bytesSent: 0,
  };
  place.calls.push(call);
  socket.on("close", () => {
    call.endedAtMs = Date.now();
  });
  await play(
    socket,
    call,
    place.scripts.get(call.model) ?? place.good(stream === true ? "streamed" : "whole"),
  );
}

/** More than any request of these runs. */
const MAX_REQUEST_BYTES = 1_000_000;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly head: string;
  readonly body: string;
}

function readRequest(socket: Socket): Promise<Asked | null> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("close", () => resolve(null));
    socket.on("data", (bytes) => {
      if (text.length > MAX_REQUEST_BYTES) return;
      text += bytes.toString("latin1");
      const asked = wholeRequest(text);
      if (asked !== null) resolve(asked);
    });
  });
}

function wholeRequest(text: string): Asked | null {
  const at = text.indexOf("\r\n\r\n");
  if (at === -1) return null;
  const head = text.slice(0, at);
  const body = text.slice(at + 4);
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  if (body.length < length) return null;
  const [method = "", path = ""] = head.split(" ", 2);
  return { method, path, head, body: Buffer.from(body, "latin1").toString() };
}

function pageFor(path: string, models: readonly string[]): string {
  const data = models.map((id) => ({ id, object: "model" }));
  const body = path.endsWith("/models") ? JSON.stringify({ object: "list", data }) : "";
  return headOf(200, { "content-type": "application/json", "content-length": String(body.length) }) + body;
}

export function headOf(status: number, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ ...headers, connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `${[`HTTP/1.1 ${status} Said`, ...lines].join("\r\n")}\r\n\r\n`;
}

/** A reset overtakes bytes that the peer has not read. */
const BEFORE_RESET_MS = 20;

async function play(socket: Socket, call: HostileCall, answer: HostileAnswer): Promise<void> {
  const { bytes, end, afterMs = 0, apartMs = 0 } = answer;
  const gone = new AbortController();
  socket.on("close", () => gone.abort());
  await pause(afterMs, gone.signal);
  for (const piece of bytes()) {
    if (gone.signal.aborted) return;
    call.bytesSent += piece.length;
    if (!socket.write(piece)) await drained(socket, gone.signal);
    if (apartMs > 0) await pause(apartMs, gone.signal);
  }
  switch (end) {
    case "fin":
      socket.end();
      return;
    case "rst":
      await pause(BEFORE_RESET_MS, gone.signal);
      socket.resetAndDestroy();
      return;
    case "hold":
  }
}

/** Or the peer has left. */
function drained(socket: Socket, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done);
      gone.removeEventListener("abort", done);
      resolve();
    };
    socket.on("drain", done);
    gone.addEventListener("abort", done);
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Cut short when the peer leaves.
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
}
