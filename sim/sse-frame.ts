// A frame as server-sent event text, as vLLM writes it: one data line, one blank line.
import type { Frame } from "./answer.ts";

export type LineEnd = "\n" | "\r\n";

export function frameText(frame: Frame, lineEnd: LineEnd): string {
  const { payload } = frame;
  return `data: ${typeof payload === "string" ? payload : JSON.stringify(payload)}${lineEnd}${lineEnd}`;
}

export function frameBytes(frame: Frame): number {
  return Buffer.byteLength(frameText(frame, "\n"));
}
