// What a failed answer of an OpenAI-style origin means, in our words. The origin's own text is read for
// its kind only: it may hold URLs, paths or other people's prompts, and never goes on to a caller.
import type { Failure } from "../../domain/frame.ts";
import { parseJson, recordOf } from "../../lib/record.ts";
import { retryAfterMs } from "../../lib/retry-after.ts";
import type { FailedAnswer } from "./kind.ts";

export function readFailure(answer: FailedAnswer): Failure {
  const { status } = answer;
  const error = errorOf(answer.text);
  const wait = retryAfterMs(answer.headers);
  if (status === 400 || status === 422) return refusedRequest(status, error);
  if (status === 413)
    return failure({
      code: "request_too_large",
      status,
      message: "The model's server takes no request of this size.",
    });
  if (status === 503 && isLoading(error)) {
    const message = "The model is loading: retry shortly.";
    return retryable({
      code: "model_loading",
      status,
      message,
      retryAfterMs: error.estimatedMs ?? wait ?? COLD_START_MS,
    });
  }
  if (status === 429 || status === 503) {
    const message = "The model's servers are busy: retry shortly.";
    return retryable({ code: "overloaded", status, message, retryAfterMs: wait ?? BUSY_MS });
  }
  if (status === 504 || status === 408) {
    return retryable({
      code: "upstream_timeout",
      status,
      message: "The model's server took too long: retry.",
    });
  }
  // 401, 403 and 404 are faults between us and the origin, never the caller's.
  return retryable({ code: "upstream_failed", status, message: "The model's server failed: retry." });
}

/** An answer that broke off or made no sense; another origin may do better. */
export function disconnected(message: string): Failure {
  return retryable({ code: "upstream_disconnected", status: null, message });
}

/** Where the origin names no wait: a big model's load, and a queue's drain. */
const COLD_START_MS = 5_000;
const BUSY_MS = 1_000;
/** No model takes longer to load; whatever an origin estimates beyond it is no estimate. */
const LONGEST_LOAD_S = 3_600;

type Told = Pick<Failure, "code" | "status" | "message"> & Partial<Pick<Failure, "retryAfterMs" | "param">>;

function retryable(told: Told): Failure {
  return { retryAfterMs: null, ...told, isRetryable: true };
}

function failure(told: Told): Failure {
  return { retryAfterMs: null, ...told, isRetryable: false };
}

interface OriginError {
  readonly message: string;
  readonly param: string | null;
  readonly estimatedMs: number | null;
}

/** Both forms in use: {"error":{message,param}} and {"error":"text","estimated_time":s}; vLLM also puts them on top. */
function errorOf(text: string): OriginError {
  const answer = recordOf(parseJson(text));
  const error = recordOf(answer.error);
  const message = [error.message, answer.error, answer.message].find((value) => typeof value === "string");
  const param = error.param ?? answer.param;
  const seconds = answer.estimated_time;
  return {
    message: typeof message === "string" ? message : "",
    param: typeof param === "string" ? param : null,
    estimatedMs:
      typeof seconds === "number" && seconds > 0 ? Math.ceil(Math.min(seconds, LONGEST_LOAD_S) * 1000) : null,
  };
}

function isLoading(error: OriginError): boolean {
  return error.estimatedMs !== null || /\bloading\b|\bwarming\b|\bstarting\b/i.test(error.message);
}

function refusedRequest(status: number, error: OriginError): Failure {
  if (/context length|maximum context|too long|max_model_len/i.test(error.message)) {
    const message =
      "The prompt and max_tokens together exceed the model's context length: shorten one of them.";
    return failure({ code: "context_length_exceeded", status, message });
  }
  const message = "The model's server refused a parameter of this request: check the optional fields.";
  // A param that is a plain field path names only what the caller sent.
  const isPath = error.param !== null && /^[a-z_][a-z0-9_.[\]]{0,99}$/i.test(error.param);
  return failure({
    code: "invalid_value",
    status,
    message,
    ...(isPath && error.param !== null ? { param: error.param } : {}),
  });
}
