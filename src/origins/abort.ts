// Why an attempt was cut short, and the bridge that carries it to the origin's socket. workerd ignores the
// incoming request's own signal on subrequests, so every attempt has a controller of its own.
import type { Failure } from "../domain/frame.ts";
import { assertNever } from "../lib/assert-never.ts";

/** `done`: nothing went wrong, the origin is merely let go. `outrun`: another one answered the same question first. */
export type AbortReason = "caller" | "revoked" | "closed" | "total" | "ttft" | "idle" | "outrun" | "done";

export interface AbortLine {
  readonly signal: AbortSignal;
  abort(reason: AbortReason): void;
  /** Lets go of the parent when nothing is left to abort: an abort costs more than all else here. */
  detach(): void;
}

/** A controller that also follows `parent`, whose reason it takes over. */
export function abortLine(parent?: AbortSignal): AbortLine {
  const controller = new AbortController();
  const follow = () => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  else parent?.addEventListener("abort", follow, { once: true });
  const detach = () => parent?.removeEventListener("abort", follow);
  return {
    signal: controller.signal,
    abort(reason) {
      detach();
      controller.abort(reason);
    },
    detach,
  };
}

export function failureOfAbort(reason: AbortReason): Failure {
  switch (reason) {
    case "caller":
    case "done":
      return cut("client_closed_request", "The caller closed the connection.");
    case "outrun":
      return cut("client_closed_request", "Another server answered first.");
    case "revoked":
      return cut("key_revoked", "The API key was revoked while this request ran: use another key.");
    case "closed":
      return cut("overloaded", "The account could not be reached while this request ran: retry.");
    case "total":
      return cut(
        "upstream_timeout",
        "The request took longer than its total time: raise x-timeout-ms or ask for less.",
      );
    case "ttft":
      return {
        ...cut("upstream_timeout", "The model's server did not start to answer in time: retry."),
        isRetryable: true,
      };
    case "idle":
      return cut("upstream_timeout", "The model's server fell silent mid-stream: retry.");
    default:
      return assertNever(reason);
  }
}

function cut(code: Failure["code"], message: string): Failure {
  return { code, message, isRetryable: false, status: null, retryAfterMs: null };
}
