// The contract of a dialect: an API shape that callers speak. A row translates between its JSON and the
// Inference; it knows nothing of keys, money, origins or other dialects.
import type { RouterError } from "../domain/errors.ts";
import type { DecisionId, RequestId } from "../domain/ids.ts";
import type { Inference, Wire } from "../domain/inference.ts";
import type { Profile } from "../domain/route.ts";
import type { Usage } from "../domain/usage.ts";

export interface Dialect {
  readonly name: string;
  /** Mounted under each of these. */
  readonly bases: readonly string[];
  readonly endpoints: readonly Endpoint[];
  readonly renderError: (error: RouterError, requestId: RequestId) => RenderedError;
}

export interface RenderedError {
  readonly status: number;
  readonly body: unknown;
}

export interface Endpoint {
  /** Below the dialect's base. */
  readonly path: string;
  /** Equal to an origin kind's wire: frames are spliced in place. */
  readonly wire: Wire;
  readonly maxBodyBytes: number;
  /** @throws RouterError 400 with `param`. */
  readonly parse: (body: unknown, headers: Headers) => Inference;
  /** The origin's whole answer with our id and model; every other byte stays. */
  readonly renderWhole: (text: string, stamp: Stamp) => string;
  /** One event of the stream with our id and model; every other byte stays. */
  readonly renderFrame: (text: string, stamp: Stamp) => string;
  /** First event of a smart-routed stream. */
  readonly renderRoutingEvent: (stamp: Stamp, facts: RoutingFacts) => string;
  /** The usage event, for callers who asked for one where the origin sent none. */
  readonly renderUsage: (stamp: Stamp, usage: Usage) => string;
  /** Last event of a stream that failed. */
  readonly renderStreamError: (error: RouterError, requestId: RequestId) => string;
  /** Data of the event that ends a good stream. */
  readonly terminal: string;
}

/** What the router puts over the origin's own words. */
export interface Stamp {
  readonly id: string;
  /** Catalog id of the model that answers. */
  readonly model: string;
  /** Seconds since the epoch. */
  readonly createdS: number;
}

export interface RoutingFacts {
  readonly profile: Profile;
  readonly region: string;
  readonly reason: string;
  readonly decisionId: DecisionId;
  readonly routingTimeMs: number;
}
