// A recorded load: when each request came, how long its prompt and its answer were. Of a trace it keeps numbers only.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

export interface Arrival {
  /** Since the first request. */
  readonly atMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** The Azure LLM inference traces of 2023: `TIMESTAMP,ContextTokens,GeneratedTokens`, gzipped. */
export function readTrace(path: string, minutes: number): readonly Arrival[] {
  const [, ...lines] = gunzipSync(readFileSync(path)).toString("utf8").trim().split("\n");
  const rows = lines.map(rowOf);
  const startMs = rows[0]?.atMs ?? 0;
  return rows
    .map((row) => ({ ...row, atMs: row.atMs - startMs }))
    .filter(({ atMs }) => atMs < minutes * 60_000);
}

function rowOf(line: string): Arrival {
  const [time = "", context, generated] = line.split(",");
  // Seven digits of a second's fraction: three are all that Date reads.
  const atMs = Date.parse(`${time.slice(0, 23).replace(" ", "T")}Z`);
  return { atMs, promptTokens: Number(context), outputTokens: Number(generated) };
}
