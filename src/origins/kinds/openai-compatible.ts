// vLLM, SGLang, TGI, llama.cpp, Ollama and every other OpenAI-style host. What differs between them is
// tolerated here, once: missing finish reasons, usage beside them or in a frame of its own, no [DONE].
import type { Target } from "../../domain/catalog.ts";
import type { Failure, Frame } from "../../domain/frame.ts";
import type { Wire } from "../../domain/inference.ts";
import type { UsageReport } from "../../domain/usage.ts";
import { countOf, countOrNull, type Json, listOf, parseJson, recordOf } from "../../lib/record.ts";
import type { Call, FailedAnswer, Kind, OriginRequest, Readiness, Whole } from "./kind.ts";
import { disconnected, readFailure } from "./openai-failure.ts";

export const openaiCompatible: Kind = {
  name: "openai-compatible",
  wires: ["openai-chat", "openai-completions", "openai-embeddings"],
  toRequest,
  readFrame,
  readWhole,
  readFailure,
  toProbe,
  readProbe,
};

const PATHS: Readonly<Record<Wire, string>> = {
  "openai-chat": "/chat/completions",
  "openai-completions": "/completions",
  "openai-embeddings": "/embeddings",
};

function toRequest(call: Call): OriginRequest {
  const { target, inference } = call;
  const body: Record<string, unknown> = { ...inference.body, model: target.servedAs };
  if (call.maxOutputTokens !== null) {
    body[inference.outputLimitField] = call.maxOutputTokens;
    // A server that knows only the older name must not go by another number there.
    if (typeof body.max_tokens === "number") body.max_tokens = call.maxOutputTokens;
  }
  if (inference.stream) {
    // Usage is always asked for: bills follow the origin's counts, whether the caller sees them or not.
    body.stream_options = { ...recordOf(body.stream_options), include_usage: true };
  }
  return {
    url: target.origin.base_url + PATHS[inference.wire],
    init: {
      method: "POST",
      headers: headersOf(call),
      body: wellFormed(JSON.stringify(body)),
      redirect: "manual",
    },
  };
}

/**
 * A lone surrogate, which JSON writes as an escape, is no text: Python servers answer 500 to it, and one caller could
 * make every origin look broken. Pairs are never escaped, and an escaped backslash is passed over with its own.
 */
function wellFormed(json: string): string {
  if (!json.includes("\\ud")) return json;
  return json.replaceAll(/\\(?:u(d[89a-f]..)|.)/g, (written, lone) =>
    lone === undefined ? written : "\ufffd",
  );
}

/** An allow-list: nothing of the caller's own headers but the trace goes on. */
function headersOf(call: Call): Readonly<Record<string, string>> {
  const { secret, traceparent } = call;
  return {
    "content-type": "application/json",
    accept: call.inference.stream ? "text/event-stream" : "application/json",
    "x-request-id": call.requestId,
    ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
    ...(traceparent === null ? {} : { traceparent }),
  };
}

const DONE: Frame = {
  kind: "done",
  text: "",
  usage: null,
  createdS: null,
  hasContent: false,
  finishedChoices: 0,
  failure: null,
};

function readFrame(data: string): Frame {
  if (data.trim() === "[DONE]") return DONE;
  const value = parseJson(data);
  if (value === undefined) return failedFrame("The origin sent an event that is not JSON.");
  const chunk = recordOf(value);
  if (isError(chunk.error)) return failedFrame("The origin reported an error within the stream.");
  const choices = listOf(chunk.choices).map(recordOf);
  const usage = usageOf(chunk.usage);
  return {
    kind: choices.length === 0 ? "usage" : "content",
    text: onOneLine(fixEmptyRole(data, choices)),
    usage,
    createdS: countOf(chunk.created) || null,
    hasContent: choices.some(hasContent),
    finishedChoices: choices.filter(isFinished).length,
    failure: null,
  };
}

/** Pretty-printed JSON spans lines, and an event of ours has one: raw line breaks are only white space. */
function onOneLine(data: string): string {
  return data.includes("\n") ? data.replaceAll("\n", " ") : data;
}

