// vLLM, SGLang, TGI, llama.cpp, Ollama and every other OpenAI-style host, public ones among them: how they are
// asked. What their answers mean stands in the files beside this one, what single hosts insist on in quirks.ts.
import type { Target } from "../../domain/catalog.ts";
import type { Failure } from "../../domain/frame.ts";
import { listOf, parseJson, recordOf } from "../../lib/record.ts";
import { unspeakable } from "./failures.ts";
import type { Call, FailedAnswer, Kind, OriginRequest, Readiness } from "./kind.ts";
import { readFailure } from "./openai-failure.ts";
import { readOpenaiFrame } from "./openai-frame.ts";
import { openaiTask, readOpenaiTask } from "./openai-tasks.ts";
import { readOpenaiWhole } from "./openai-whole.ts";
import { type Quirks, quirksOf, writtenFor } from "./quirks.ts";
import { textOf } from "./text-of.ts";
import { wellFormedJson } from "./well-formed.ts";

export const openaiCompatible: Kind = {
  name: "openai-compatible",
  wires: ["openai-chat", "openai-completions", "openai-embeddings", "tasks"],
  refusalOf,
  toRequest,
  frameReader: () => readOpenaiFrame,
  readWhole: (answer, call) => {
    const { wire, task } = call.inference;
    return task === null
      ? readOpenaiWhole(textOf(answer), wire)
      : readOpenaiTask(parseJson(textOf(answer)), task);
  },
  readFailure,
  toProbe,
  readProbe,
};

function refusalOf({ inference: { task } }: Call): Failure | null {
  if (task === null || openaiTask(task, "") !== null) return null;
  return unspeakable("do this task");
}

const PATHS = {
  "openai-chat": "/chat/completions",
  "openai-completions": "/completions",
  "openai-embeddings": "/embeddings",
} as const;

function toRequest(call: Call): OriginRequest {
  const { target, inference } = call;
  const quirks = quirksOf(target.origin.base_url);
  const { path, body } = asked(call, quirks);
  return {
    url: target.origin.base_url + path,
    init: {
      method: "POST",
      headers: {
        // fetch itself names the boundary of a form.
        ...(typeof body === "string" ? { "content-type": "application/json" } : {}),
        accept: inference.stream ? "text/event-stream" : "application/json",
        ...headersOf(call, quirks),
      },
      body,
      redirect: "manual",
    },
  };
}

function asked(call: Call, quirks: Quirks): { readonly path: string; readonly body: string | FormData } {
  const { target, inference } = call;
  const form = inference.task === null ? null : openaiTask(inference.task, target.servedAs);
  if (form !== null) return form;
  if (inference.wire === "tasks") throw new Error("a task without its request");
  return { path: PATHS[inference.wire], body: wellFormedJson(JSON.stringify(bodyOf(call, quirks))) };
}

function bodyOf({ target, inference, maxOutputTokens }: Call, quirks: Quirks): object {
  const body: Record<string, unknown> = { ...inference.body, model: target.servedAs };
  if (inference.stream) {
    // Usage is always asked for: bills follow the origin's counts, whether the caller sees them or not.
    body.stream_options = { ...recordOf(body.stream_options), include_usage: true };
  }
  const limit =
    maxOutputTokens === null
      ? null
      : { wire: inference.wire, field: inference.outputLimitField, tokens: maxOutputTokens };
  return writtenFor(quirks, body, limit);
}

/** An allow-list: nothing of the caller's own headers but the trace goes on. */
function headersOf({ secret, requestId, traceparent }: Call, quirks: Quirks): Record<string, string> {
  return {
    "x-request-id": requestId,
    ...keyHeaders(secret, quirks),
    ...(traceparent === null ? {} : { traceparent }),
  };
}

function keyHeaders(secret: string | null, { keyHeader }: Quirks): Record<string, string> {
  if (secret === null) return {};
  return keyHeader === undefined ? { authorization: `Bearer ${secret}` } : { [keyHeader]: secret };
}

function toProbe({ origin }: Target, secret: string | null): OriginRequest {
  const headers = { accept: "application/json", ...keyHeaders(secret, quirksOf(origin.base_url)) };
  return { url: `${origin.base_url}/models`, init: { headers, redirect: "manual" } };
}

/** Ready when the list of served models names this one; a server that is up without it may be loading it. */
function readProbe(target: Target, answer: FailedAnswer): Readiness {
  const { listedPrefix = "", listsNoModels } = quirksOf(target.origin.base_url);
  if (answer.status === 503) return "loading";
  // That somebody refuses the question is all that can be learnt there.
  if (listsNoModels && answer.status === 404) return "ready";
  if (answer.status !== 200) return "unavailable";
  const served = listOf(recordOf(parseJson(answer.text)).data).map((row) => recordOf(row).id);
  return served.includes(target.servedAs) || served.includes(listedPrefix + target.servedAs)
    ? "ready"
    : "unavailable";
}
