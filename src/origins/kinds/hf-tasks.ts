// Hugging Face's task wire: `{inputs, parameters}` or the bytes of a picture or sound, answered by what the task's
// pipeline returns. Spoken by the inference toolkit, Inference Endpoints, the hosted API and gateways in its form;
// with the feature `tei` by text-embeddings-inference, whose paths and parameters are its own.
import type { Origin, Target } from "../../domain/catalog.ts";
import type { Failure } from "../../domain/frame.ts";
import { countOfInputs, type TaskRequest } from "../../domain/task.ts";
import type { UsageReport } from "../../domain/usage.ts";
import { base64 } from "../../lib/base64.ts";
import { countOrNull, parseJson } from "../../lib/record.ts";
import { embeddingsAnswer, embeddingsRequest } from "./embeddings-list.ts";
import { disconnected, unspeakable } from "./failures.ts";
import { readHfFailure } from "./hf-failure.ts";
import type { Call, FailedAnswer, GoodAnswer, Kind, OriginRequest, Readiness, Whole } from "./kind.ts";
import { failedFrame } from "./openai-frame.ts";
import { UNCOUNTED } from "./openai-usage.ts";
import { pictureIn } from "./picture.ts";
import { taskAnswer } from "./task-answer.ts";
import { readOutputs } from "./task-outputs.ts";
import { textOf } from "./text-of.ts";
import { wellFormedJson } from "./well-formed.ts";

export const hfTasks: Kind = {
  name: "hf-tasks",
  wires: ["tasks", "openai-embeddings"],
  refusalOf,
  toRequest,
  // Pipelines answer whole.
  frameReader: () => () => failedFrame("The origin streamed what is no stream."),
  readWhole,
  readFailure: readHfFailure,
  toProbe,
  readProbe: (_, answer) => readinessOf(answer),
};

function refusalOf(call: Call): Failure | null {
  if (call.inference.stream) return unspeakable("stream this answer");
  const request = requestOf(call);
  if (request === null) return unspeakable("answer requests of this form");
  const isSpoken = !isTei(call.target.origin) || request.task in TEI_PATHS;
  return isSpoken ? null : unspeakable("do this task");
}

/** null for wires that this kind does not speak, and for tokens in place of texts. */
function requestOf({ inference }: Call): TaskRequest | null {
  return inference.wire === "openai-embeddings" ? embeddingsRequest(inference.body) : inference.task;
}

const TEI_PATHS: Readonly<Partial<Record<string, string>>> = {
  embeddings: "/embed",
  "text-classification": "/predict",
};

function isTei(origin: Origin): boolean {
  return origin.features.includes("tei");
}

function toRequest(call: Call): OriginRequest {
  const request = requestOf(call);
  if (request === null) throw new Error("a task without its request");
  const { target, requestId, traceparent } = call;
  const { body, type } = isTei(target.origin) ? teiBody(request) : pipelineBody(request);
  return {
    url: urlOf(target, request),
    init: {
      method: "POST",
      headers: {
        "content-type": type,
        // The toolkit writes a picture as what is accepted; all else it can write as JSON alone.
        accept: request.task === "text-to-image" ? "image/png" : "application/json",
        "x-request-id": requestId,
        ...keyHeader(call.secret),
        ...(traceparent === null ? {} : { traceparent }),
      },
      body,
      redirect: "manual",
    },
  };
}

function keyHeader(secret: string | null): Record<string, string> {
  return secret === null ? {} : { authorization: `Bearer ${secret}` };
}

/** A server of one model is asked at its address; one of several by the model's path, as the hosted API is. */
function urlOf({ origin, servedAs }: Target, { task }: TaskRequest): string {
  if (isTei(origin)) return `${origin.base_url}${TEI_PATHS[task] ?? ""}`;
  if (origin.features.includes("single_model")) return origin.base_url;
  return `${origin.base_url}/models/${servedAs.split("/").map(encodeURIComponent).join("/")}`;
}

interface Body {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** Bytes travel as they are where they come alone: a query cannot hold every parameter, and base64 is a third more. */
function pipelineBody({ input, isList, parameters }: TaskRequest): Body {
  const hasParameters = Object.keys(parameters).length > 0;
  if (input.kind === "media" && !hasParameters) return { body: input.bytes, type: input.type };
  return jsonBody({ inputs: inputsOf(input, isList), ...(hasParameters ? { parameters } : {}) });
}

function inputsOf(input: TaskRequest["input"], isList: boolean): unknown {
  switch (input.kind) {
    case "texts":
      return isList || input.texts.length > 1 ? input.texts : input.texts[0];
    case "question":
      return { question: input.question, context: input.context };
    case "media":
      return base64(input.bytes);
  }
}

/** Its parameters stand beside the inputs, and to `/predict` a list of two texts would be one pair. */
function teiBody({ task, input, parameters }: TaskRequest): Body {
  const texts = input.kind === "texts" ? input.texts : [];
  const inputs = task === "text-classification" ? texts.map((text) => [text]) : texts;
  return jsonBody({ ...parameters, inputs });
}

function jsonBody(value: object): Body {
  return { body: wellFormedJson(JSON.stringify(value)), type: "application/json" };
}

function readWhole(answer: GoodAnswer, call: Call): Whole | Failure {
  const request = requestOf(call);
  if (request === null) throw new Error("a task without its request");
  const usage = reportIn(answer.headers);
  if (request.task === "text-to-image") return taskAnswer(request, pictureIn(answer), usage);
  const count = countOfInputs(request.input);
  const isMispaired = request.task === "text-classification" && count > 1 && !isTei(call.target.origin);
  if (isMispaired && answer.headers.has(TEI_TOKENS)) {
    return disconnected("The origin is a text-embeddings-inference server without the feature 'tei'.");
  }
  const outputs = readOutputs(request.task, parseJson(textOf(answer)), count);
  return call.inference.wire === "openai-embeddings"
    ? embeddingsAnswer(call, outputs, usage)
    : taskAnswer(request, outputs, usage);
}

/** What text-embeddings-inference counted. */
const TEI_TOKENS = "x-compute-tokens";

function reportIn(headers: Headers): UsageReport {
  const told = headers.get(TEI_TOKENS) ?? "";
  return { ...UNCOUNTED, inputTokens: /^\d+$/.test(told) ? countOrNull(Number(told)) : null };
}

function toProbe({ origin }: Target, secret: string | null): OriginRequest {
  const headers = { accept: "*/*", ...keyHeader(secret) };
  return { url: `${origin.base_url}/health`, init: { headers, redirect: "manual" } };
}

/** A health page is a custom, and the hosted API has none: that somebody answers there is then all there is to learn. */
function readinessOf({ status }: FailedAnswer): Readiness {
  if (status === 200 || status === 404) return "ready";
  return status === 503 ? "loading" : "unavailable";
}
