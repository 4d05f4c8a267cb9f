// One model on its GPU: who decodes now, who waits, and whether the weights are loaded. Counts
// and order only; what is computed and how long it takes is decided elsewhere.
import type { Timing } from "./gpu.ts";

export interface Engine {
  readonly servedAs: string;
  readonly parametersB: number;
  /** Read anew each time: it may be changed while requests run. */
  readonly timing: () => Timing;
  running: number;
  readonly waiting: Waiter[];
  /** When loading began; null while nobody asked since the last cold state. */
  loadingSinceMs: number | null;
}

interface Waiter {
  readonly start: () => void;
}

/** A place in the batch or in the queue; `leave` gives it back, in either state, once. */
interface Place {
  readonly started: Promise<void>;
  leave(): void;
}

export function createEngine(
  model: { readonly servedAs: string; readonly parametersB: number },
  timing: () => Timing,
): Engine {
  const { servedAs, parametersB } = model;
  return { servedAs, parametersB, timing, running: 0, waiting: [], loadingSinceMs: null };
}

/** null: the queue is full. */
export function enter(engine: Engine): Place | null {
  if (engine.running < engine.timing().slots) {
    engine.running += 1;
    return { started: Promise.resolve(), leave: once(() => finish(engine)) };
  }
  if (engine.waiting.length >= engine.timing().queueLimit) return null;
  return enqueue(engine);
}

function enqueue(engine: Engine): Place {
  let isRunning = false;
  let begin: () => void = () => {};
  const started = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const waiter: Waiter = {
    start: () => {
      isRunning = true;
      engine.running += 1;
      begin();
    },
  };
  engine.waiting.push(waiter);
  const leave = once(() => {
    if (isRunning) finish(engine);
    else engine.waiting.splice(engine.waiting.indexOf(waiter), 1);
  });
  return { started, leave };
}

function finish(engine: Engine): void {
  engine.running -= 1;
  while (engine.running < engine.timing().slots) {
    const next = engine.waiting.shift();
    if (next === undefined) return;
    next.start();
  }
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}

/** Milliseconds until the model is loaded; the first call of a cold model begins to load it. */
export function loadingLeftMs(engine: Engine, nowMs: number): number {
  const { coldStartMs, scale } = engine.timing();
  engine.loadingSinceMs ??= nowMs;
  return Math.max(0, engine.loadingSinceMs + coldStartMs * scale - nowMs);
}
