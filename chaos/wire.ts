// What every part says to the router and reads from it: paths, money, prices, lists. Written from the wire's
// description and nothing of the router's own arithmetic, so that the two can disagree.
import { type Json, listOf, parseJson, recordOf } from "../src/lib/record.ts";
import type { Client, Reply } from "./client.ts";

export const BASE = "/api/v1/inference";
export const CHAT = "/v1/chat/completions";
/** Dear enough that every request costs some micro-dollars; every simulated region serves it. */
export const MODEL = "meta-llama/Llama-3.3-70B-Instruct";

/** Decimal USD, as the wire has it, in whole micro-dollars. */
export function micro(usd: unknown): number {
  return Math.round(Number(usd) * 1_000_000);
}

/** Micro-dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

export async function priceOf(client: Client, key: string): Promise<Price> {
  const { json } = await client.send({ path: `/v1/models/${MODEL}`, key });
  const {
    input_per_mtok: input,
    cached_input_per_mtok: cached,
    output_per_mtok: output,
  } = recordOf(json.price);
  return { input: micro(input), cached: micro(cached ?? input), output: micro(output) };
}

/** Rounded up once per request. `usage` is OpenAI's object; null where there is none. */
export function costOf(price: Price, usage: Json): number | null {
  const { prompt_tokens: input, completion_tokens: output } = usage;
  if (typeof input !== "number" || typeof output !== "number") return null;
  const cached = Number(recordOf(usage.prompt_tokens_details).cached_tokens ?? 0);
  const sum = (input - cached) * price.input + cached * price.cached + output * price.output;
  return Math.ceil(sum / 1_000_000);
}

/** Of a whole answer, or of a stream that was asked for it and came to its end. */
export function usageOf(reply: Reply): Json {
  if (!reply.text.startsWith("data: ")) return recordOf(reply.json.usage);
  const frames = reply.text.split("\n\n").filter((frame) => frame !== "");
  if (frames.at(-1) !== "data: [DONE]") return {};
  const last = recordOf(parseJson(frames.at(-2)?.slice("data: ".length) ?? ""));
  return recordOf(last.usage);
}

export function header(reply: Reply, name: string): string | null {
  const value = reply.headers[name];
  return typeof value === "string" ? value : null;
}

export function errorCode(reply: Reply): string | null {
  const { code } = recordOf(reply.json.error);
  return typeof code === "string" ? code : null;
}

/** The largest page there is. */
const PAGE = 200;
/** A million entries: more than any account of these runs has. */
const MAX_PAGES = 5_000;

/** A list to its end. @throws Error where a page is refused: a list that is cut short proves nothing. */
export async function walk(client: Client, path: string, key: string): Promise<readonly Json[]> {
  const found: Json[] = [];
  let cursor: unknown = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = typeof cursor === "string" ? `&cursor=${cursor}` : "";
    const reply = await client.send({ path: `${path}?limit=${PAGE}${query}`, key });
    if (reply.status !== 200) throw new Error(`GET ${path}: ${reply.end} ${reply.status} ${reply.text}`);
    found.push(...listOf(reply.json.data).map(recordOf));
    cursor = reply.json.next_cursor;
    if (cursor === null) return found;
  }
  throw new Error(`GET ${path} has no end`);
}
