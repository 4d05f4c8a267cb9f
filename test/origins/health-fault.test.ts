import { describe, expect, it } from "vitest";
import type { Failure } from "../../src/domain/frame.ts";
import { faultOf } from "../../src/origins/health-fault.ts";

const TRIED = { sentAtMs: 1_000, endedAtMs: 1_200 };

function kindOf(failure: Partial<Failure>): string | null {
  const whole = { code: "upstream_failed", message: "", isRetryable: true, status: null, retryAfterMs: null };
  return faultOf({ ...whole, ...failure } as Failure, TRIED)?.kind ?? null; // codes below are real ones
}

describe("what a failed attempt says of its origin", () => {
  it.each([
    ["refused", { code: "upstream_failed", status: null }],
    ["silent", { code: "upstream_timeout", status: null }],
    ["full", { code: "overloaded", status: 429 }],
    ["failed", { code: "overloaded", status: 503 }],
    ["failed", { code: "upstream_failed", status: 500 }],
    ["failed", { code: "upstream_timeout", status: 504 }],
    ["failed", { code: "upstream_failed", status: 401 }],
    ["failed", { code: "upstream_disconnected", status: null }],
  ] as const)("%s: %o", (kind, failure) => expect(kindOf(failure)).toBe(kind));

  it.each([
    { code: "client_closed_request", isRetryable: false },
    { code: "invalid_value", isRetryable: false, status: 400 },
    { code: "upstream_timeout", isRetryable: false },
    { code: "model_loading", status: 503 },
  ] as const)("nothing: %o", (failure) => expect(kindOf(failure)).toBeNull());

  it("carries when it was tried and how long the origin wants to be left alone", () => {
    const failure = { code: "overloaded", message: "", isRetryable: true, status: 429, retryAfterMs: 7 };
    expect(faultOf(failure as Failure, TRIED)).toEqual({ ...TRIED, kind: "full", retryAfterMs: 7 });
  });
});
