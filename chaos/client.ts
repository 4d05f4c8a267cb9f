// A caller on a fixed number of kept connections, who may walk away in the middle of an answer. Connections that
// break are an outcome here, not an error: whoever is killed answers nobody.
import { Agent, type IncomingMessage, request } from "node:http";
import { type Json, parseJson, recordOf } from "../src/lib/record.ts";

export interface Client {
  send(call: Call): Promise<Reply>;
  /** Breaks what is under way. */
  close(): void;
}

export interface Call {
  readonly path: string;
  readonly key: string;
  /** POST where there is a body, else GET. */
  readonly method?: string;
  readonly body?: object;
  readonly leave?: Leave;
}

/** `FIN` is the polite way, `RST` the other. */
export interface Leave {
  readonly afterMs: number;
  readonly how: "FIN" | "RST";
}

export interface Reply {
  /** `left`: as the call asked; `broken`: the connection, before the answer was whole. */
  readonly end: "whole" | "left" | "broken";
  /** 0 where not even the headers came. */
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  /** Of the text; empty where that is no JSON object. */
  readonly json: Json;
  /** By the clock that the router reads too. */
  readonly sentAtMs: number;
  readonly endedAtMs: number;
}

/** Longer than any answer here takes; who hangs longer counts as broken. */
const PATIENCE_MS = 30_000;

export function connectClient(baseUrl: string, connections: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    send: (call) => send(baseUrl, agent, call),
    close: () => agent.destroy(),
  };
}

function send(baseUrl: string, agent: Agent, call: Call): Promise<Reply> {
  const sentAtMs = Date.now();
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const method = call.method ?? (body === undefined ? "GET" : "POST");
  const headers = { authorization: `Bearer ${call.key}`, "content-type": "application/json" };
  return new Promise((resolve) => {
    const sent = request(baseUrl, { agent, method, path: call.path, headers, timeout: PATIENCE_MS });
    let answer: IncomingMessage | null = null;
    const pieces: Buffer[] = [];
    let hasLeft = false;
    const { leave } = call;
    const leaveTimer = leave === undefined ? undefined : setTimeout(walkAway, leave.afterMs);
    function walkAway(): void {
      hasLeft = true;
      if (leave?.how === "RST") sent.socket?.resetAndDestroy();
      sent.destroy();
    }
    sent.on("response", (response) => {
      answer = response;
      response.on("data", (bytes: Buffer) => pieces.push(bytes));
      // Told by `close` and `complete`.
      response.on("error", () => undefined);
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => undefined);
    sent.on("close", () => {
      clearTimeout(leaveTimer);
      resolve(replyOf({ answer, pieces, hasLeft, sentAtMs }));
    });
    sent.end(body);
  });
}

interface Received {
  readonly answer: IncomingMessage | null;
  readonly pieces: readonly Buffer[];
  readonly hasLeft: boolean;
  readonly sentAtMs: number;
}

function replyOf({ answer, pieces, hasLeft, sentAtMs }: Received): Reply {
  const text = Buffer.concat(pieces).toString("utf8");
  const isWhole = answer?.complete === true;
  return {
    end: isWhole ? "whole" : hasLeft ? "left" : "broken",
    status: answer?.statusCode ?? 0,
    headers: answer?.headers ?? {},
    text,
    json: recordOf(parseJson(text)),
    sentAtMs,
    endedAtMs: Date.now(),
  };
}
