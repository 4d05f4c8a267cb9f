// What an endpoint decides to say, before any of it is written: status, body or frames, and the
// work a GPU would have with it. Pure values; timing and faults are laid over them at the edge.
import type { Work } from "./gpu.ts";
import type { JsonObject } from "./json-object.ts";

type FrameKind = "role" | "content" | "finish" | "usage" | "done" | "broken";

/** One event of a stream. */
export interface Frame {
  readonly kind: FrameKind;
  /** An object is sent as JSON, a text as it stands. */
  readonly payload: JsonObject | string;
  /** Output tokens in it. */
  readonly tokens: number;
  /** Decode steps the GPU takes before it: the choices of one step share it. */
  readonly steps: number;
}

/** Work of one engine. */
export interface EngineWork extends Work {
  readonly servedAs: string;
}

export interface WholeAnswer {
  readonly kind: "whole";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly tokens: number;
  /** null: no GPU is needed, as for refusals and lists. */
  readonly work: EngineWork | null;
}

export interface StreamAnswer {
  readonly kind: "stream";
  /** Starts anew at each call, so that a fault may measure a stream before it is sent. */
  readonly frames: () => Iterable<Frame>;
  readonly work: EngineWork;
}

export type Answer = WholeAnswer | StreamAnswer;

/** A value, or the answer that refuses the request. */
export type Parsed<Value> = { readonly ok: true; readonly value: Value } | Refused;
export interface Refused {
  readonly ok: false;
  readonly answer: WholeAnswer;
}

export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): WholeAnswer {
  return {
    kind: "whole",
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
    tokens: 0,
    work: null,
  };
}

export function textAnswer(status: number, text: string, contentType: string): WholeAnswer {
  return {
    kind: "whole",
    status,
    headers: { "content-type": contentType },
    body: text,
    tokens: 0,
    work: null,
  };
}
