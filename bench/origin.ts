// The fastest origin there is: a raw socket that answers every request at once with a fixed completion. A process
// of its own, `node bench/origin.ts`, so that its event loop is not the benchmark's; prints its port.
import { createServer, type Socket } from "node:net";

const BODY = JSON.stringify({
  id: "chatcmpl-0",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "bench",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: "Here is the function: def sort_list(xs): return sorted(xs)." },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: { prompt_tokens: 200, total_tokens: 216, completion_tokens: 16 },
});

const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(BODY)}\r\n\r\n${BODY}`,
);

/** Every request has a Content-Length; several may stand in one segment, one may come in pieces. */
function serve(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on("error", () => undefined);
  let pending = Buffer.alloc(0);
  socket.on("data", (bytes) => {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    for (let length = requestLength(pending); length > 0; length = requestLength(pending)) {
      pending = pending.subarray(length);
      socket.write(ANSWER);
    }
  });
}

/** Of the first request in the buffer; 0 while it is not whole. */
function requestLength(buffer: Buffer): number {
  const headEnd = buffer.indexOf("\r\n\r\n");
  if (headEnd === -1) return 0;
  const match = /content-length: *(\d+)/i.exec(buffer.toString("latin1", 0, headEnd));
  const length = headEnd + 4 + Number(match?.[1] ?? 0);
  return buffer.length >= length ? length : 0;
}

const server = createServer(serve);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) console.log(address.port);
});
// Ends with whoever started it.
process.stdin.on("end", () => process.exit(0)).resume();
