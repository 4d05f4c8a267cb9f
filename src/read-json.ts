// The body of a request as JSON: size, type, encoding, text, depth, in the order of wire.md §0. It knows
// nothing of what the JSON should hold.
import { noRoom, RouterError } from "./domain/errors.ts";
import type { Ports } from "./domain/ports.ts";
import { readLimited, readMessage } from "./lib/read-limited.ts";

/** A client that sends slower than this is holding a connection, not talking. */
const BODY_TIMEOUT_MS = 30_000;
/** Our own walkers recurse; no real request nests deeper than a JSON schema does. */
const MAX_DEPTH = 64;

/**
 * Most clients write their whole body before they read: refused and cut off earlier, they would see a broken
 * connection in place of the reason. Twice what the largest body may be too large by.
 */
const DROPPED_BYTES = 32 * 1024 * 1024;
/** Whoever sends slower than this to be refused has waited long enough. */
const DROP_TIMEOUT_MS = 5_000;

/** Reads what a refused caller is still sending, and forgets it. */
export async function dropUnread({ body, bodyUsed }: Request): Promise<void> {
  if (body === null || bodyUsed) return;
  const limits = { maxBytes: 0, dropBytes: DROPPED_BYTES, timeoutMs: DROP_TIMEOUT_MS };
  // Whoever left meanwhile is not waiting for an answer.
  await readLimited(body, limits).catch(() => undefined);
}

/** @throws RouterError request_too_large when Content-Length already says so. */
export function checkLength(request: Request, maxBytes: number): void {
  if (Number(request.headers.get("content-length")) > maxBytes) throw tooLarge(maxBytes);
}

/** @throws RouterError unsupported_media_type | request_too_large | request_timeout | invalid_json | overloaded */
export async function readJson(
  ports: Pick<Ports, "after" | "room">,
  request: Request,
  maxBytes: number,
): Promise<unknown> {
  checkMediaType(request.headers);
  const { after, room } = ports;
  const mayKeep = room.take;
  const limits = { maxBytes, dropBytes: DROPPED_BYTES, timeoutMs: BODY_TIMEOUT_MS, after, mayKeep };
  const body = await readMessage(request, limits).catch(brokenOff);
  if (body.kind === "too-large") throw tooLarge(maxBytes);
  if (body.kind === "no-room") throw noRoom();
  if (body.kind === "too-slow") {
    throw new RouterError("request_timeout", `Send the whole body within ${BODY_TIMEOUT_MS / 1000} s.`);
  }
  const value = parse(body.bytes);
  if (!isWithinDepth(value, MAX_DEPTH)) {
    throw new RouterError("invalid_json", `Nest the JSON body at most ${MAX_DEPTH} levels deep.`);
  }
  return value;
}

function checkMediaType(headers: Headers): void {
  const type = headers.get("content-type") ?? "";
  const isJson = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type.trim());
  const encoding = headers.get("content-encoding") ?? "identity";
  if (isJson && encoding.toLowerCase() === "identity") return;
  throw new RouterError(
    "unsupported_media_type",
    "Send the body as 'Content-Type: application/json' in UTF-8, without Content-Encoding.",
  );
}

/** A BOM is dropped; broken UTF-8 throws. Without `stream` a decoder keeps nothing between calls. */
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(STRICT_UTF8.decode(bytes));
  } catch (cause) {
    throw new RouterError("invalid_json", "The body is not valid JSON in UTF-8: check its syntax.", {
      cause,
    });
  }
}

function isWithinDepth(value: unknown, left: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (left === 0) return false;
  for (const member of Object.values(value)) if (!isWithinDepth(member, left - 1)) return false;
  return true;
}

/** A caller who leaves half-way, or announces more bytes than come, is no fault of ours. */
function brokenOff(cause: unknown): never {
  const message = "The body ended before it was whole: send as many bytes as Content-Length announces.";
  throw new RouterError("invalid_json", message, { cause });
}

function tooLarge(maxBytes: number): RouterError {
  const mib = maxBytes / (1024 * 1024);
  return new RouterError("request_too_large", `Send at most ${mib} MiB: this endpoint takes no larger body.`);
}
