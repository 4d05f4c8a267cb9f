// A caller on a bare socket, who can leave politely (FIN) or not (RST) and who notes when each event came.
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface RawCaller {
  /** Everything received so far, as text; chunked framing included. */
  received(): string;
  /** Waits until the text received matches. */
  until(pattern: RegExp, timeoutMs?: number): Promise<void>;
  /** Leaves; returns the time. */
  leave(how: "RST" | "FIN"): number;
}

export interface RawRequest {
  readonly baseUrl: string;
  readonly path: string;
  readonly apiKey: string;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const POLL_MS = 5;

export async function rawCall(request: RawRequest): Promise<RawCaller> {
  const { hostname, port } = new URL(request.baseUrl);
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.on("data", (bytes) => {
    text += bytes.toString("utf8");
  });
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write(head(request));
  return {
    received: () => text,
    async until(pattern, timeoutMs = 10_000) {
      const deadline = Date.now() + timeoutMs;
      while (!pattern.test(text)) {
        if (Date.now() > deadline)
          throw new Error(`nothing like ${pattern} within ${timeoutMs} ms:\n${text}`);
        await sleep(POLL_MS);
      }
    },
    leave: (how) => leave(socket, how),
  };
}

function leave(socket: Socket, how: "RST" | "FIN"): number {
  if (how === "RST") socket.resetAndDestroy();
  else socket.destroy();
  return Date.now();
}

function head({ path, apiKey, body, headers = {} }: RawRequest): string {
  const json = JSON.stringify(body);
  const lines = [
    `POST ${path} HTTP/1.1`,
    "host: router",
    `authorization: Bearer ${apiKey}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(json)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${json}`;
}
