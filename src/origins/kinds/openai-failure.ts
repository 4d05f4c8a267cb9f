// What a failed answer of an OpenAI-style origin means, in our words. The origin's own text is read for
// its kind only, and never goes on to a caller.
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

export function readFailure(answer: FailedAnswer): Failure {
  const { status } = answer;
  const error = errorOf(answer.text);
  const wait = retryAfterMs(answer.headers);
  if (status === 400 || status === 422) {
    return isTooLong(error) ? tooLong(status) : refusedParameter(status, error.param);
  }
  // Groq answers so when a minute's tokens are used up.
  if (status === 413) return isAboutRate(error) ? busy(status, wait) : tooLarge(status);
  if (status === 503 && isLoading(error)) return loading(status, error.estimatedMs ?? wait);
  if (BUSY.has(status)) return busy(status, wait);
  if (status === 504 || status === 408) return tooSlow(status);
  return broken(status);
}

/** 498 and 529 are the words of Groq and of OpenRouter's sources for a queue that is full. */
const BUSY: ReadonlySet<number> = new Set([429, 498, 503, 529]);

interface OriginError {
  readonly message: string;
  readonly param: string | null;
  readonly estimatedMs: number | null;
}

/**
 * The forms in use: {"error":{message,param}}, {"error":"text","estimated_time":s}, both on top as vLLM puts them,
 * within a list as Google does, {"detail":[{loc,msg}]} as FastAPI and Mistral do.
 */
function errorOf(text: string): OriginError {
  const parsed = parseJson(text);
  const answer = recordOf(Array.isArray(parsed) ? parsed[0] : parsed);
  const error = recordOf(answer.error);
  const detail = recordOf(listOf(answer.detail ?? recordOf(answer.message).detail)[0]);
  const messages = [error.message, answer.error, answer.message, detail.msg, answer.detail];
  const message = messages.find((value) => typeof value === "string");
  const param = error.param ?? answer.param ?? paramAt(detail.loc);
  return {
    message: typeof message === "string" ? message : "",
    param: typeof param === "string" ? param : null,
    estimatedMs: loadingMs(answer.estimated_time),
  };
}

/** `["body","messages",0,"role"]` → `messages[0].role`. */
function paramAt(loc: unknown): string | null {
  const [first, ...path] = listOf(loc);
  if (first !== "body" || path.length === 0) return null;
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

function isLoading(error: OriginError): boolean {
  return error.estimatedMs !== null || /\bloading\b|\bwarming\b|\bstarting\b/i.test(error.message);
}

function isTooLong(error: OriginError): boolean {
  return /context length|maximum context|too long|max_model_len/i.test(error.message);
}

function isAboutRate(error: OriginError): boolean {
  return /rate limit|tokens per (minute|day)|\bTP[MD]\b/i.test(error.message);
}
