// Ways in which an origin fails before it has said anything, and what callers are told when all of them do.
// Data alone.
import type { ErrorCode } from "../../src/domain/errors.ts";

const BEFORE_CONTENT = [
  { kind: "status_429" },
  { kind: "status_503" },
  { kind: "status_500" },
  { kind: "refuse" },
  { kind: "garbage" },
  { kind: "error_event", after_bytes: 0 },
  { kind: "garbage_frame", after_bytes: 0 },
  { kind: "end", after_bytes: 0 },
  { kind: "die", after_bytes: 0 },
];
/** Each streamed and whole. */
export const FAULTS_BOTH_WAYS = BEFORE_CONTENT.flatMap((fault) =>
  [true, false].map((stream) => ({ ...fault, stream })),
);

/** What a caller is told where every origin fails like this: streamed, and whole. */
const ENDS: readonly (readonly [object, ErrorCode, ErrorCode])[] = [
  [{ kind: "status_429" }, "overloaded", "overloaded"],
  [{ kind: "status_503" }, "overloaded", "overloaded"],
  [{ kind: "status_500" }, "upstream_failed", "upstream_failed"],
  [{ kind: "refuse" }, "upstream_failed", "upstream_failed"],
  [{ kind: "garbage" }, "upstream_disconnected", "upstream_disconnected"],
  [{ kind: "error_event", after_bytes: 0 }, "upstream_disconnected", "upstream_failed"],
  [{ kind: "end", after_bytes: 0 }, "upstream_disconnected", "upstream_disconnected"],
];
export const ENDS_BOTH_WAYS = ENDS.flatMap(([fault, streamed, whole]) => [
  { fault, stream: true, code: streamed },
  { fault, stream: false, code: whole },
]);
