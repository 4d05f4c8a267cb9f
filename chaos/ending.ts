// How a run ends before its time: by a signal, or because a part failed. Whoever started something hears it from
// the one signal and ends what he started.

const controller = new AbortController();

export const ending = controller.signal;

export function endAll(reason: unknown): void {
  controller.abort(reason);
}

/** To be called again after a Miniflare was made: it would exit at once and leave our children behind. */
export function claimSignals(): void {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.removeAllListeners(name);
    process.on(name, () => endAll(new Error(`ended by ${name}`)));
  }
}
