// Everything a running region remembers. Its mutable parts are changed by the admin endpoint, by
// engines, and by faults being used up; nothing of it outlives the process.
import type { RegionTraits } from "./call.ts";
import { createEngine, type Engine } from "./engine.ts";
import type { Fault } from "./faults.ts";
import type { Timing } from "./gpu.ts";
import { createGate, type Gate } from "./hold.ts";
import type { RequestLog } from "./request-log.ts";
import type { Shelf, SimModel } from "./served.ts";

export interface RegionState {
  readonly region: string;
  readonly apiKey: string | null;
  readonly shelf: Shelf;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly traits: RegionTraits;
  readonly gate: Gate;
  readonly log: RequestLog;
  timing: Timing;
  faults: readonly Fault[];
}

export interface RegionPlan {
  readonly region: string;
  /** When set, Bearer is required. */
  readonly apiKey: string | null;
  readonly models: readonly SimModel[];
  readonly timing: Timing;
  /** Report GPU time: `x-gpu-ms` on whole answers, `usage.gpu_ms` in streams. */
  readonly gpuTime?: boolean;
  /** Report repeated turns of a conversation as cached prompt tokens. */
  readonly prefixCache?: boolean;
}

export function createRegionState(plan: RegionPlan, nowMs: number): RegionState {
  const engines = new Map<string, Engine>();
  const state: RegionState = {
    region: plan.region,
    apiKey: plan.apiKey,
    shelf: { models: plan.models, adapters: new Map() },
    engines,
    traits: {
      gpuTime: plan.gpuTime ?? false,
      prefixCache: plan.prefixCache ?? false,
      startedS: Math.floor(nowMs / 1000),
    },
    gate: createGate(),
    log: { entries: [] },
    timing: plan.timing,
    faults: [],
  };
  for (const model of plan.models)
    engines.set(
      model.servedAs,
      createEngine(model, () => state.timing),
    );
  return state;
}
