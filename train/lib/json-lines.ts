// Reads JSON lines, plain or gzipped, from files. Knows nothing of what a line means.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** The two bytes every gzip file opens with (RFC 1952, 2.3.1). */
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** Of our own data: throws on a line that is no JSON, naming its number. */
function refuse(place: string, cause: unknown): never {
  throw new Error(`${place} is not JSON.`, { cause });
}

/** What stands for a line that is no JSON is `onFault`'s to say; without one it ends the reading. */
export function readJsonLines(
  path: string,
  onFault: (place: string, cause: unknown) => unknown = refuse,
): readonly unknown[] {
  const bytes = readFileSync(path);
  const isGzip = bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
  // The decoder drops a byte order mark.
  const text = new TextDecoder().decode(isGzip ? gunzipSync(bytes) : bytes);
  return text
    .split("\n")
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim().length > 0)
    .map(({ line, number }) => {
      try {
        return JSON.parse(line);
      } catch (error) {
        return onFault(`${path}:${number}`, error);
      }
    });
}

/** Every *.jsonl of a folder, by name, so that the order is the same everywhere. */
export function jsonLineFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .toSorted()
    .map((name) => join(folder, name));
}
