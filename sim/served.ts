// What a region serves: models from its configuration and LoRA adapters loaded while it runs.
// Names only; engines and texts are found by them elsewhere.
import type { ModelTask } from "../src/domain/catalog.ts";

export interface SimModel {
  /** The name requests use. */
  readonly servedAs: string;
  readonly task: ModelTask;
  /** Billions; decides the timing. */
  readonly parametersB: number;
  readonly contextLength: number;
  readonly maxOutputTokens: number;
  /**
   * Where the weights came from, usually the catalog id. Regions that serve the same root under
   * different names give the same answers; without a root the served name stands for it.
   */
  readonly root?: string;
  /** Report GPU time as the feature `gpu_time` says; off unless the region has it on. */
  readonly gpuTime?: boolean;
}

interface Adapter {
  readonly name: string;
  readonly path: string;
  readonly base: SimModel;
}

/** A model or adapter as requests name it. */
export interface Served {
  readonly name: string;
  readonly base: SimModel;
  /** What its answers depend on. */
  readonly identity: string;
}

/** Adapters a region keeps; one more is refused, as vLLM refuses more than its `max_loras` allows on a GPU. */
export const MAX_ADAPTERS = 1_000;

export interface Shelf {
  readonly models: readonly SimModel[];
  readonly adapters: Map<string, Adapter>;
}

export function findServed(shelf: Shelf, name: string): Served | null {
  const base = shelf.models.find((model) => model.servedAs === name);
  if (base !== undefined) return { name, base, identity: rootOf(base) };
  const adapter = shelf.adapters.get(name);
  if (adapter === undefined) return null;
  return { name, base: adapter.base, identity: `${rootOf(adapter.base)}+${name}` };
}

/** vLLM serves its only model to requests that name none; here it is the first that writes text. */
export function defaultServed(shelf: Shelf): Served | null {
  const base = shelf.models.find((model) => model.task === "text-generation");
  return base === undefined ? null : { name: base.servedAs, base, identity: rootOf(base) };
}

export function rootOf(model: SimModel): string {
  return model.root ?? model.servedAs;
}