/** `"role":""` breaks two of the reference clients; within JSON strings the quotes would be escaped. */
function fixEmptyRole(data: string, choices: readonly Json[]): string {
  const isEmpty = choices.some((choice) => recordOf(choice.delta).role === "");
  return isEmpty ? data.replaceAll(/"role"\s*:\s*""/g, '"role":"assistant"') : data;
}

/** Some servers write the member into every answer, null where nothing is wrong. */
function isError(error: unknown): boolean {
  return error !== undefined && error !== null;
}

/** Some write an empty reason until there is one. */
function isFinished(choice: Json): boolean {
  return typeof choice.finish_reason === "string" && choice.finish_reason !== "";
}

/** Text, reasoning, tool-call pieces, refusals, audio: whatever a delta holds besides its role. */
function hasContent(choice: Json): boolean {
  if (typeof choice.text === "string") return choice.text !== "";
  const { role: _role, ...rest } = recordOf(choice.delta);
  return Object.values(rest).some((value) => (Array.isArray(value) ? value.length > 0 : Boolean(value)));
}

function failedFrame(message: string): Frame {
  return { ...DONE, kind: "failed", failure: disconnected(message) };
}

function readWhole(text: string, wire: Wire): Whole | Failure {
  const value = parseJson(text);
  const answer = recordOf(value);
  if (value === undefined) return disconnected("The origin answered with something that is not JSON.");
  if (isError(answer.error)) return disconnected("The origin answered with an error.");
  const list = wire === "openai-embeddings" ? answer.data : answer.choices;
  if (!Array.isArray(list)) return disconnected("The origin answered without a result.");
  const guessedOutputTokens = guessTokens(list.map(recordOf));
  return { kind: "whole", text, usage: usageOf(answer.usage), guessedOutputTokens };
}

/** Characters a token has on average in English; used only where an origin reports no usage. */
const CHARACTERS_PER_TOKEN = 4;

function guessTokens(choices: readonly Json[]): number {
  const characters = choices.reduce((sum, choice) => sum + writtenLength(choice), 0);
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** Text, reasoning, tool calls, refusals: whatever a message holds besides its role. */
function writtenLength(choice: Json): number {
  if (typeof choice.text === "string") return choice.text.length;
  const { role: _role, ...written } = recordOf(choice.message);
  return Object.values(written).reduce<number>((sum, value) => sum + lengthOf(value), 0);
}

function lengthOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  const isEmpty = !value || (Array.isArray(value) && value.length === 0);
  return isEmpty ? 0 : JSON.stringify(value).length;
}

/** null where nothing was counted: an empty report must not make an answer free, nor must a senseless one. */
function usageOf(value: unknown): UsageReport | null {
  const usage = recordOf(value);
  const inputTokens = countOrNull(usage.prompt_tokens);
  const outputTokens = countOrNull(usage.completion_tokens);
  if (inputTokens === null && outputTokens === null) return null;
  const cached = countOf(recordOf(usage.prompt_tokens_details).cached_tokens);
  return {
    inputTokens,
    // A discount on tokens that nobody counted is none.
    cachedInputTokens: Math.min(inputTokens ?? 0, cached),
    outputTokens,
    gpuMs: countOf(usage.gpu_ms),
  };
}

function toProbe(target: Target, secret: string | null): OriginRequest {
  const headers = new Headers({ accept: "application/json" });
  if (secret !== null) headers.set("authorization", `Bearer ${secret}`);
  return { url: `${target.origin.base_url}/models`, init: { headers, redirect: "manual" } };
}

/** Ready when the list of served models names this one; a server that is up without it may be loading it. */
function readProbe(target: Target, answer: FailedAnswer): Readiness {
  if (answer.status === 503) return "loading";
  if (answer.status !== 200) return "unavailable";
  const served = listOf(recordOf(parseJson(answer.text)).data).map((row) => recordOf(row).id);
  return served.includes(target.servedAs) ? "ready" : "unavailable";
}
