// What every route sees of a request besides the request itself. Mentions Hono so that handlers need not
// build their own types; holds no logic.
import type { Context, Hono } from "hono";
import type { RequestId } from "./domain/ids.ts";
import type { Ports } from "./domain/ports.ts";
import type { Env } from "./env.ts";

export interface HttpEnv {
  readonly Bindings: Env;
  readonly Variables: {
    readonly ports: Ports;
    readonly requestId: RequestId;
    readonly receivedAtMs: number;
  };
}

export type Http = Hono<HttpEnv>;
export type HttpContext = Context<HttpEnv>;
