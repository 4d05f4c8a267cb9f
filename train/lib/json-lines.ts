// Reads JSON lines, plain or gzipped, from files. Knows nothing of what a line means.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** The two bytes every gzip file opens with (RFC 1952, 2.3.1). */
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** Throws on a line that is no JSON, naming its number. */
export function readJsonLines(path: string): readonly unknown[] {
  const bytes = readFileSync(path);
  const isGzip = bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
  const text = (isGzip ? gunzipSync(bytes) : bytes).toString("utf8");
  return text
    .split("\n")
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim().length > 0)
    .map(({ line, number }) => parsed(line, `${path}:${number}`));
}

/** Every *.jsonl of a folder, by name, so that the order is the same everywhere. */
export function jsonLineFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .toSorted()
    .map((name) => join(folder, name));
}

function parsed(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`${place} is not JSON.`, { cause: error });
  }
}
