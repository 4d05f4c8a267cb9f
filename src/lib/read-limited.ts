// Reads a request body with a bound on its size and on the time a client may take to send it.
import { type After, after as afterAlone } from "./alarm-clock.ts";
import { withinOrNull } from "./within-or-null.ts";

export type LimitedBody =
  | { readonly kind: "whole"; readonly bytes: Uint8Array }
  | { readonly kind: "too-large" }
  | { readonly kind: "too-slow" }
  | { readonly kind: "no-room" };

export interface BodyLimits {
  readonly maxBytes: number;
  /** null: whoever reads bounds the time by other means. */
  readonly timeoutMs: number | null;
  /** Asked before bytes are kept; false refuses them. Absent: all that fit are kept. */
  readonly mayKeep?: (bytes: number) => boolean;
  /** The request's clock; absent: a timer of its own. */
  readonly after?: After;
  /** What may still come of a body that is too large: read and forgotten. Absent: it is cancelled at once. */
  readonly dropBytes?: number;
}

/** A Request or a Response. */
export interface Message {
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Like readLimited; a body whose honest length is known and fits is read by the platform, at half the cost. */
export async function readMessage(message: Message, limits: BodyLimits): Promise<LimitedBody> {
  const { maxBytes, mayKeep } = limits;
  if (!fits(message.headers, maxBytes)) return await readLimited(message.body, limits);
  if (mayKeep?.(Number(message.headers.get("content-length"))) === false) return { kind: "no-room" };
  const whole = message
    .arrayBuffer()
    .then((buffer) => ({ kind: "whole", bytes: new Uint8Array(buffer) }) as const);
  return await inTime(whole, limits);
}

/** HTTP ends a body at its Content-Length; a compressed one grows when it is unpacked. */
function fits(headers: Headers, maxBytes: number): boolean {
  const length = headers.get("content-length");
  return (
    length !== null && /^\d+$/.test(length) && Number(length) <= maxBytes && !headers.has("content-encoding")
  );
}

/** Never buffers more than `maxBytes` plus one chunk, whatever Content-Length claims. */
export async function readLimited(
  body: ReadableStream<Uint8Array> | null,
  limits: BodyLimits,
): Promise<LimitedBody> {
  if (body === null) return { kind: "whole", bytes: new Uint8Array(0) };
  const reader = body.getReader();
  const result = await inTime(readChunks(reader, limits), limits);
  // A cancelled body must not turn the refusal into an unhandled rejection.
  if (result.kind !== "whole") reader.cancel().catch(() => undefined);
  return result;
}

async function inTime(reading: Promise<LimitedBody>, limits: BodyLimits): Promise<LimitedBody> {
  const { timeoutMs, after = afterAlone } = limits;
  if (timeoutMs === null) return await reading;
  return (await withinOrNull(after, reading, timeoutMs)) ?? { kind: "too-slow" };
}

async function readChunks(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { maxBytes, dropBytes = 0, mayKeep }: BodyLimits,
): Promise<LimitedBody> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done)
      return length > maxBytes ? { kind: "too-large" } : { kind: "whole", bytes: join(chunks, length) };
    length += value.byteLength;
    if (length > maxBytes + dropBytes) return { kind: "too-large" };
    if (length > maxBytes) chunks.length = 0;
    else if (mayKeep?.(value.byteLength) === false) return { kind: "no-room" };
    else chunks.push(value);
  }
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
