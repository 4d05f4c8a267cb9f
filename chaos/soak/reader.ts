// One caller on a socket of its own who reads a stream at a pace, and says how the stream ended.
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export type StreamEnd = "done" | "error-event" | "refused" | "no-terminal" | "left";

export interface Reader {
  /** Resolves when the stream ended, or after `leave`. */
  readonly end: Promise<StreamEnd>;
  /** Walks away; what ends after that is no fault of the router. */
  leave(): void;
}

export interface Reading {
  readonly baseUrl: string;
  readonly key: string;
  readonly body: object;
  /** null: as fast as it comes. */
  readonly bytesPerS: number | null;
}

export function openReader({ baseUrl, key, body, bytesPerS }: Reading): Reader {
  let hasLeft = false;
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const call: ClientRequest = request(`${baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers,
    agent: false,
  });
  const end = new Promise<StreamEnd>((resolve) => {
    call.on("error", () => resolve(hasLeft ? "left" : "no-terminal"));
    call.on("response", (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        resolve("refused");
        return;
      }
      readAtPace(response, bytesPerS).then(
        (text) => resolve(hasLeft ? "left" : endOf(text)),
        () => resolve(hasLeft ? "left" : "no-terminal"),
      );
    });
  });
  call.end(JSON.stringify(body));
  return {
    end,
    leave() {
      hasLeft = true;
      call.destroy();
    },
  };
}

/** Enough to hold either terminal. */
const TAIL_CHARACTERS = 1_000;
/** Sockets hand over what they have; a slow reader takes it in pieces of a second. */
const TICK_MS = 1_000;

/** The last characters of the stream. A paused stream fills the socket's buffers, then the router feels it. */
async function readAtPace(response: IncomingMessage, bytesPerS: number | null): Promise<string> {
  let tail = "";
  for await (const bytes of response) {
    tail = (tail + String(bytes)).slice(-TAIL_CHARACTERS);
    if (bytesPerS !== null) await sleep((TICK_MS * (bytes as Buffer).length) / bytesPerS);
  }
  return tail;
}

function endOf(tail: string): StreamEnd {
  const last = tail.trimEnd().split("\n\n").at(-1) ?? "";
  if (last === "data: [DONE]") return "done";
  return last.startsWith('data: {"error"') ? "error-event" : "no-terminal";
}
