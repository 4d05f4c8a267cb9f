// Callers who misbehave on a bare socket: who leave at a moment of their choice, read slowly, send slowly, or lie
// about how much they send. They know bytes and moments; what the router owes them is said where rows are.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { CHAT } from "../wire.ts";
import { bodyFor, type Scene, type SendCall } from "./scene.ts";

export interface Caller {
  readonly socket: Socket;
  received(): string;
  /** @throws Error when nothing like it came in time */
  until(pattern: RegExp): Promise<void>;
  leave(how: Leaving): void;
}

export type Leaving = "RST" | "FIN";

export interface Wire {
  /** Announced; that of the body without. */
  readonly length?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes a second of the body; at once without. */
  readonly bytesPerS?: number;
  /** Bytes read at each `resume`; as they come without. */
  readonly sips?: number;
}

const PATIENCE_MS = 40_000;
const POLL_MS = 5;

export async function callRaw(scene: Scene, call: SendCall, wire: Wire = {}): Promise<Caller> {
  const { hostname, port } = new URL(scene.demo.base_url);
  let text = "";
  const hear = (bytes: Uint8Array) => {
    text += Buffer.from(bytes).toString("latin1");
  };
  const socket = connect({ host: hostname, port: Number(port), ...sipping(wire, hear) });
  socket.on("data", hear);
  // An end like any other; whoever waits for more notices it.
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const body = JSON.stringify(bodyFor(scene, call));
  socket.write(headFor(scene, Buffer.byteLength(body), wire));
  void sendBody(socket, body, wire);
  return {
    socket,
    received: () => text,
    async until(pattern) {
      const deadlineMs = Date.now() + PATIENCE_MS;
      while (!pattern.test(text)) {
        if (Date.now() > deadlineMs) throw new Error(`nothing like ${pattern}: ${text.slice(-500)}`);
        await sleep(POLL_MS);
      }
    },
    leave(how) {
      if (how === "RST") socket.resetAndDestroy();
      else socket.destroy();
    },
  };
}

/** Node reads no more than asked of it: what is not read stays with the router. */
function sipping({ sips }: Wire, hear: (bytes: Uint8Array) => void) {
  if (sips === undefined) return {};
  const buffer = Buffer.alloc(sips);
  const callback = (length: number, into: Uint8Array) => {
    hear(into.subarray(0, length));
    return false;
  };
  return { onread: { buffer, callback } };
}

function headFor({ account }: Scene, bodyLength: number, { length, headers = {} }: Wire): string {
  const lines = [
    `POST ${CHAT} HTTP/1.1`,
    "host: router",
    `authorization: Bearer ${account.apiKey}`,
    "content-type: application/json",
    `content-length: ${length ?? bodyLength}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

async function sendBody(socket: Socket, body: string, { bytesPerS }: Wire): Promise<void> {
  if (bytesPerS === undefined) {
    socket.write(body);
    return;
  }
  for (const character of body) {
    if (socket.destroyed) return;
    socket.write(character);
    await sleep(1_000 / bytesPerS);
  }
}
