// The contract of an origin kind: how one sort of server is called and what its answers mean. A kind knows
// its server's JSON and nothing of callers, money or retries. Answers are read lenient and minimal.
import type { OriginKind, Target } from "../../domain/catalog.ts";
import type { Failure, Frame } from "../../domain/frame.ts";
import type { Inference, Wire } from "../../domain/inference.ts";
import type { UsageReport } from "../../domain/usage.ts";
import type { Json } from "../../lib/record.ts";

export interface Kind {
  readonly name: OriginKind;
  readonly wires: readonly Wire[];
  /** Why this kind can never say such a request, retryable: another kind may. null: it can. */
  readonly refusalOf: (call: Call) => Failure | null;
  readonly toRequest: (call: Call) => OriginRequest;
  /** One reader a stream; `nowS` dates the frames of servers that do not. */
  readonly frameReader: (call: Call, nowS: number) => (data: string) => Frame;
  readonly readWhole: (answer: GoodAnswer, call: Call) => Whole | Failure;
  readonly readFailure: (answer: FailedAnswer) => Failure;
  /** Whether the origin serves this name now; `status` is that of GET `toProbe`. */
  readonly toProbe: (target: Target, secret: string | null) => OriginRequest;
  readonly readProbe: (target: Target, answer: FailedAnswer) => Readiness;
}

export type Readiness = "ready" | "loading" | "unavailable";

/** One attempt's call, fully decided. */
export interface Call {
  readonly target: Target;
  readonly inference: Inference;
  /** Per choice; null for wires without output. */
  readonly maxOutputTokens: number | null;
  readonly secret: string | null;
  readonly requestId: string;
  readonly traceparent: string | null;
}

export interface OriginRequest {
  readonly url: string;
  readonly init: RequestInit;
  /** Goes through the Workers AI binding instead of the network; the URL then only names it. */
  readonly workersAi?: WorkersAiCall;
}

export interface WorkersAiCall {
  readonly model: string;
  /** null: nothing is asked but whether the binding is there. */
  readonly inputs: Json | null;
}

/** A whole answer of a 2xx status. */
export interface GoodAnswer {
  readonly bytes: Uint8Array;
  readonly headers: Headers;
  /** Dates the answers of servers that do not. */
  readonly nowS: number;
}

/** A whole answer that is good: its text goes on, its counts are billed. */
export interface Whole {
  readonly kind: "whole";
  /** Of the request's wire; on "tasks" the JSON of a TaskResult. */
  readonly text: string;
  /** null when the origin reports none. */
  readonly usage: UsageReport | null;
  /** Output tokens guessed from the length of what was written, for answers without a count. */
  readonly guessedOutputTokens: number;
  /** Choices that came to their end; 0 on wires without any. */
  readonly finishedChoices: number;
}

export interface FailedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}
