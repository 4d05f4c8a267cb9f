// OpenAI requests → Inference. Only what routing, money and the wire need is read; the body goes on to
// the origin otherwise unchanged.
import type { Capability } from "../domain/catalog.ts";
import { invalid } from "../domain/errors.ts";
import type { Inference, PromptView, RoutingWishes, Wire } from "../domain/inference.ts";
import { fromUsd } from "../domain/money.ts";
import { checkImageUrl } from "./image-url.ts";
import {
  type ChatRequest,
  chatRequest,
  completionsRequest,
  embeddingsRequest,
  type Inputs,
} from "./openai-schema.ts";
import { readSchema } from "./read-schema.ts";

/** Whether a smart-routed stream opens with the routing event. */
export interface RequestDefaults {
  readonly routingEvent: "unless-refused" | "on-request";
}

export function parseChat(body: unknown, headers: Headers, defaults: RequestDefaults): Inference {
  const request = readSchema(chatRequest, body);
  const images = imagesOf(request);
  const remoteImages = images.filter((url) => !url.startsWith("data:"));
  const field = request.max_completion_tokens ? "max_completion_tokens" : "max_tokens";
  return {
    ...commonOf(request, { headers, defaults }),
    body: forwarded(body),
    wire: "openai-chat",
    inputs: 1,
    choices: request.n ?? 1,
    answers: request.n ?? 1,
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens ?? null,
    outputLimitField: field,
    needs: needsOf(request, images),
    remoteImages,
    // Under the same address may stand another image tomorrow.
    isRepeatable: isSeeded(request) && remoteImages.length === 0,
    prompt: promptOfChat(request, images),
    opening: openingOf(request),
  };
}

export function parseCompletions(body: unknown, headers: Headers, defaults: RequestDefaults): Inference {
  const request = readSchema(completionsRequest, body);
  const inputs = countInputs(request.prompt);
  return {
    ...commonOf(request, { headers, defaults }),
    body: forwarded(body),
    wire: "openai-completions",
    inputs,
    // Every prompt is answered, and `best_of` candidates are all generated.
    choices: Math.max(request.n ?? 1, request.best_of ?? 1) * inputs,
    answers: (request.n ?? 1) * inputs,
    maxOutputTokens: request.max_tokens ?? null,
    outputLimitField: "max_tokens",
    needs: ["completions"],
    remoteImages: [],
    isRepeatable: isSeeded(request),
    prompt: promptOfInputs(request.prompt),
    opening: null,
  };
}

export function parseEmbeddings(body: unknown, headers: Headers, defaults: RequestDefaults): Inference {
  const request = readSchema(embeddingsRequest, body);
  return {
    ...commonOf({ ...request, stream: null, stream_options: null }, { headers, defaults }),
    body: forwarded(body),
    wire: "openai-embeddings" satisfies Wire,
    inputs: countInputs(request.input),
    choices: 0,
    answers: 0,
    maxOutputTokens: null,
    outputLimitField: "max_tokens",
    needs: ["embeddings"],
    remoteImages: [],
    isRepeatable: true,
    prompt: promptOfInputs(request.input),
    opening: null,
  };
}

/** Nothing is drawn at temperature 0; whoever gives a seed draws the same again. */
function isSeeded({ temperature, seed }: Readonly<Record<string, unknown>>): boolean {
  return temperature === 0 || Number.isSafeInteger(seed);
}

type Common = Pick<
  Inference,
  | "model"
  | "fallbackModels"
  | "stream"
  | "includeUsage"
  | "wishes"
  | "user"
  | "tags"
  | "sessionId"
  | "timeoutMs"
  | "waitMs"
  | "routingEvent"
  | "task"
>;

type CommonRequest = Pick<
  ChatRequest,
  | "model"
  | "models"
  | "routing"
  | "session_id"
  | "prompt_cache_key"
  | "user"
  | "metadata"
  | "stream"
  | "stream_options"
>;

interface Door {
  readonly headers: Headers;
  readonly defaults: RequestDefaults;
}

function commonOf(request: CommonRequest, { headers, defaults }: Door): Common {
  const event = headers.get("x-routing-event");
  return {
    model: request.model,
    fallbackModels: request.models ?? [],
    stream: request.stream ?? false,
    includeUsage: request.stream_options?.include_usage ?? false,
    wishes: wishesOf(request, headers),
    user: request.user ?? null,
    tags: request.metadata ?? null,
    sessionId: request.session_id ?? request.prompt_cache_key ?? headers.get("x-session-id"),
    timeoutMs: timeoutOf(headers),
    waitMs: waitOf(headers),
    task: null,
    routingEvent: defaults.routingEvent === "unless-refused" ? event !== "false" : event === "true",
  };
}

/** The caller's own body, not zod's copy of it: every field goes on as it came, but for ours. */
function forwarded(body: unknown): Inference["body"] {
  const {
    routing: _routing,
    models: _models,
    session_id: _session,
    ...rest
  } = body as Record<string, unknown>; // readSchema saw an object
  return rest;
}

function wishesOf(request: CommonRequest, headers: Headers): RoutingWishes {
  const { routing } = request;
  const maxCost = routing?.max_cost_usd ?? null;
  return {
    pool: routing?.model_pool ?? null,
    optimize: routing?.optimize ?? null,
    task: routing?.task ?? null,
    region: routing?.region ?? headers.get("x-region"),
    maxCostMicroUsd: maxCost === null ? null : fromUsd(maxCost),
    fallback: routing?.fallback ?? true,
  };
}

