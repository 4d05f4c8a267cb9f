// The parameters chat and text completions share, read as vLLM reads them and refused in its words.
// Knows no prompt: what room the context leaves is decided by `roomFor`, once the prompt is counted.
import type { Parsed } from "./answer.ts";
import { isTrueAt, type JsonObject, numberAt, objectAt, textAt } from "./json-object.ts";
import { badRequest, invalidBody } from "./refusals.ts";
import type { SimModel } from "./served.ts";

export interface Sampling {
  readonly maxTokens: number | null;
  readonly minTokens: number;
  readonly ignoreEos: boolean;
  readonly stop: readonly string[];
  readonly includeStop: boolean;
  readonly seed: string;
  readonly choices: number;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly continuousUsage: boolean;
}

export function readSampling(body: JsonObject): Parsed<Sampling> {
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? null;
  const complaint = complaintAbout(body, maxTokens);
  if (complaint !== null) return complaint;
  const options = objectAt(body, "stream_options") ?? {};
  const value = {
    maxTokens: typeof maxTokens === "number" ? maxTokens : null,
    minTokens: numberAt(body, "min_tokens") ?? 0,
    ignoreEos: isTrueAt(body, "ignore_eos"),
    stop: stopsOf(body),
    includeStop: isTrueAt(body, "include_stop_str_in_output"),
    seed: String(numberAt(body, "seed") ?? 0),
    choices: numberAt(body, "n") ?? 1,
    stream: isTrueAt(body, "stream"),
    includeUsage: isTrueAt(options, "include_usage"),
    continuousUsage: isTrueAt(options, "include_usage") && isTrueAt(options, "continuous_usage_stats"),
  };
  return { ok: true, value };
}

/** Choices one request may ask for: vLLM sets no bound, a simulator that fits in memory needs one. */
const MAX_CHOICES = 128;

function complaintAbout(body: JsonObject, maxTokens: unknown) {
  if (maxTokens !== null && !Number.isInteger(maxTokens)) {
    return invalidBody("max_tokens", "Input should be a valid integer");
  }
  if (typeof maxTokens === "number" && maxTokens < (body.echo === true ? 0 : 1)) {
    return badRequest(`max_tokens must be at least 1, got ${maxTokens}.`, "max_tokens");
  }
  const choices = body.n ?? 1;
  if (typeof choices !== "number" || !Number.isInteger(choices)) {
    return invalidBody("n", "Input should be a valid integer");
  }
  if (choices < 1) return badRequest(`n must be at least 1, got ${choices}.`, "n");
  if (choices > MAX_CHOICES) return badRequest(`n must be at most ${MAX_CHOICES}, got ${choices}.`, "n");
  const temperature = numberAt(body, "temperature");
  if (temperature !== null && temperature < 0) {
    return badRequest(`temperature must be non-negative, got ${temperature}.`, "temperature");
  }
  const topP = numberAt(body, "top_p");
  if (topP !== null && (topP <= 0 || topP > 1)) {
    return badRequest(`top_p must be in (0, 1], got ${topP}.`, "top_p");
  }
  if (objectAt(body, "stream_options") !== null && body.stream !== true) {
    return badRequest("Stream options can only be defined when `stream=True`.", "stream_options");
  }
  if (stopsOf(body).includes("")) return badRequest("stop cannot contain an empty string.", "stop");
  return null;
}

function stopsOf(body: JsonObject): readonly string[] {
  const one = textAt(body, "stop");
  if (one !== null) return [one];
  const several = body.stop;
  return Array.isArray(several) ? several.filter((stop) => typeof stop === "string") : [];
}

/** Tokens each choice may have, or vLLM's sentence about a context that is too long. */
export function roomFor(
  model: SimModel,
  promptTokens: number,
  asked: { readonly maxTokens: number | null; readonly byDefault: number },
): Parsed<number> {
  const { contextLength } = model;
  const wanted = asked.maxTokens ?? 0;
  if (wanted > contextLength) {
    const message = `max_tokens=${wanted} cannot be greater than max_model_len=${contextLength}. Please request fewer output tokens.`;
    return badRequest(message, "max_tokens");
  }
  const left = contextLength - promptTokens;
  if (left < Math.max(1, wanted)) {
    const message =
      `This model's maximum context length is ${contextLength} tokens. However, you requested ` +
      `${wanted} output tokens and your prompt contains ${promptTokens} input tokens, for a total of ` +
      `${promptTokens + wanted} tokens. Please reduce the length of the input prompt or the number of ` +
      "requested output tokens.";
    return badRequest(message, "input_tokens");
  }
  return { ok: true, value: Math.min(asked.maxTokens ?? asked.byDefault, left, model.maxOutputTokens) };
}
