// One request from its first byte to the decision what to answer: body, fault, key, route, endpoint.
// The order is that of a real server behind a gateway: the connection may fail before all else.
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { answerAdmin } from "./admin.ts";
import type { Answer } from "./answer.ts";
import type { Call } from "./call.ts";
import { deliver, deliverPlain } from "./deliver.ts";
import { type Fault, takeFault } from "./faults.ts";
import { faultyAnswer } from "./faulty-answer.ts";
import { isObject, textAt } from "./json-object.ts";
import { invalidJson, tooLarge, unauthorized, unknownPath, wrongMethod } from "./refusals.ts";
import type { RegionState } from "./region-state.ts";
import { keptBody } from "./request-log.ts";
import { familyOf, findRoute, needsKey, type Routed } from "./routes.ts";
import { findServed } from "./served.ts";
import { teiPath } from "./tei.ts";
import { aborted, type Exchange } from "./wire.ts";

export const ADMIN_PREFIX = "/admin";

export async function converse(state: RegionState, exchange: Exchange): Promise<void> {
  const { request, entry } = exchange;
  const url = new URL(request.url ?? "/", "http://region");
  const received = await readBody(request);
  if (received === null) return deliverPlain(exchange, tooLarge(familyOf(url.pathname)));
  const contentType = request.headers["content-type"] ?? "";
  const body = contentType.startsWith("multipart/form-data")
    ? await parseForm(received, contentType)
    : parseBody(received, contentType, url.pathname);
  if (url.pathname.startsWith(`${ADMIN_PREFIX}/`)) {
    const path = url.pathname.slice(ADMIN_PREFIX.length);
    return deliverPlain(exchange, answerAdmin(state, { method: entry.method, path, body }));
  }
  const routed = findRoute(entry.method, url.pathname);
  entry.body = keptBody(body, { bytes: received.length, contentType });
  entry.model = modelNamed(routed, body);
  const fault = meetFault(state, routed, entry.model);
  entry.fault = fault?.kind ?? null;
  if (fault?.kind === "refuse") {
    request.socket.resetAndDestroy();
    return;
  }
  if (fault?.kind === "hang") return aborted(exchange.signal);
  const decided = decide(state, { request, url, body, routed, contentType });
  const family = familyOf(url.pathname);
  const answer = fault === null ? decided : faultyAnswer(decided, fault, family);
  await deliver(state, exchange, { answer, fault, family });
}

/** More than the largest body the product lets through, 100 MiB of sound. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;

/** null: too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    // What is too much is still read, and dropped: leaving early would close the way for the answer.
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return length <= MAX_BODY_BYTES ? Buffer.concat(chunks) : null;
}

/** Files become their bytes; undefined: not a form where one was announced. */
async function parseForm(received: Buffer, contentType: string): Promise<unknown> {
  const message = new Response(new Uint8Array(received), { headers: { "content-type": contentType } });
  const form = await message.formData().catch(() => null);
  if (form === null) return undefined;
  const fields = [...form].map(async ([name, value]) => {
    return [name, typeof value === "string" ? value : new Uint8Array(await value.arrayBuffer())] as const;
  });
  return Object.fromEntries(await Promise.all(fields));
}

/** undefined: not JSON where JSON was due. */
function parseBody(received: Buffer, contentType: string, path: string): unknown {
  const isMedia = familyOf(path) === "hf" && contentType !== "" && !contentType.includes("json");
  if (isMedia) return new Uint8Array(received);
  if (received.length === 0) return undefined;
  try {
    return JSON.parse(received.toString("utf8"));
  } catch {
    return undefined;
  }
}

function modelNamed(routed: Routed, body: unknown): string | null {
  if (routed.kind !== "found" || !routed.route.isInference) return null;
  if (routed.route.path === "/tei/*") return teiPath(routed.rest).name;
  if (routed.rest !== "") return routed.rest;
  return isObject(body) ? textAt(body, "model") : null;
}

function meetFault(state: RegionState, routed: Routed, model: string | null): Fault | null {
  const served = model === null ? null : findServed(state.shelf, model);
  const names = [model, served?.base.servedAs, served?.base.root].filter((name) => typeof name === "string");
  const isInference = routed.kind === "found" && routed.route.isInference;
  const { fault, left } = takeFault(state.faults, { names, isInference });
  state.faults = left;
  return fault;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: unknown;
  readonly routed: Routed;
  readonly contentType: string;
}

function decide(state: RegionState, asked: Asked): Answer {
  const { routed, url, body } = asked;
  if (needsKey(url.pathname) && !hasKey(state, asked.request)) return unauthorized();
  if (routed.kind === "unknown") return unknownPath(routed.family);
  if (routed.kind === "wrong-method") return wrongMethod(routed.family, routed.allowed);
  const { route, rest } = routed;
  if (route.method === "POST" && body === undefined) return invalidJson(route.family);
  const call: Call = {
    shelf: state.shelf,
    engines: state.engines,
    timing: state.timing,
    region: state.traits,
    id: randomBytes(16).toString("hex"),
    createdS: Math.floor(Date.now() / 1000),
    body,
    contentType: asked.contentType,
    accept: asked.request.headers.accept ?? "",
    query: url.searchParams,
    rest,
  };
  return route.answer(call);
}

function hasKey(state: RegionState, request: IncomingMessage): boolean {
  if (state.apiKey === null) return true;
  const [scheme, token] = (request.headers.authorization ?? "").split(" ", 2);
  return scheme?.toLowerCase() === "bearer" && token === state.apiKey;
}
