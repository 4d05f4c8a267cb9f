// What Workers AI means by its errors, by the codes it documents: the statuses alone would blame the caller for a
// model that we named wrongly, and call an account without credits busy for a second.
import type { Failure } from "../../domain/frame.ts";
import { listOf, parseJson, recordOf } from "../../lib/record.ts";
import { retryAfterMs } from "../../lib/retry-after.ts";
import { broken, busy, refusedParameter, tooLarge, tooLong, tooSlow } from "./failures.ts";
import type { FailedAnswer } from "./kind.ts";

export function workersAiFailure({ status, headers, text }: FailedAnswer): Failure {
  const { code, message } = errorIn(text);
  const wait = retryAfterMs(headers);
  if (code === NO_SUCH_MODEL) return broken(status);
  if (code === ALLOWANCE_USED_UP) return busy(status, wait ?? ALLOWANCE_WAIT_MS);
  if (TOO_LONG.test(message)) return tooLong(status);
  switch (status) {
    case 400:
    case 422:
      return refusedParameter(status, null);
    case 408:
    case 504:
      return tooSlow(status);
    case 413:
      return tooLarge(status);
    case 429:
    case 503:
      return busy(status, wait);
    default:
      return broken(status);
  }
}

/** Comes as 400, and is a fault of the catalog. */
const NO_SUCH_MODEL = 5007;
const ALLOWANCE_USED_UP = 3036;
/** Until the day is over nothing changes unless somebody pays: asked so seldom, it costs nobody time. */
const ALLOWANCE_WAIT_MS = 600_000;

const TOO_LONG = /context window|maximum context|context length/i;

interface WorkersAiError {
  readonly code: number | null;
  readonly message: string;
}

/** {internalCode, description} from the models, {errors:[{code, message}]} from before them, or "3040: text". */
function errorIn(text: string): WorkersAiError {
  const answer = recordOf(parseJson(text));
  const listed = recordOf(listOf(answer.errors)[0]);
  const written = answer.description ?? listed.message ?? answer.message ?? text;
  const message = typeof written === "string" ? written : "";
  const told = answer.internalCode ?? listed.code ?? /\b(\d{4,5}): /.exec(message)?.[1];
  const code = told === undefined || told === null ? Number.NaN : Number(told);
  return { code: Number.isSafeInteger(code) ? code : null, message };
}
