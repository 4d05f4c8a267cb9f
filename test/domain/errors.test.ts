import { describe, expect, it } from "vitest";
import {
  ERRORS,
  type ErrorCode,
  invalid,
  isOfOrigin,
  missing,
  RouterError,
} from "../../src/domain/errors.ts";

/** wire.md §1, line by line: status, type, codes. */
const WIRE: readonly (readonly [number, string, string])[] = [
  [
    400,
    "invalid_request_error",
    "invalid_json invalid_value missing_required_parameter context_length_exceeded empty_pool",
  ],
  [401, "authentication_error", "missing_api_key invalid_api_key expired_api_key invalid_token"],
  [402, "insufficient_quota", "insufficient_credits budget_exceeded"],
  [
    403,
    "permission_error",
    "key_revoked account_deactivated scope_missing region_forbidden model_forbidden origin_not_allowed",
  ],
  [404, "not_found_error", "model_not_found not_found"],
  [405, "invalid_request_error", "method_not_allowed"],
  [408, "timeout_error", "request_timeout"],
  [409, "idempotency_error", "in_progress stream_not_replayable"],
  [422, "idempotency_error", "key_reused"],
  [413, "invalid_request_error", "request_too_large"],
  [415, "invalid_request_error", "unsupported_media_type"],
  [429, "rate_limit_error", "rate_limit_exceeded tokens_exceeded concurrency_exceeded gpu_quota_exceeded"],
  [500, "api_error", "internal_error"],
  [502, "upstream_error", "upstream_failed upstream_disconnected"],
  [503, "upstream_error", "model_loading region_unavailable overloaded"],
  [504, "timeout_error", "upstream_timeout"],
];
const BY_CODE = new Map(
  WIRE.flatMap(([status, type, codes]) => codes.split(" ").map((code) => [code, { status, type }] as const)),
);
/** The log's own status for a caller who left; nobody is there to read it. */
const NOT_ON_THE_WIRE = ["client_closed_request"];

describe("the table of errors", () => {
  for (const [code, row] of Object.entries(ERRORS)) {
    if (NOT_ON_THE_WIRE.includes(code)) continue;
    it(`${code} has the status and type of wire.md`, () => expect(row).toEqual(BY_CODE.get(code)));
  }

  it("gives an error its status and type", () => {
    const error = new RouterError("insufficient_credits", "Top up.", { retryAfterMs: 5, cause: "why" });
    expect(error).toBeInstanceOf(Error);
    expect([error.status, error.type, error.code]).toEqual([
      402,
      "insufficient_quota",
      "insufficient_credits",
    ]);
    expect(error.details.retryAfterMs).toBe(5);
    expect(error.cause).toBe("why");
  });

  it("never puts a cause on the wire by mistake: it is no member that JSON shows", () => {
    const error = new RouterError("internal_error" satisfies ErrorCode, "Sorry.", {
      cause: new Error("canary"),
    });
    expect(JSON.stringify({ ...error, details: undefined })).not.toContain("canary");
  });
});

describe("invalid and missing", () => {
  it("name the parameter", () => {
    expect(invalid("a.b", "No.")).toMatchObject({ code: "invalid_value", details: { param: "a.b" } });
    expect(missing("model")).toMatchObject({
      code: "missing_required_parameter",
      message: "Add the required field 'model'.",
      details: { param: "model" },
    });
  });
});

describe("RouterError.with", () => {
  it("adds what the refusal does not say of itself, and changes nothing else", () => {
    const refusal = new RouterError("budget_exceeded", "Raise the budget.", {
      headers: { allow: "GET" },
      body: { url: "/own" },
      retryAfterMs: 7,
    });
    const told = refusal.with({ headers: { allow: "POST", "x-a": "1" }, body: { url: "/other", hint: "h" } });
    expect([told.code, told.message]).toEqual([refusal.code, refusal.message]);
    expect(told.details).toMatchObject({
      headers: { allow: "GET", "x-a": "1" },
      body: { url: "/own", hint: "h" },
      retryAfterMs: 7,
    });
  });
});

describe("isOfOrigin", () => {
  it("is every 502 and 504, and nothing else", () => {
    const codes = Object.keys(ERRORS) as ErrorCode[]; // the table's own names
    const failed = codes.filter((code) => [502, 504].includes(ERRORS[code].status));
    expect(codes.filter(isOfOrigin)).toEqual(failed);
  });
});
