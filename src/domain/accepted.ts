// A request that was let in: everything the steps behind admission need, decided once.
import type { LimitsLeft, Reservation } from "./account-commands.ts";
import type { RequestId } from "./ids.ts";
import type { Inference } from "./inference.ts";
import type { Caller } from "./key.ts";
import type { Route } from "./route.ts";

export interface Accepted {
  readonly requestId: RequestId;
  readonly caller: Caller;
  readonly inference: Inference;
  readonly route: Route;
  readonly reservation: Reservation;
  readonly limits: LimitsLeft;
  readonly traceparent: string | null;
  /** The caller's own name for the request, checked; null without one. */
  readonly clientRequestId: string | null;
  readonly clock: Clock;
}

/** Milliseconds since the epoch at which each step of the line ended. */
export interface Clock {
  readonly receivedAtMs: number;
  readonly authenticatedAtMs: number;
  readonly parsedAtMs: number;
  readonly routedAtMs: number;
  readonly admittedAtMs: number;
}
