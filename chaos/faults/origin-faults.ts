// The faults of origins by the numbers of the fault list, row by row. Data alone. `alone` is what a caller gets who has
// one origin and one try; with others everybody is answered.
import type { Timeouts } from "./case.ts";
import {
  behindDone,
  CUTS_OF_THE_FINISH,
  inOneChunk,
  late,
  longLine,
  longWhole,
  MANY,
  pausing,
  silent,
  silentBehindHead,
  silentMidStream,
  splitAtEachByte,
} from "./hostile-answers.ts";
import type { OriginFault } from "./origin-fault.ts";
import { again, BROKEN_OFF, cuts, cutTurn, hostile, simulated } from "./origin-turns.ts";

const TIMEOUT = "refused upstream_timeout";
/** Begins before the status of a stream must go out, or after. */
const PATIENT: Timeouts = { ttft_ms: 6_000, idle_ms: 6_000, total_ms: 20_000 };
const VERY_PATIENT: Timeouts = { ttft_ms: 60_000, idle_ms: 60_000, total_ms: 90_000 };
/** A byte a second is no silence: only the whole has an end. */
const CUT_SHORT: Timeouts = { ttft_ms: 900, idle_ms: 900, total_ms: 4_000 };

const WAITS = ["0", "1", "86400", "Fri, 31 Dec 2027 23:59:59 GMT", "garbage"];

export const ORIGIN_FAULTS: readonly OriginFault[] = [
  {
    fault: "F10",
    what: "refuses connections",
    origin: "hostile",
    alone: () =>
      again({ apply: ({ lane }) => lane.hostile.refuse(), endings: ["refused region_unavailable"] }),
    breaker: "origin open",
    isShort: true,
  },
  {
    fault: "F11",
    what: "accepts, never answers",
    ...hostile(() => silent, TIMEOUT),
    breaker: "open",
    isShort: "streamed",
    seconds: 9,
  },
  {
    fault: "F11",
    what: "never answers, behind the timed commit",
    ...hostile(() => silent, "event upstream_timeout", 1),
    modes: ["streamed"],
    anywhere: ["complete"],
    breaker: "closed",
    timeouts: PATIENT,
    seconds: 16,
  },
  {
    fault: "F12",
    what: "headers, then silence",
    ...hostile(silentBehindHead, TIMEOUT),
    breaker: "open",
    seconds: 9,
  },
  {
    fault: "F12",
    what: "two events, then silence",
    ...hostile(() => silentMidStream, "event upstream_timeout"),
    modes: ["streamed"],
    breaker: "open",
    isShort: true,
    seconds: 6,
  },
  {
    fault: "F13",
    what: "RST after any byte",
    origin: "hostile",
    alone: cuts("rst"),
    expected: "refused, event or complete, as far as it came; with others complete",
    breaker: null,
    isShort: "streamed",
    seconds: 4,
  },
  {
    fault: "F13",
    what: "RST after 900 bytes",
    ...simulated({ kind: "die", after_bytes: 900 }, BROKEN_OFF),
    modes: ["streamed"],
    breaker: "open",
  },
  {
    fault: "F14",
    what: "FIN after any byte",
    origin: "hostile",
    alone: cuts("fin"),
    expected: "refused, event or complete, as far as it came; with others complete",
    breaker: null,
    isShort: true,
    seconds: 3,
  },
  {
    fault: "F14",
    what: "FIN at each byte of the finish",
    origin: "hostile",
    modes: ["streamed"],
    alone: () => CUTS_OF_THE_FINISH.map((at) => cutTurn("streamed", { at, how: "fin" })),
    expected: "event until it is there, then complete",
    breaker: null,
    seconds: 9,
  },
  {
    fault: "F14",
    what: "FIN after 900 bytes",
    ...simulated({ kind: "end", after_bytes: 900 }, BROKEN_OFF),
    modes: ["streamed"],
    breaker: "open",
  },
  {
    fault: "F15",
    what: "a byte a second",
    ...simulated({ kind: "slow", bytes_per_s: 1 }, TIMEOUT),
    breaker: "open",
    timeouts: CUT_SHORT,
    seconds: 9,
  },
  {
    fault: "F16",
    what: `${MANY} events in one chunk`,
    ...hostile(() => inOneChunk, "complete"),
    modes: ["streamed"],
    text: "x".repeat(MANY),
    breaker: "closed",
    isShort: true,
  },
  {
    fault: "F17",
    what: "split at each byte",
    ...hostile(splitAtEachByte, "complete", 2),
    breaker: "closed",
    isShort: "streamed",
    seconds: 10,
    timeouts: PATIENT,
  },
  {
    fault: "F17",
    what: "split at each byte (vLLM)",
    ...simulated({ kind: "split" }, "complete"),
    breaker: "closed",
    timeouts: PATIENT,
  },
  {
    fault: "F19",
    what: "an HTML page with 200",
    ...simulated({ kind: "garbage" }, "refused upstream_disconnected"),
    breaker: "open",
    isShort: true,
  },
  {
    fault: "F21",
    what: "a line of 5 MB",
    ...hostile(() => longLine, BROKEN_OFF),
    modes: ["streamed"],
    breaker: "open",
    isShort: true,
  },
  {
    fault: "F21",
    what: "40 MB as one answer",
    ...hostile(() => longWhole, ["refused upstream_disconnected", "refused overloaded"], 2),
    modes: ["whole"],
    anywhere: null,
    breaker: null,
    timeouts: PATIENT,
    seconds: 4,
  },
  ...WAITS.map(
    (retry_after): OriginFault => ({
      fault: "F22",
      what: `429, Retry-After: ${retry_after}`,
      ...simulated({ kind: "status_429", retry_after }, "refused overloaded"),
      breaker: "closed",
      isShort: retry_after === "86400",
    }),
  ),
  {
    fault: "F23",
    what: "503",
    ...simulated({ kind: "status_503" }, "refused overloaded"),
    breaker: "open",
    isShort: "streamed",
  },
  {
    fault: "F27",
    what: "events behind [DONE]",
    ...hostile(() => behindDone, "complete"),
    modes: ["streamed"],
    breaker: "closed",
    isShort: true,
  },
  {
    fault: "F29",
    what: "begins after 40 s",
    ...hostile((mode) => late(mode, 40_000), "complete", 1),
    anywhere: null,
    breaker: "closed",
    timeouts: VERY_PATIENT,
    seconds: 42,
  },
  {
    fault: "F29",
    what: "12 s of silence in the middle",
    ...hostile(() => pausing(12_000), "complete", 1),
    modes: ["streamed"],
    anywhere: null,
    breaker: "closed",
    timeouts: VERY_PATIENT,
    seconds: 26,
  },
  {
    fault: "F30",
    what: "the region is down",
    origin: "simulated",
    alone: () =>
      again({
        apply: (scene) => scene.simulate({ kind: "refuse" }),
        endings: ["refused region_unavailable"],
      }),
    breaker: "origin open",
    isShort: "whole",
    seconds: 5,
  },
];
