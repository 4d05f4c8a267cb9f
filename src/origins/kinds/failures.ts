// The few things an origin's failure can mean, in our words: whatever a kind reads, it says one of these. An
// origin's own text may hold URLs, paths or other people's prompts, and stands in none of them.
import type { Failure } from "../../domain/frame.ts";

/** Where the origin names no wait: a big model's load, and a queue's drain. */
const COLD_START_MS = 5_000;
const BUSY_MS = 1_000;

/** An answer that broke off or made no sense; another origin may do better. */
export function disconnected(message: string): Failure {
  return retryable({ code: "upstream_disconnected", status: null, message });
}

/** Also for 401, 402, 403 and 404: faults between us and the origin, never the caller's. */
export function broken(status: number): Failure {
  return retryable({ code: "upstream_failed", status, message: "The model's server failed: retry." });
}

export function busy(status: number, waitMs: number | null): Failure {
  const message = "The model's servers are busy: retry shortly.";
  return retryable({ code: "overloaded", status, message, retryAfterMs: waitMs ?? BUSY_MS });
}

export function loading(status: number, waitMs: number | null): Failure {
  const message = "The model is loading: retry shortly.";
  return retryable({ code: "model_loading", status, message, retryAfterMs: waitMs ?? COLD_START_MS });
}

/** As long as no model takes to load; whatever is estimated beyond it is no estimate. */
const LONGEST_LOAD_S = 3_600;

/** `estimated_time`, as Hugging Face's servers tell it: in seconds; null where it says nothing. */
export function loadingMs(estimate: unknown): number | null {
  if (typeof estimate !== "number" || !(estimate > 0)) return null;
  return Math.ceil(Math.min(estimate, LONGEST_LOAD_S) * 1000);
}

export function tooSlow(status: number): Failure {
  const message = "The model's server took too long: retry.";
  return retryable({ code: "upstream_timeout", status, message });
}

export function tooLarge(status: number): Failure {
  const message = "The model's server takes no request of this size.";
  return final({ code: "request_too_large", status, message });
}

export function tooLong(status: number): Failure {
  const message =
    "The prompt and max_tokens together exceed the model's context length: shorten one of them.";
  return final({ code: "context_length_exceeded", status, message });
}

/** `param` as the origin names it; told only where it is a plain field path, so names what the caller sent. */
export function refusedParameter(status: number, param: string | null): Failure {
  const message = "The model's server refused a parameter of this request: check the optional fields.";
  const isPath = param !== null && /^[a-z_][a-z0-9_.[\]]{0,99}$/i.test(param);
  return final({ code: "invalid_value", status, message, ...(isPath ? { param } : {}) });
}

/** What a kind's wire cannot say: nobody was asked, and another kind of server may well be able to. */
export function unspeakable(what: string): Failure {
  return retryable({ code: "invalid_value", status: null, message: `The model's server cannot ${what}.` });
}

type Told = Pick<Failure, "code" | "status" | "message"> & Partial<Pick<Failure, "retryAfterMs" | "param">>;

function retryable(told: Told): Failure {
  return { retryAfterMs: null, ...told, isRetryable: true };
}

function final(told: Told): Failure {
  return { retryAfterMs: null, ...told, isRetryable: false };
}
