// Calls the router's own public API, as any operator would. It knows how to ask, not what for.
import { fault } from "./fault.ts";
import { isRecord } from "./secrets.ts";

export interface Call {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly bearer: string;
  readonly body?: unknown;
}

export interface Reply {
  readonly status: number;
  /** Parsed JSON; the text where it is none. */
  readonly body: unknown;
}

export type Api = (call: Call) => Promise<Reply>;

// A local call takes milliseconds; the first one loads the whole Worker on a busy machine.
const PATIENCE_MS = 10_000;

export function connectApi(baseUrl: string): Api {
  return async ({ method, path, bearer, body }) => {
    const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`${baseUrl}${path}`, { method, headers, signal, ...payload });
    return { status: response.status, body: parse(await response.text()) };
  };
}

/** One text field of an answer that must have succeeded. */
export function textField({ status, body }: Reply, name: string): string {
  const value = isRecord(body) ? body[name] : undefined;
  if (status >= 200 && status < 300 && typeof value === "string") return value;
  throw unexpected({ status, body }, `no ${name}`);
}

export function expectSuccess(reply: Reply): void {
  if (reply.status < 200 || reply.status >= 300) throw unexpected(reply, "refused");
}

function unexpected({ status, body }: Reply, what: string): Error {
  return fault(
    `The router answered ${status} to its own set-up (${what}): ${JSON.stringify(body)?.slice(0, 500)}`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
