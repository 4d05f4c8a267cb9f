// How the tests of simulated regions talk to one: over true HTTP, with nothing of the product between.

import { INSTANT_TIMING } from "../../sim/gpu.ts";
import type { JsonObject } from "../../sim/json-object.ts";
import { type RegionOptions, type RunningRegion, startRegion } from "../../sim/region.ts";

export const CHAT = "qwen3-14b";
export const EMBEDDER = "bge-small";

export const OPTIONS: RegionOptions = {
  region: "us-east",
  port: 0,
  apiKey: null,
  timing: INSTANT_TIMING,
  models: [
    model(CHAT, "text-generation", { root: "Qwen/Qwen3-14B" }),
    model(EMBEDDER, "embeddings", { contextLength: 512 }),
    model("org/sentiment", "text-classification"),
    model("ner", "token-classification"),
    model("vit", "image-classification"),
    model("detr", "object-detection"),
    model("whisper", "automatic-speech-recognition"),
    model("bert", "fill-mask"),
    model("roberta", "question-answering"),
    model("clip", "zero-shot-image-classification"),
    model("sdxl", "text-to-image"),
  ],
};

type SimModel = RegionOptions["models"][number];

function model(servedAs: string, task: SimModel["task"], more: Partial<SimModel> = {}): SimModel {
  return { servedAs, task, parametersB: 14, contextLength: 4096, maxOutputTokens: 1024, ...more };
}

export interface RegionClient {
  readonly running: RunningRegion;
  /** `path` from the root of the server. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string): Promise<Response>;
  chat(body: JsonObject): Promise<Response>;
  admin(method: string, path: string, body?: unknown): Promise<Response>;
  fault(fault: JsonObject): Promise<void>;
  /** The request seen last. */
  lastRequest(): Promise<JsonObject>;
}

export async function openRegion(options: Partial<RegionOptions> = {}): Promise<RegionClient> {
  const running = await startRegion({ ...OPTIONS, ...options });
  const root = running.baseUrl.replace("/v1", "");
  const post: RegionClient["post"] = (path, body, headers = {}) =>
    fetch(root + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
    });
  const admin: RegionClient["admin"] = (method, path, body) =>
    fetch(running.adminUrl + path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return {
    running,
    post,
    admin,
    get: (path) => fetch(root + path),
    chat: (body) => post("/v1/chat/completions", { model: CHAT, messages: HELLO, ...body }),
    fault: async (fault) => {
      const answer = await admin("POST", "/faults", fault);
      if (answer.status !== 201) throw new Error(await answer.text());
    },
    lastRequest: async () => {
      const seen = JSON.parse(await (await admin("GET", "/requests")).text());
      return seen.at(-1);
    },
  };
}

export const HELLO = [{ role: "user", content: "Tell me something about lighthouses." }];

/** The payloads of a stream, as text, without the terminator. */
export function eventsOf(text: string): readonly string[] {
  return text
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => event.replace(/^data: /, ""));
}

interface Chunk {
  readonly id: string;
  readonly object: string;
  readonly model: string;
  readonly choices: readonly Choice[];
  readonly usage?: Usage;
}

interface Choice {
  readonly index: number;
  readonly delta: {
    readonly role?: string;
    readonly content?: string;
    readonly tool_calls?: readonly ToolDelta[];
  };
  readonly text: string;
  readonly logprobs: JsonObject | null;
  readonly finish_reason: string | null;
  readonly stop_reason?: string | null;
}

interface ToolDelta {
  readonly index: number;
  readonly id?: string;
  readonly function: { readonly name?: string; readonly arguments?: string };
}

interface Usage {
  readonly prompt_tokens: number;
  readonly total_tokens: number;
  readonly completion_tokens: number;
  readonly gpu_ms?: number;
  readonly prompt_tokens_details?: { readonly cached_tokens: number } | null;
}

/** The JSON events of a stream; a terminator is left out. */
export function chunksOf(text: string): readonly Chunk[] {
  return eventsOf(text)
    .filter((event) => event !== "[DONE]")
    .map((event) => JSON.parse(event));
}

/** The text that the content deltas of the first choice make. */
export function contentOf(text: string): string {
  const chunks = chunksOf(text).filter((chunk) => chunk.choices[0]?.index === 0);
  return chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? "").join("");
}

/** Whole answers of both completion endpoints, as far as tests look. */
export interface Whole {
  readonly id: string;
  readonly object: string;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly text: string;
    readonly message: {
      readonly role: string;
      readonly content: string | null;
      readonly tool_calls: readonly {
        readonly id: string;
        readonly function: { readonly name: string; readonly arguments: string };
      }[];
    };
    readonly logprobs: JsonObject | null;
    readonly finish_reason: string;
    readonly stop_reason: string | null;
  }[];
  readonly usage: Usage;
}

export async function wholeOf(answer: Response | Promise<Response>): Promise<Whole> {
  const response = await answer;
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return JSON.parse(await response.text());
}

export async function errorOf(answer: Response | Promise<Response>): Promise<JsonObject> {
  const body = JSON.parse(await (await answer).text());
  return body.error;
}

/** Asks again until it holds; a region learns of a closed connection a few milliseconds later. */
export async function eventually(holds: () => Promise<boolean>): Promise<boolean> {
  for (let round = 0; round < 100; round += 1) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}
