// Exports in R2: lines as they come, sent in parts, so that a large export never stands in memory. A part that
// fails aborts the whole: a name that exists holds everything.
import type { Archive } from "../domain/ports.ts";

/** R2 takes parts from 5 MiB on, all but the last of one size; an isolate has 128. */
const PART_BYTES = 8 * 1024 * 1024;

export function archive(bucket: R2Bucket): Archive {
  return {
    put: async (name, lines) => {
      const upload = await bucket.createMultipartUpload(name, {
        httpMetadata: { contentType: "application/jsonl" },
      });
      try {
        const parts: R2UploadedPart[] = [];
        for await (const part of inParts(lines)) parts.push(await upload.uploadPart(parts.length + 1, part));
        await upload.complete(parts);
      } catch (error) {
        await upload.abort();
        throw error;
      }
    },
  };
}

/** All but the last of PART_BYTES exactly. */
async function* inParts(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let part = new Uint8Array(PART_BYTES);
  let length = 0;
  for await (const line of lines) {
    let bytes = encoder.encode(`${line}\n`);
    while (length + bytes.length > PART_BYTES) {
      const fitting = PART_BYTES - length;
      part.set(bytes.subarray(0, fitting), length);
      yield part;
      part = new Uint8Array(PART_BYTES);
      length = 0;
      bytes = bytes.subarray(fitting);
    }
    part.set(bytes, length);
    length += bytes.length;
  }
  if (length > 0) yield part.subarray(0, length);
}
