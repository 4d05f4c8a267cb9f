// What a failed attempt says about its origin's health. A caller who leaves, asks nonsense or brings too little
// time says nothing; nor does a cold model, which is its own word in domain/health.ts.
import type { Try } from "../domain/breaker.ts";
import type { Failure } from "../domain/frame.ts";
import type { Fault, FaultKind } from "../domain/health.ts";

/** null: nothing was learnt. */
export function faultOf(failure: Failure, tried: Try): Fault | null {
  const kind = faultKindOf(failure);
  return kind === null ? null : { ...tried, kind, retryAfterMs: failure.retryAfterMs };
}

const TOO_MANY_REQUESTS = 429;

function faultKindOf(failure: Failure): FaultKind | null {
  if (!failure.isRetryable || failure.code === "model_loading") return null;
  // What this kind of origin has no words for was never sent.
  if (failure.code === "invalid_value") return null;
  if (failure.status === TOO_MANY_REQUESTS) return "full";
  if (failure.status !== null) return "failed";
  switch (failure.code) {
    case "upstream_failed":
      return "refused";
    case "upstream_timeout":
      return "silent";
    // Nothing had begun yet, or it would be no failed attempt.
    default:
      return "failed";
  }
}
