// The handle of tests and tools on a region: faults, the request log, timing and the gate. It never
// asks for a key and is never met by a fault.
import { jsonAnswer, type WholeAnswer } from "./answer.ts";
import { MAX_FAULTS, readFault } from "./faults.ts";
import type { Timing } from "./gpu.ts";
import { hold, release } from "./hold.ts";
import { isObject } from "./json-object.ts";
import type { RegionState } from "./region-state.ts";

/** `path` without the prefix of the admin endpoint. */
interface AdminCall {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export function answerAdmin(state: RegionState, call: AdminCall): WholeAnswer {
  switch (`${call.method} ${call.path}`) {
    case "GET /faults":
      return jsonAnswer(200, state.faults);
    case "POST /faults":
      return addFault(state, call.body);
    case "DELETE /faults":
      state.faults = [];
      return jsonAnswer(200, state.faults);
    case "GET /requests":
      return jsonAnswer(200, state.log.entries);
    case "DELETE /requests":
      state.log.entries = [];
      return jsonAnswer(200, state.log.entries);
    case "GET /timing":
      return jsonAnswer(200, state.timing);
    case "POST /timing":
      return changeTiming(state, call.body);
    case "POST /hold":
      return changeHold(state, call.body);
    case "GET /state":
      return jsonAnswer(200, shownState(state));
    default:
      return jsonAnswer(404, { error: "known are faults, requests, timing, hold and state" });
  }
}

function addFault(state: RegionState, body: unknown): WholeAnswer {
  const read = readFault(body);
  if ("complaint" in read) return jsonAnswer(400, { error: read.complaint });
  if (state.faults.length >= MAX_FAULTS) return jsonAnswer(400, { error: `at most ${MAX_FAULTS} faults` });
  state.faults = [...state.faults, read.fault];
  return jsonAnswer(201, read.fault);
}

/** Part of a Timing; names may also be written with underscores. Models are cold again afterwards. */
function changeTiming(state: RegionState, body: unknown): WholeAnswer {
  if (!isObject(body)) return jsonAnswer(400, { error: "timing is an object" });
  const changes: [string, number][] = [];
  for (const [name, value] of Object.entries(body)) {
    const field = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    const isKnown = Object.hasOwn(state.timing, field);
    if (!isKnown) return jsonAnswer(400, { error: `known are ${Object.keys(state.timing).join(", ")}` });
    const least = field === "slots" || field === "prefillTokensPerS" ? 1 : 0;
    if (typeof value !== "number" || !(value >= least)) {
      return jsonAnswer(400, { error: `${name} must be a number, ${least} or more` });
    }
    changes.push([field, value]);
  }
  const timing: Timing = { ...state.timing, ...Object.fromEntries(changes) };
  state.timing = timing;
  for (const engine of state.engines.values()) engine.loadingSinceMs = null;
  return jsonAnswer(200, timing);
}

function changeHold(state: RegionState, body: unknown): WholeAnswer {
  const held = isObject(body) ? body.held : undefined;
  if (typeof held !== "boolean") return jsonAnswer(400, { error: "held must be true or false" });
  if (held) hold(state.gate);
  else release(state.gate);
  return jsonAnswer(200, { held });
}

function shownState(state: RegionState) {
  const engines = [...state.engines.values()];
  return {
    region: state.region,
    held: state.gate.isHeld,
    running: engines.reduce((total, engine) => total + engine.running, 0),
    waiting: engines.reduce((total, engine) => total + engine.waiting.length, 0),
    models: engines.map(({ servedAs, running, waiting }) => ({
      model: servedAs,
      running,
      waiting: waiting.length,
    })),
  };
}
