// The faults of callers, row by row, at origins that do nothing wrong. Those of the control plane that nobody outside
// can provoke (an Account object that is overloaded, breaks once or loses its reply; settlements that never leave)
// are met by test/usage/mailbox.test.ts, test/admission and test/durable-objects.

import { idleStreams, leaveAtSettlement, sameKey } from "./caller-crowds.ts";
import { lieAboutLength, readSlowly, sendSlowly } from "./caller-pace.ts";
import type { Leaving } from "./callers.ts";
import type { Case, Mode, Timeouts } from "./case.ts";
import { leave, type Moment } from "./leaving.ts";

const PATIENT: Timeouts = { ttft_ms: 30_000, idle_ms: 30_000, total_ms: 60_000 };

interface Row {
  readonly fault: string;
  readonly what: string;
  readonly expected: string;
  readonly run: (scene: Parameters<Case["run"]>[0]) => Promise<void>;
  readonly modes?: readonly Mode[];
  readonly isShort?: boolean | Mode;
  readonly seconds?: number;
}

const LEAVERS: readonly (readonly [string, Leaving])[] = [
  ["F32", "RST"],
  ["F33", "FIN"],
];

const leaving = (moment: Moment, expected: string, more: Partial<Row> = {}): readonly Row[] =>
  LEAVERS.map(([fault, how]) => ({
    fault,
    what: `${how} ${moment}`,
    expected,
    run: (scene) => leave(scene, moment, how),
    ...more,
  }));

const ROWS: readonly Row[] = [
  ...leaving("before any answer", "499, origin let go, breaker closed", { isShort: true, seconds: 4 }),
  ...leaving("in the middle", "499, pays for what was produced", { modes: ["streamed"], isShort: true }),
  ...leaving("on silence behind the commit", "499 within a heartbeat", { modes: ["streamed"], seconds: 18 }),
  ...leaving("behind the last byte", "200, paid", { isShort: "streamed" }),
  {
    fault: "F34",
    what: "reads 1 kB/s of 50 MB",
    expected: "the origin waits; 499",
    run: readSlowly,
    modes: ["streamed"],
    isShort: true,
    seconds: 6,
  },
  {
    fault: "F35",
    what: "sends a byte a second",
    expected: "refused request_timeout, no origin asked",
    run: sendSlowly,
    seconds: 33,
  },
  {
    fault: "F36",
    what: "sends less than announced",
    expected: "400 or nothing, no origin asked",
    run: (scene) => lieAboutLength(scene, "less"),
    isShort: true,
  },
  {
    fault: "F36",
    what: "sends more than announced",
    expected: "400, no origin asked",
    run: (scene) => lieAboutLength(scene, "more"),
    isShort: "whole",
  },
  {
    fault: "F37",
    what: "50 at once with one Idempotency-Key",
    expected: "answered and paid once, 409 to the others",
    run: sameKey,
    isShort: "whole",
    seconds: 3,
  },
  {
    fault: "F39",
    what: "300 idle streams, half of them left",
    expected: "all the others complete",
    run: idleStreams,
    modes: ["streamed"],
    isShort: true,
    seconds: 12,
  },
  {
    fault: "F40",
    what: "RST within 8 ms of the finish reason",
    expected: "200 or 499, one row each",
    run: leaveAtSettlement,
    modes: ["streamed"],
    isShort: true,
    seconds: 4,
  },
];

export const CALLER_FAULTS: readonly Case[] = ROWS.flatMap(
  ({ modes = ["streamed", "whole"], isShort = false, seconds = 2, ...row }) =>
    modes.map((mode) => ({
      ...row,
      mode,
      seconds,
      isShort: isShort === true || isShort === mode,
      origin: "hostile" as const,
      timeouts: PATIENT,
    })),
);
