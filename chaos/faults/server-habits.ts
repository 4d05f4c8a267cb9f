// Habits of servers that stand in no list of faults, row by row, `S` for short: some are tolerated, some are failures,
// and what they say of themselves is nobody's business.
import { telltaleStream, telltaleWhole } from "./hostile-answers.ts";
import type { OriginFault, Turn } from "./origin-fault.ts";
import { again, BROKEN_OFF, simulated } from "./origin-turns.ts";
import type { Scene } from "./scene.ts";

export const SERVER_HABITS: readonly OriginFault[] = [
  {
    fault: "S",
    what: "500",
    ...simulated({ kind: "status_500" }, "refused upstream_failed"),
    breaker: "open",
  },
  {
    fault: "S",
    what: "an error event first",
    ...simulated(
      { kind: "error_event", after_bytes: 0 },
      "refused upstream_disconnected",
      "refused upstream_failed",
    ),
    breaker: "open",
    isShort: "streamed",
  },
  {
    fault: "S",
    what: "an error event after 900 bytes",
    ...simulated({ kind: "error_event", after_bytes: 900 }, BROKEN_OFF),
    modes: ["streamed"],
    breaker: "open",
  },
  {
    fault: "S",
    what: "half a JSON in a frame",
    ...simulated({ kind: "garbage_frame", after_bytes: 900 }, BROKEN_OFF, "refused upstream_disconnected"),
    breaker: "open",
  },
  {
    fault: "S",
    what: "tells secrets and a stack",
    origin: "hostile",
    alone: (mode) => tellTales(mode, "first"),
    breaker: "open",
    isShort: true,
  },
  {
    fault: "S",
    what: "tells them in the middle",
    origin: "hostile",
    modes: ["streamed"],
    alone: (mode) => tellTales(mode, "later"),
    breaker: "open",
    isShort: true,
  },
  {
    fault: "S",
    what: "the model is loading",
    ...simulated({ kind: "loading" }, "refused model_loading"),
    breaker: "closed",
    health: "loading",
    isShort: "whole",
  },
  {
    fault: "S",
    what: "no [DONE]",
    ...simulated({ kind: "no_done" }, "complete"),
    modes: ["streamed"],
    breaker: "closed",
  },
  {
    fault: "S",
    what: "no usage",
    ...simulated({ kind: "no_usage" }, "complete"),
    breaker: "closed",
    isShort: "streamed",
  },
  {
    fault: "S",
    what: "usage beside the finish reason",
    ...simulated({ kind: "usage_beside_finish" }, "complete"),
    modes: ["streamed"],
    breaker: "closed",
  },
  {
    fault: "S",
    what: "CRLF",
    ...simulated({ kind: "crlf" }, "complete"),
    modes: ["streamed"],
    breaker: "closed",
  },
  {
    fault: "S",
    what: "an empty role",
    ...simulated({ kind: "empty_role" }, "complete"),
    modes: ["streamed"],
    breaker: "closed",
  },
  {
    fault: "S",
    what: "absurd usage",
    ...simulated({ kind: "absurd_usage" }, "complete"),
    breaker: "closed",
    isShort: "whole",
  },
];

/** Its own key and address, which it was sent or knows. */
function tellTales(mode: Scene["mode"], when: "first" | "later"): readonly Turn[] {
  const early = mode === "streamed" ? "refused upstream_disconnected" : "refused upstream_failed";
  return again({
    apply: (scene) => {
      const secrets = [scene.originKey, `http://127.0.0.1:${scene.lane.hostile.port}/v1`, scene.prompt];
      scene.answer(mode === "whole" ? telltaleWhole(secrets) : telltaleStream(secrets, when));
    },
    endings: when === "first" ? [early] : BROKEN_OFF,
  });
}
