// Bytes to a router's port as they stand, and all that comes back: for requests that no HTTP client would write.
import { once } from "node:events";
import { connect } from "node:net";

export interface RawExchange {
  readonly lines: readonly string[];
  readonly body: string;
  /** What the sender does behind its last byte: end its half of the connection, or wait for the answer. */
  readonly ending: "end" | "wait";
}

/**
 * Writes all before it reads anything, as many clients do: whoever cuts them off early is not heard.
 * @returns everything received until the router closes the connection or its JSON answer is whole
 */
export async function exchangeBytes(baseUrl: string, { lines, body, ending }: RawExchange): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect({ host: hostname, port: Number(port), timeout: PATIENCE_MS });
  let received = "";
  const listen = () =>
    socket.on("data", (bytes) => {
      received += bytes.toString();
      if (ending === "wait" && received.endsWith("}")) socket.destroy();
    });
  socket.on("timeout", () => socket.destroy());
  // A reset is an end like any other; what came before it is the answer.
  socket.on("error", () => undefined);
  socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`, listen);
  if (ending === "end") socket.end();
  await once(socket, "close");
  return received;
}

/** Longer than the router waits for a body. */
const PATIENCE_MS = 40_000;
