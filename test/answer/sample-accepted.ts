// A request that was let in, with every field filled in, for tests to change in one place each.
import type { Accepted } from "../../src/domain/accepted.ts";
import type { AccountId, KeyId, RequestId, ReservationId } from "../../src/domain/ids.ts";
import { sampleInference, sampleRoute, sampleTarget } from "../domain/sample-target.ts";

export const TARGET = sampleTarget({ model: { context_length: 1_000, max_output_tokens: 200 } });
export const PLACE = "/v1/chat/completions k-1";
export const SAMPLE_ACCOUNT = "acct_00000000001" as AccountId;

export function sampleAccepted(fields: Partial<Accepted> = {}): Accepted {
  return {
    requestId: "req_0000000000000000000001" as RequestId,
    caller: {
      accountId: SAMPLE_ACCOUNT,
      jurisdiction: "none",
      by: "key",
      keyId: "key_1" as KeyId,
      proofs: [],
    },
    inference: sampleInference(),
    route: sampleRoute([sampleTarget()]),
    reservation: { id: 1 as ReservationId, heldMicroUsd: 1_000_000, leaseMs: 60_000 },
    limits: {},
    queueDepth: 0,
    dialect: "openai",
    path: "/v1/chat/completions",
    traceparent: null,
    clientRequestId: null,
    idempotencyPlace: null,
    cachePlace: null,
    textJurisdiction: "eu",
    clock: startedAgo(0),
    ...fields,
  };
}

/** Let in as long ago: what origins say of their GPUs is believed within that time. */
export function startedAgo(ms: number): Accepted["clock"] {
  const atMs = Date.now() - ms;
  return {
    receivedAtMs: atMs,
    authenticatedAtMs: atMs,
    parsedAtMs: atMs,
    routedAtMs: atMs,
    admittedAtMs: atMs,
  };
}
