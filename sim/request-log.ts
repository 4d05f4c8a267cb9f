// What a region saw: the last requests with their headers, bodies and ends, for tests and for the
// curious. Not a log of the product: it shows what only an origin may see.
import type { FaultKind } from "./faults.ts";

/** `completed`: the whole answer was handed over; `aborted`: the connection ended before. */
type RequestOutcome = "running" | "completed" | "aborted";

export interface RequestEntry {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly started_at: number;
  model: string | null;
  body: unknown;
  fault: FaultKind | null;
  status: number | null;
  ended_at: number | null;
  outcome: RequestOutcome;
  tokens_sent: number;
  /** Of the body. */
  bytes_sent: number;
}

export interface RequestLog {
  entries: RequestEntry[];
}

const MAX_ENTRIES = 200;

export function logRequest(
  log: RequestLog,
  head: Pick<RequestEntry, "method" | "path" | "headers" | "started_at">,
): RequestEntry {
  const entry: RequestEntry = {
    ...head,
    model: null,
    body: null,
    fault: null,
    status: null,
    ended_at: null,
    outcome: "running",
    tokens_sent: 0,
    bytes_sent: 0,
  };
  log.entries.push(entry);
  if (log.entries.length > MAX_ENTRIES) log.entries.shift();
  return entry;
}

/** Larger bodies are described, not kept: 200 pictures would be gigabytes. */
const MAX_KEPT_BYTES = 256 * 1024;

export function keptBody(
  body: unknown,
  received: { readonly bytes: number; readonly contentType: string },
): unknown {
  const isKept = received.bytes <= MAX_KEPT_BYTES && !(body instanceof Uint8Array);
  return isKept ? body : `<${received.bytes} bytes of ${received.contentType || "unknown type"}>`;
}
