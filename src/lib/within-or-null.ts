// A wait with a bound: what takes longer goes on, and is no longer waited for.
import type { After } from "./alarm-clock.ts";

/** null where the work takes longer than `ms` milliseconds. Rejects as the work does. */
export function withinOrNull<Result>(
  after: After,
  work: Promise<Result>,
  ms: number,
): Promise<Result | null> {
  return new Promise((resolve, reject) => {
    const takeBack = after(Math.max(0, ms), () => resolve(null));
    work.then(resolve, reject).finally(takeBack);
  });
}
