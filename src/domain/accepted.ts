// A request that was let in: everything the steps behind admission need, decided once.
import type { LimitsLeft, Reservation } from "./account-commands.ts";
import type { RequestId } from "./ids.ts";
import type { Inference } from "./inference.ts";
import type { Caller, Jurisdiction } from "./key.ts";
import type { Route } from "./route.ts";

export interface Accepted {
  readonly requestId: RequestId;
  readonly caller: Caller;
  readonly inference: Inference;
  readonly route: Route;
  readonly reservation: Reservation;
  readonly limits: LimitsLeft;
  /** Requests of the account under way when this one was let in. */
  readonly queueDepth: number;
  readonly dialect: string;
  /** Path below the host. */
  readonly path: string;
  readonly traceparent: string | null;
  /** The caller's own name for the request, checked; null without one. */
  readonly clientRequestId: string | null;
  /** Of the Idempotency-Key; null without one. */
  readonly idempotencyPlace: string | null;
  /** The request's name in the response cache; null where it does not use it. */
  readonly cachePlace: string | null;
  /** Where texts of this request may be stored: the pinned region's, else the account's. */
  readonly textJurisdiction: Jurisdiction;
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
