// Reads a request body with a bound on its size and on the time a client may take to send it.

export type LimitedBody =
  | { readonly kind: "whole"; readonly bytes: Uint8Array }
  | { readonly kind: "too-large" }
  | { readonly kind: "too-slow" };

export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** What may still come of a body that is too large: read and forgotten. Absent: it is cancelled at once. */
  readonly dropBytes?: number;
}

/** Never buffers more than `maxBytes` plus one chunk, whatever Content-Length claims. */
export async function readLimited(
  body: ReadableStream<Uint8Array> | null,
  limits: BodyLimits,
): Promise<LimitedBody> {
  if (body === null) return { kind: "whole", bytes: new Uint8Array(0) };
  const reader = body.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooSlow = new Promise<LimitedBody>((resolve) => {
    timer = setTimeout(() => resolve({ kind: "too-slow" }), limits.timeoutMs);
  });
  try {
    const result = await Promise.race([readChunks(reader, limits), tooSlow]);
    // A cancelled body must not turn the refusal into an unhandled rejection.
    if (result.kind !== "whole") reader.cancel().catch(() => undefined);
    return result;
  } finally {
    clearTimeout(timer);
  }
}

async function readChunks(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { maxBytes, dropBytes = 0 }: BodyLimits,
): Promise<LimitedBody> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done)
      return length > maxBytes ? { kind: "too-large" } : { kind: "whole", bytes: join(chunks, length) };
    length += value.byteLength;
    if (length > maxBytes + dropBytes) return { kind: "too-large" };
    if (length <= maxBytes) chunks.push(value);
    else chunks.length = 0;
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