/** An hour: far beyond any model's own limit, and short enough for a timer. */
const MAX_TIMEOUT_MS = 3_600_000;

function timeoutOf(headers: Headers): number | null {
  const value = headers.get("x-timeout-ms");
  if (value === null) return null;
  const timeoutMs = Number(value);
  if (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  throw invalid(
    "x-timeout-ms",
    `Invalid 'x-timeout-ms': send whole milliseconds from 1 to ${MAX_TIMEOUT_MS}.`,
  );
}

/** wire.md §1: longer than the largest model takes from disk, short of what proxies give up after. */
const MAX_WAIT_S = 120;

function waitOf(headers: Headers): number | null {
  const value = headers.get("x-wait");
  if (value === null) return null;
  const waitS = Number(value);
  if (waitS >= 1 && waitS <= MAX_WAIT_S) return waitS * 1000;
  throw invalid("x-wait", `Invalid 'x-wait': send seconds from 1 to ${MAX_WAIT_S}.`);
}

type Message = ChatRequest["messages"][number];

function textOf(message: Message): string {
  const { content } = message;
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => part.text ?? "").join("\n");
}

/** wire.md §0; the model sees at most this many. */
const MAX_IMAGES = 8;
/** 16 MiB decoded, in base64; what is fetched is measured when it comes. */
const MAX_IMAGES_LENGTH = Math.ceil((16 * 1024 * 1024 * 4) / 3) + MAX_IMAGES * 64;

function imagesOf(request: ChatRequest): readonly string[] {
  const urls: string[] = [];
  request.messages.forEach((message, at) => {
    if (typeof message.content === "string" || !message.content) return;
    message.content.forEach((part, index) => {
      if (part.type !== "image_url" || part.image_url === undefined) return;
      checkImageUrl(part.image_url.url, `messages[${at}].content[${index}].image_url.url`);
      urls.push(part.image_url.url);
    });
  });
  if (urls.length > MAX_IMAGES)
    throw invalid("messages", `Send at most ${MAX_IMAGES} images in one request.`);
  if (urls.reduce((sum, url) => sum + url.length, 0) > MAX_IMAGES_LENGTH)
    throw invalid("messages", "Send images of at most 16 MiB together in one request.");
  return urls;
}

function needsOf(request: ChatRequest, images: readonly string[]): readonly Capability[] {
  const needs: Capability[] = ["chat"];
  if (request.tools && request.tools.length > 0) needs.push("tools");
  const format = request.response_format?.type;
  if (format === "json_object" || format === "json_schema") needs.push("json");
  if (images.length > 0) needs.push("vision");
  return needs;
}

/** What an image weighs in the size estimate: about 1,000 tokens, whatever its encoding takes. */
const IMAGE_BYTES = 3_000;

function promptOfChat(request: ChatRequest, images: readonly string[]): PromptView {
  const texts = request.messages.map(textOf);
  const isSystem = (message: Message) => message.role === "system" || message.role === "developer";
  const lastUser = request.messages.findLastIndex((message) => message.role === "user");
  const tools = request.tools ? byteLength(JSON.stringify(request.tools)) : 0;
  const spoken = texts.reduce((sum, text) => sum + byteLength(text), 0);
  const called = request.messages.reduce((sum, message) => sum + extrasBytes(message), 0);
  const bytes = spoken + called + tools + images.length * IMAGE_BYTES;
  return {
    text: texts[lastUser] ?? texts.at(-1) ?? "",
    system: request.messages
      .flatMap((message, at) => (isSystem(message) ? [texts[at] ?? ""] : []))
      .join("\n"),
    turns: request.messages.filter((message) => message.role === "user").length,
    size: { bytes, messages: request.messages.length },
  };
}

function openingOf({ messages }: ChatRequest): string {
  const first = messages.find((message) => message.role === "user");
  return first === undefined ? "" : textOf(first);
}

/** Tool calls, names, reasoning: templates render them into the prompt like any text. */
function extrasBytes({ role: _role, content: _content, ...extras }: Message): number {
  return Object.keys(extras).length === 0 ? 0 : byteLength(JSON.stringify(extras));
}

function promptOfInputs(inputs: Inputs): PromptView {
  const list = typeof inputs === "string" ? [inputs] : inputs;
  const bytes = list.reduce<number>((sum, input) => sum + inputBytes(input), 0);
  const first = list[0];
  const messages = countInputs(inputs);
  return { text: typeof first === "string" ? first : "", system: "", turns: 1, size: { bytes, messages } };
}

/** A token id counts as the three bytes that the estimate takes for a token. */
const BYTES_PER_TOKEN_ID = 3;

function inputBytes(input: string | number | readonly number[]): number {
  if (typeof input === "string") return byteLength(input);
  return BYTES_PER_TOKEN_ID * (typeof input === "number" ? 1 : input.length);
}

/** One list of token ids is one input. */
function countInputs(inputs: Inputs): number {
  return typeof inputs === "string" || typeof inputs[0] === "number" ? 1 : inputs.length;
}

const encoder = new TextEncoder();

function byteLength(text: string): number {
  return encoder.encode(text).byteLength;
}
