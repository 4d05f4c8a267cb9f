// A simulated region: one HTTP server that speaks vLLM's OpenAI wire under /v1, Hugging Face's task wire
// under /hf and that of text-embeddings-inference under /tei. But for the admin endpoint, whoever calls it
// cannot tell it from GPUs.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ADMIN_PREFIX, converse } from "./converse.ts";
import { deliverPlain } from "./deliver.ts";
import { internalError } from "./refusals.ts";
import { createRegionState, type RegionPlan, type RegionState } from "./region-state.ts";
import { logRequest } from "./request-log.ts";
import type { Exchange } from "./wire.ts";

export type { SimModel } from "./served.ts";

export interface RegionOptions extends RegionPlan {
  /** 0: any free port. */
  readonly port: number;
  readonly host?: string;
}

export interface RunningRegion {
  readonly region: string;
  readonly port: number;
  /** Of vLLM's endpoints; `hf-tasks` origins use the same port with /hf instead of /v1. */
  readonly baseUrl: string;
  readonly adminUrl: string;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

/** Rejects with the system's error: `code` is EADDRINUSE when the port is taken. */
export async function startRegion(options: RegionOptions): Promise<RunningRegion> {
  const state = createRegionState(options, Date.now());
  const server = createServer((request, response) => void accept(state, request, response));
  // Longer than any client pools idle connections: else their reuse would race with our close.
  server.keepAliveTimeout = 75_000;
  const host = options.host ?? "127.0.0.1";
  const port = await listen(server, options.port, host);
  const root = `http://${host}:${port}`;
  return {
    region: options.region,
    port,
    baseUrl: `${root}/v1`,
    adminUrl: `${root}${ADMIN_PREFIX}`,
    close: () => close(server),
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      // A server that listens on TCP has an address object; only pipes have text, only closed ones null.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function accept(state: RegionState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const exchange = openExchange(state, request, response);
  try {
    await converse(state, exchange);
  } catch (error) {
    // A client that left while it was being read is its own business; anything else is ours.
    if (exchange.signal.aborted || request.destroyed) return;
    console.error(`region ${state.region}: ${error instanceof Error ? error.stack : error}`);
    if (response.headersSent) response.destroy();
    else await deliverPlain(exchange, internalError("vllm"));
  }
}

function openExchange(state: RegionState, request: IncomingMessage, response: ServerResponse): Exchange {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const isAdmin = path.startsWith(`${ADMIN_PREFIX}/`);
  const head = { method: request.method ?? "GET", path, headers: request.headers, started_at: Date.now() };
  const entry = logRequest(isAdmin ? { entries: [] } : state.log, head);
  const ending = new AbortController();
  response.on("close", () => {
    entry.ended_at = Date.now();
    entry.outcome = response.writableFinished ? "completed" : "aborted";
    ending.abort();
  });
  return { request, response, entry, signal: ending.signal };
}
