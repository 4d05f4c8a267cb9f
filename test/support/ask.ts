// One call on the wire, exactly as written: any path, any header, any bytes, chunked if wanted; and its
// answer with the pieces in which it came. It knows nothing of what routers answer.
import { type IncomingMessage, type RequestOptions, request } from "node:http";

export interface Ask {
  readonly baseUrl: string;
  /** Sent as it stands: nothing is escaped or resolved. */
  readonly path: string;
  /** POST where there is a body, else GET. */
  readonly method?: string;
  readonly key?: string;
  /** A list is sent as several lines of the same name. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Objects are sent as JSON with its content type; text and bytes as they are, with none. */
  readonly body?: object | string | Uint8Array;
  /** Without a length, in pieces. */
  readonly framing?: "length" | "chunked";
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of the text; empty where that is no JSON object. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly startedAtMs: number;
  readonly headersAtMs: number;
  /** As the router wrote them: one piece of chunked framing each. */
  readonly pieces: readonly Piece[];
  /** false where the connection broke before the body was whole. */
  readonly isWhole: boolean;
}

export interface Piece {
  readonly text: string;
  readonly atMs: number;
}

/** A call that hangs fails its own test, not the whole run. */
const PATIENCE_MS = 60_000;

export function ask(what: Ask): Promise<Answer> {
  const startedAtMs = performance.now();
  const { bytes, headers } = encode(what);
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const sent = request(what.baseUrl, optionsOf(what, headers), (response) => {
      isAnswered = true;
      read(response, startedAtMs).then(resolve, reject);
    });
    // Whoever is refused before the body was read may find the way for the rest closed.
    sent.on("error", (error) => isAnswered || reject(error));
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    if (what.framing === "chunked") for (const piece of inPieces(bytes)) sent.write(piece);
    sent.end(what.framing === "chunked" ? undefined : bytes);
  });
}

interface Encoded {
  readonly bytes: Uint8Array;
  readonly headers: Record<string, string | readonly string[]>;
}

function encode({ body, key, headers = {}, framing = "length" }: Ask): Encoded {
  const isJson = typeof body === "object" && !(body instanceof Uint8Array);
  const text = isJson ? JSON.stringify(body) : (body ?? "");
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const isSized = framing === "length" && body !== undefined;
  return {
    bytes,
    headers: {
      ...(isJson ? { "content-type": "application/json" } : {}),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(isSized ? { "content-length": String(bytes.length) } : {}),
      ...headers,
    },
  };
}

function optionsOf({ path, method, body }: Ask, headers: Encoded["headers"]): RequestOptions {
  return {
    path,
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: headers as Record<string, string | string[]>, // node changes no list it is given
    timeout: PATIENCE_MS,
  };
}

const PIECE_BYTES = 64 * 1024;

function* inPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

async function read(response: IncomingMessage, startedAtMs: number): Promise<Answer> {
  const headersAtMs = performance.now();
  const pieces: Piece[] = [];
  const decoder = new TextDecoder();
  response.on("data", (bytes: Buffer) => {
    pieces.push({ text: decoder.decode(bytes, { stream: true }), atMs: performance.now() });
  });
  await new Promise((resolve) => response.once("close", resolve));
  const text = pieces.map((piece) => piece.text).join("");
  return {
    status: response.statusCode ?? 0,
    headers: new Headers(pairsOf(response.rawHeaders)),
    text,
    json: objectOf(text),
    startedAtMs,
    headersAtMs,
    pieces,
    isWhole: response.complete,
  };
}

function pairsOf(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, raw[at + 1] ?? ""]] : []));
}

function objectOf(text: string): Answer["json"] {
  try {
    const value: unknown = JSON.parse(text);
    // What is no object has no members to look at.
    return typeof value === "object" && value !== null ? (value as Answer["json"]) : {};
  } catch {
    return {};
  }
}
