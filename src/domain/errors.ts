// One class, one table. A code is the stable name of what went wrong; its status and type follow
// from the table. How an error looks on the wire is each dialect's business.

interface ErrorRow {
  readonly status: number;
  readonly type: string;
}

/** wire.md §1, table of errors. */
export const ERRORS = {
  invalid_json: { status: 400, type: "invalid_request_error" },
  invalid_value: { status: 400, type: "invalid_request_error" },
  missing_required_parameter: { status: 400, type: "invalid_request_error" },
  context_length_exceeded: { status: 400, type: "invalid_request_error" },
  empty_pool: { status: 400, type: "invalid_request_error" },
  missing_api_key: { status: 401, type: "authentication_error" },
  invalid_api_key: { status: 401, type: "authentication_error" },
  expired_api_key: { status: 401, type: "authentication_error" },
  invalid_token: { status: 401, type: "authentication_error" },
  insufficient_credits: { status: 402, type: "insufficient_quota" },
  budget_exceeded: { status: 402, type: "insufficient_quota" },
  key_revoked: { status: 403, type: "permission_error" },
  account_deactivated: { status: 403, type: "permission_error" },
  scope_missing: { status: 403, type: "permission_error" },
  region_forbidden: { status: 403, type: "permission_error" },
  model_forbidden: { status: 403, type: "permission_error" },
  origin_not_allowed: { status: 403, type: "permission_error" },
  model_not_found: { status: 404, type: "not_found_error" },
  not_found: { status: 404, type: "not_found_error" },
  method_not_allowed: { status: 405, type: "invalid_request_error" },
  request_timeout: { status: 408, type: "timeout_error" },
  in_progress: { status: 409, type: "idempotency_error" },
  stream_not_replayable: { status: 409, type: "idempotency_error" },
  key_reused: { status: 422, type: "idempotency_error" },
  request_too_large: { status: 413, type: "invalid_request_error" },
  unsupported_media_type: { status: 415, type: "invalid_request_error" },
  rate_limit_exceeded: { status: 429, type: "rate_limit_error" },
  tokens_exceeded: { status: 429, type: "rate_limit_error" },
  concurrency_exceeded: { status: 429, type: "rate_limit_error" },
  gpu_quota_exceeded: { status: 429, type: "rate_limit_error" },
  client_closed_request: { status: 499, type: "invalid_request_error" },
  internal_error: { status: 500, type: "api_error" },
  upstream_failed: { status: 502, type: "upstream_error" },
  upstream_disconnected: { status: 502, type: "upstream_error" },
  model_loading: { status: 503, type: "upstream_error" },
  region_unavailable: { status: 503, type: "upstream_error" },
  overloaded: { status: 503, type: "upstream_error" },
  upstream_timeout: { status: 504, type: "timeout_error" },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** 502 and 504: a server was asked and did not do it. */
export function isOfOrigin(code: ErrorCode): boolean {
  return code === "upstream_failed" || code === "upstream_disconnected" || code === "upstream_timeout";
}

export interface ErrorDetails {
  /** Path of the offending field, e.g. `messages[0].role`. */
  readonly param?: string;
  /** When a retry can succeed; becomes Retry-After and retry-after-ms. */
  readonly retryAfterMs?: number;
  /** Headers of this refusal alone: Allow, rate limits. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the error body, e.g. `faults`, `url`. */
  readonly body?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** Said before to the same key within a second: not worth another line of the log. */
  readonly isRepeated?: boolean;
}

/** Every refusal and failure that a caller sees. `message` is one sentence that says what to do. */
export class RouterError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    // A refusal is an answer, not an accident: its stack says nothing and would cost a tenth of a 429.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, { cause: details.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = "RouterError";
    this.code = code;
    this.details = details;
  }

  /** The same refusal, with `more` where it has nothing of its own to say. */
  with(more: Pick<ErrorDetails, "headers" | "body">): RouterError {
    const { headers, body } = this.details;
    return new RouterError(this.code, this.message, {
      ...this.details,
      headers: { ...more.headers, ...headers },
      body: { ...more.body, ...body },
    });
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get type(): string {
    return ERRORS[this.code].type;
  }
}

/** Room is free again when an answer is over: most take a second or two. */
const ROOM_AFTER_MS = 2_000;

/** More at once than this isolate can hold; the platform may send the next try to another. */
export function noRoom(): RouterError {
  return new RouterError("overloaded", "Too many requests are under way right now: retry shortly.", {
    retryAfterMs: ROOM_AFTER_MS,
  });
}

export function invalid(param: string, message: string): RouterError {
  return new RouterError("invalid_value", message, { param });
}

export function missing(param: string): RouterError {
  return new RouterError("missing_required_parameter", `Add the required field '${param}'.`, { param });
}
