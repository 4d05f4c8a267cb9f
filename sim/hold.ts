// A gate before every answer that needs a GPU: while it is held nobody passes, so that a test
// decides how many requests are under way at once. Refusals, lists and metrics do not come by it.

export interface Gate {
  isHeld: boolean;
  readonly waiting: Set<() => void>;
}

export function createGate(): Gate {
  return { isHeld: false, waiting: new Set() };
}

export function hold(gate: Gate): void {
  gate.isHeld = true;
}

export function release(gate: Gate): void {
  gate.isHeld = false;
  for (const pass of [...gate.waiting]) pass();
}

/** Settles when the gate is open or the signal aborts. */
export function passGate(gate: Gate, signal: AbortSignal): Promise<void> {
  if (!gate.isHeld || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const pass = () => {
      gate.waiting.delete(pass);
      signal.removeEventListener("abort", pass);
      resolve();
    };
    gate.waiting.add(pass);
    signal.addEventListener("abort", pass);
  });
}
