import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { readTrace } from "../../../sim/replay/trace.ts";

it("reads arrivals since the first, up to the minutes asked for", () => {
  const folder = mkdtempSync(join(tmpdir(), "trace-"));
  const path = join(folder, "trace.csv.gz");
  const lines = [
    "TIMESTAMP,ContextTokens,GeneratedTokens",
    "2023-11-16 18:15:46.6805900,374,44",
    "2023-11-16 18:15:50.9951690,396,109",
    "2023-11-16 18:17:00.0000000,1,2",
  ];
  writeFileSync(path, gzipSync(`${lines.join("\r\n")}\n`));
  expect(readTrace(path, 1)).toEqual([
    { atMs: 0, promptTokens: 374, outputTokens: 44 },
    { atMs: 4_315, promptTokens: 396, outputTokens: 109 },
  ]);
  rmSync(folder, { recursive: true });
});
