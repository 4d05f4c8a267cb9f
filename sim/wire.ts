// The writing side of one HTTP exchange, with back-pressure, and with the faults of connections:
// resets, early ends, silence, slowness, odd line ends. Knows bytes, not what they say.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Fault } from "./faults.ts";
import { sleep } from "./pace.ts";
import type { RequestEntry } from "./request-log.ts";
import type { LineEnd } from "./sse-frame.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: RequestEntry;
  /** Aborts when the connection ends, for whatever reason. */
  readonly signal: AbortSignal;
}

/** Where a body breaks off, and whether the peer can tell. */
interface Cut {
  readonly afterBytes: number;
  readonly how: "reset" | "end";
}

export interface WireFault {
  readonly lineEnd: LineEnd;
  /** null: to the end. */
  readonly cut: Cut | null;
  /** null: as fast as it is read. */
  readonly bytesPerS: number | null;
  readonly isSplit: boolean;
  /** Headers go out and nothing after them. */
  readonly isSilent: boolean;
}

/** `halfBytes` is asked for only where a fault begins in the middle. */
export function wireFaultOf(fault: Fault | null, halfBytes: () => number): WireFault {
  const kind = fault?.kind ?? null;
  const isCut = kind === "die" || kind === "end";
  const bytesPerS = fault?.bytes_per_s ?? (fault?.factor === null ? 1 : null);
  return {
    lineEnd: kind === "crlf" ? "\r\n" : "\n",
    cut: isCut
      ? { afterBytes: fault?.after_bytes ?? halfBytes(), how: kind === "die" ? "reset" : "end" }
      : null,
    bytesPerS: kind === "slow" ? bytesPerS : null,
    isSplit: kind === "split",
    isSilent: kind === "hang_after_headers",
  };
}

export interface Wire {
  open(status: number, headers: Readonly<Record<string, string>>): void;
  /** false: nothing more can be sent. */
  send(bytes: Uint8Array): Promise<boolean>;
  finish(): void;
}

export function createWire(exchange: Exchange, fault: WireFault): Wire {
  const { response, entry, signal } = exchange;
  return {
    open: (status, headers) => {
      entry.status = status;
      response.writeHead(status, { server: "uvicorn", ...headers });
      response.flushHeaders();
    },
    send: async (bytes) => {
      if (signal.aborted) return false;
      if (fault.isSilent) {
        await aborted(signal);
        return false;
      }
      if (fault.cut === null) return write(exchange, bytes, fault);
      return writeUntil(exchange, bytes, { fault, cut: fault.cut });
    },
    finish: () => {
      if (!signal.aborted && !response.writableEnded) response.end();
    },
  };
}

async function writeUntil(
  exchange: Exchange,
  bytes: Uint8Array,
  { fault, cut }: { readonly fault: WireFault; readonly cut: Cut },
): Promise<boolean> {
  const left = cut.afterBytes - exchange.entry.bytes_sent;
  if (bytes.length < left) return write(exchange, bytes, fault);
  // Flushed, since a reset drops what the kernel has not sent yet.
  if (left > 0) await flush(exchange, bytes.subarray(0, left));
  await cutOff(exchange, cut.how);
  return false;
}

async function write(exchange: Exchange, bytes: Uint8Array, fault: WireFault): Promise<boolean> {
  if (fault.bytesPerS !== null) return trickle(exchange, bytes, fault.bytesPerS);
  if (fault.isSplit) return split(exchange, bytes);
  const { response, entry, signal } = exchange;
  entry.bytes_sent += bytes.length;
  if (bytes.length > 0 && !response.write(bytes)) await drained(exchange);
  return !signal.aborted;
}

async function split(exchange: Exchange, bytes: Uint8Array): Promise<boolean> {
  for (let index = 0; index < bytes.length && !exchange.signal.aborted; index += 1) {
    await flush(exchange, bytes.subarray(index, index + 1));
  }
  return !exchange.signal.aborted;
}

/** Whole bytes at even distances; above 100 a second several at a time, as timers are no finer. */
async function trickle(exchange: Exchange, bytes: Uint8Array, bytesPerS: number): Promise<boolean> {
  const size = Math.max(1, Math.ceil(bytesPerS / 100));
  for (let index = 0; index < bytes.length && !exchange.signal.aborted; index += size) {
    const piece = bytes.subarray(index, index + size);
    await sleep((piece.length * 1000) / Math.max(bytesPerS, 0.001), exchange.signal);
    if (!exchange.signal.aborted) await flush(exchange, piece);
  }
  return !exchange.signal.aborted;
}

/** Settles when the kernel has the bytes, so that the next write is a segment of its own. */
function flush(exchange: Exchange, bytes: Uint8Array): Promise<void> {
  exchange.entry.bytes_sent += bytes.length;
  return settled(exchange, (done) => exchange.response.write(bytes, done));
}

function drained(exchange: Exchange): Promise<void> {
  return settled(exchange, (done) => exchange.response.once("drain", done));
}

/** Waits for one event of the response, or for the end of the connection, and leaves no listener. */
function settled({ response, signal }: Exchange, begin: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    signal.addEventListener("abort", done);
    begin(done);
  });
}

/** A reset overtakes bytes the peer has not read: this gives it the time to read them. */
const BEFORE_RESET_MS = 10;

async function cutOff({ request, response, signal }: Exchange, how: "reset" | "end"): Promise<void> {
  if (how === "end") {
    response.end();
    return;
  }
  await sleep(BEFORE_RESET_MS, signal);
  request.socket.resetAndDestroy();
}

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
