// A transcript as servers of sound write it: the text, and with larger models when each part of it was said.
import type { Segment } from "../../domain/task.ts";
import { recordOf } from "../../lib/record.ts";

/** The one output of a transcription; null where there is none. `language`: wherever the server says it. */
export function transcriptIn(value: unknown, language: unknown): readonly unknown[] | null {
  const { text, segments } = recordOf(value);
  if (typeof text !== "string") return null;
  const told = Array.isArray(segments) ? segments.flatMap(segmentIn) : null;
  return [{ text, language: typeof language === "string" ? language : null, segments: told }];
}

function segmentIn(value: unknown): readonly Segment[] {
  const { start, end, text } = recordOf(value);
  if (typeof start !== "number" || typeof text !== "string") return [];
  return [{ start, end: typeof end === "number" ? end : null, text }];
}
