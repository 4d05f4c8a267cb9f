// What Hugging Face's servers mean by their errors. The toolkit answers 400 to whatever its pipeline throws, its
// own faults among them; text-embeddings-inference has a status for each; the proxy of an endpoint that sleeps
// answers 503 with a bare phrase. As everywhere, their words are read for their kind alone.
import type { Failure } from "../../domain/frame.ts";
import { listOf, parseJson, recordOf } from "../../lib/record.ts";
import { retryAfterMs } from "../../lib/retry-after.ts";
import {
  broken,
  busy,
  loading,
  loadingMs,
  refusedParameter,
  tooLarge,
  tooLong,
  tooSlow,
} from "./failures.ts";
import type { FailedAnswer } from "./kind.ts";

export function readHfFailure({ status, headers, text }: FailedAnswer): Failure {
  const message = messageIn(text);
  const wait = retryAfterMs(headers);
  switch (status) {
    case 400:
    case 422:
      if (OWN_FAULT.test(message)) return broken(status);
      return TOO_LONG.test(message) ? tooLong(status) : refusedParameter(status, null);
    case 413:
      return TOO_LONG.test(message) ? tooLong(status) : tooLarge(status);
    case 429:
      return busy(status, wait);
    case 503:
      return OVERLOADED.test(message) ? busy(status, wait) : loading(status, estimateIn(text) ?? wait);
    case 408:
    case 504:
      return tooSlow(status);
    default:
      return broken(status);
  }
}

/** Torch's words for a card that has no room or has given up, and an endpoint's for one that was put to rest. */
const OWN_FAULT = /out of memory|CUDA error|device-side assert|CUBLAS|CUDNN|endpoint is (paused|scaled)/i;
/** transformers: "sequence length is longer than"; text-embeddings-inference: "must have less than 512 tokens". */
const TOO_LONG =
  /longer than the (specified )?maximum|must have less than \d+ tokens|must match the size of tensor/i;
const OVERLOADED = /overload|too busy|queue is full|rate limit/i;

/** One text or a list of them, under `error`. */
function messageIn(text: string): string {
  const { error } = recordOf(parseJson(text));
  return (Array.isArray(error) ? listOf(error) : [error]).filter((one) => typeof one === "string").join(" ");
}

function estimateIn(text: string): number | null {
  return loadingMs(recordOf(parseJson(text)).estimated_time);
}
