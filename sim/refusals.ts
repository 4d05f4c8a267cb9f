// Errors exactly as the imitated servers word them: vLLM's {"error":{message,type,param,code}} and
// Hugging Face's {"error":"sentence"}. The only file that knows either form.
import { jsonAnswer, type Refused, type WholeAnswer } from "./answer.ts";
import type { JsonObject } from "./json-object.ts";

/** Which of the two servers a path belongs to. */
export type Family = "vllm" | "hf";

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly param?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function refusal(family: Family, what: Refusal): WholeAnswer {
  const body = family === "hf" ? { error: what.message } : vllmError(what);
  return jsonAnswer(what.status, body, what.headers);
}

function vllmError(what: Refusal): JsonObject {
  const { message, type, status } = what;
  return { error: { message, type, param: what.param ?? null, code: status } };
}

/** A request vLLM understood and does not serve. */
export function badRequest(message: string, param?: string): Refused {
  const what = { status: 400, type: "BadRequestError", message };
  return { ok: false, answer: refusal("vllm", param === undefined ? what : { ...what, param }) };
}

/** A body that vLLM's schema refuses; its message is pydantic's list, and its type the status phrase. */
export function invalidBody(field: string, complaint: string): Refused {
  const message = `[{'type': 'value_error', 'loc': ('body', '${field}'), 'msg': '${complaint}'}]`;
  return { ok: false, answer: refusal("vllm", { status: 400, type: "Bad Request", message }) };
}

export function invalidJson(family: Family): WholeAnswer {
  const message =
    family === "hf"
      ? "Unable to parse JSON body"
      : "[{'type': 'json_invalid', 'loc': ('body', 0), 'msg': 'JSON decode error', 'input': {}}]";
  return refusal(family, { status: 400, type: "Bad Request", message });
}

/** vLLM's middleware answers before its error form exists, and so do the gateways of Hugging Face. */
export function unauthorized(): WholeAnswer {
  return jsonAnswer(401, { error: "Unauthorized" });
}

export function unknownModel(family: Family, name: string): Refused {
  const message = family === "hf" ? `Model ${name} does not exist` : `The model \`${name}\` does not exist.`;
  return {
    ok: false,
    answer: refusal(family, { status: 404, type: "NotFoundError", message, param: "model" }),
  };
}

export function unknownPath(family: Family): WholeAnswer {
  return refusal(family, { status: 404, type: "Not Found", message: "Not Found" });
}

export function wrongMethod(family: Family, allowed: string): WholeAnswer {
  const phrase = "Method Not Allowed";
  return refusal(family, { status: 405, type: phrase, message: phrase, headers: { allow: allowed } });
}

export function tooLarge(family: Family): WholeAnswer {
  const phrase = "Request Entity Too Large";
  return refusal(family, { status: 413, type: phrase, message: phrase });
}

export function loading(family: Family, name: string, leftMs: number): WholeAnswer {
  const leftS = Math.max(1, Math.ceil(leftMs / 1000));
  if (family === "hf") {
    return jsonAnswer(503, { error: `Model ${name} is currently loading`, estimated_time: leftS });
  }
  return refusal("vllm", {
    status: 503,
    type: "ServiceUnavailableError",
    message: `The model \`${name}\` is currently loading.`,
    headers: { "retry-after": String(leftS) },
  });
}

export function overloaded(family: Family): WholeAnswer {
  return refusal(family, { status: 503, type: "ServiceUnavailableError", message: "Model is overloaded" });
}

export function internalError(family: Family): WholeAnswer {
  const message = "EngineCore encountered an issue. See stack trace (above) for the root cause.";
  return refusal(family, { status: 500, type: "InternalServerError", message });
}
