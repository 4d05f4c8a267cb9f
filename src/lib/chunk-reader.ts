// Reads a body piece by piece into one piece of memory where the platform can: workerd gives every other read four
// kilobytes of its own, which a stream of small events leaves behind by the megabyte.

export interface ChunkReader {
  /** null at the end. What it returns is good until the next read. Rejects as the body fails. */
  read(): Promise<Uint8Array | null>;
  cancel(): Promise<void>;
}

/** As much as the platform takes for a read: some events at once. Many streams wait with theirs. */
const CHUNK_BYTES = 4 * 1024;

export function chunkReader(body: ReadableStream<Uint8Array>): ChunkReader {
  const reader = byobReaderOf(body);
  return reader === null ? plainReader(body) : reusingReader(reader);
}

/** null where the bytes are made by JavaScript, which hands over chunks of its own. */
function byobReaderOf(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return null;
  }
}

function reusingReader(reader: ReadableStreamBYOBReader): ChunkReader {
  let memory: ArrayBuffer | null = new ArrayBuffer(CHUNK_BYTES);
  return {
    async read() {
      if (memory === null) return null;
      const { done, value } = await reader.read(new Uint8Array(memory));
      if (done) {
        memory = null;
        return null;
      }
      // The read has taken the memory away, and gives it back with its bytes.
      memory = value.buffer;
      return value;
    },
    cancel: () => reader.cancel(),
  };
}

function plainReader(body: ReadableStream<Uint8Array>): ChunkReader {
  const reader = body.getReader();
  return {
    async read() {
      const { done, value } = await reader.read();
      return done ? null : value;
    },
    cancel: () => reader.cancel(),
  };
}
