// The rhythm of one answer: waits until its prefill and each decode step are due. Every step is
// scheduled from the start, not from the step before, so that late timers never add up.
import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "./engine.ts";
import { decodeMs, prefillMs, type Timing } from "./gpu.ts";

export interface Pace {
  /** Waits for this many prompt tokens to be read. */
  prefill(tokens: number): Promise<void>;
  /** Waits for this many decode steps, each as long as the batch of this moment makes it. */
  decode(steps: number): Promise<void>;
}

/** `slowness` multiplies real time where it is given, for the fault `slow`; else null. */
export function startPace(engine: Engine, slowness: number | null, signal: AbortSignal): Pace {
  let dueMs = performance.now();
  async function wait(workMs: number): Promise<void> {
    const scale = scaleOf(engine.timing(), slowness);
    if (scale === 0) return;
    dueMs += workMs * scale;
    await sleep(dueMs - performance.now(), signal);
  }
  return {
    prefill: (tokens) => wait(prefillMs(engine.timing(), engine.parametersB, tokens)),
    decode: (steps) => wait(steps * decodeMs(engine.timing(), engine.parametersB, engine.running)),
  };
}

function scaleOf(timing: Timing, slowness: number | null): number {
  if (slowness === null) return timing.scale;
  // An instant region has no pace that could be multiplied: its slowness counts from real time.
  return (timing.scale === 0 ? 1 : timing.scale) * slowness;
}

/** Returns early when the signal aborts; who called looks at the signal anyway. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await delay(ms, undefined, { signal }).catch(() => {});
}
