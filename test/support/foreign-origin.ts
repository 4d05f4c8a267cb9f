// An OpenAI-compatible server that is none of ours: plain HTTP, written by the page of the API alone, with the
// habits of several servers in use. It keeps what it was sent, heads included.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ForeignRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ForeignOrigin {
  readonly baseUrl: string;
  readonly requests: readonly ForeignRequest[];
  /** Bytes of the next streams, as they stand, each piece a write of its own. */
  scriptStreams(pieces: readonly (string | Uint8Array)[]): void;
  /** Where it sends callers instead of answering; null: it answers. */
  redirectTo(url: string | null): void;
  close(): Promise<void>;
}

export async function startForeignOrigin(): Promise<ForeignOrigin> {
  const requests: ForeignRequest[] = [];
  let script: readonly (string | Uint8Array)[] = DEFAULT_STREAM;
  let redirect: string | null = null;
  const server = createServer((request, response) => {
    void readBody(request).then(async (body) => {
      requests.push({ path: request.url ?? "", headers: request.headers, body });
      if (redirect !== null) response.writeHead(307, { location: redirect }).end();
      else if (body.stream === true) await sendStream(response, script);
      else sendWhole(response, request.url ?? "");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has an address object.
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/deep/v1`,
    requests,
    scriptStreams(pieces) {
      script = pieces;
    },
    redirectTo(url) {
      redirect = url;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<ForeignRequest["body"]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
}

/** The number is beyond doubles and the spacing unusual: whoever re-writes the JSON is found out. */
const WHOLE =
  '{ "object":"chat.completion", "id" : "f-1","created":1700000000,"model":"theirs","seed":12345678901234567890,' +
  '"choices":[{"index":0,"message":{"role":"assistant","content":"Grüße \\u00fc 🦜","reasoning_content":"hm"},' +
  '"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8},"x_extra":{"id":"kept","model":"kept"}}';

const EMBEDDING =
  '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10,-2e-3]}],"model":"theirs","usage":{"prompt_tokens":3,"total_tokens":3}}';

/** The bodies above as the router must pass them on: `id` and `model` on top are its own. */
export function wholeAs(stamp: { readonly id: string; readonly model: string }): string {
  return WHOLE.replace('"f-1"', JSON.stringify(stamp.id)).replace(
    '"model":"theirs"',
    `"model":${JSON.stringify(stamp.model)}`,
  );
}

export function embeddingAs(model: string): string {
  return EMBEDDING.replace('"theirs"', JSON.stringify(model));
}

function sendWhole(response: ServerResponse, path: string): void {
  const headers = {
    "content-type": "application/json",
    "set-cookie": "theirs=1",
    "x-powered-by": "theirs",
    "x-request-id": "theirs",
    "access-control-allow-origin": "https://theirs.example",
  };
  response.writeHead(200, headers).end(path.endsWith("/embeddings") ? EMBEDDING : WHOLE);
}

export const chunk = (choice: object | null, more: object = {}): string =>
  JSON.stringify({
    id: "f-1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "theirs",
    choices: choice === null ? [] : [{ index: 0, ...choice }],
    ...more,
  });

const DEFAULT_STREAM = [
  { delta: { role: "assistant", content: "" }, finish_reason: null },
  { delta: { content: "Hello" }, finish_reason: null },
  { delta: {}, finish_reason: "stop" },
]
  .map((choice) => `data: ${chunk(choice)}\n\n`)
  .concat("data: [DONE]\n\n");

/** Between two writes, so that they leave as segments of their own. */
const APART_MS = 5;

async function sendStream(response: ServerResponse, pieces: readonly (string | Uint8Array)[]): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const piece of pieces) {
    await new Promise((resolve) => response.write(piece, resolve));
    await new Promise((resolve) => setTimeout(resolve, APART_MS));
  }
  response.end();
}
