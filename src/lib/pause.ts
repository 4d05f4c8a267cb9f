// A wait that ends early when it is of no use any more.
import type { After } from "./alarm-clock.ts";

/** Resolves after `ms` milliseconds, or as soon as the signal aborts; leaves nothing behind in either case. */
export function pause(after: After, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const takeBack = after(ms, end);
    function end(): void {
      takeBack();
      signal.removeEventListener("abort", end);
      resolve();
    }
    signal.addEventListener("abort", end);
  });
}
