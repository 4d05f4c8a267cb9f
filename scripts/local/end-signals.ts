// Ends a script cleanly on the signals that ask for it, with exit code 0. What has to be ended is the
// caller's business.

export interface Ending {
  /** True from the first signal on: what fails now fails because it is being ended. */
  hasBegun(): boolean;
  /** Takes the signals from whoever listened so far: Miniflare would exit at once with 128 + n. */
  claimSignals(): void;
}

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

// Whoever sent the signal waits for us: what is not done by then is cut off. The state is safe either way.
const PATIENCE_MS = 1_500;

export function endOnSignals(end: () => Promise<void>): Ending {
  let hasBegun = false;
  const listener = () => {
    if (hasBegun) return;
    hasBegun = true;
    setTimeout(() => process.exit(0), PATIENCE_MS).unref();
    void end()
      .catch(() => {})
      .then(() => process.exit(0));
  };
  const claimSignals = () => {
    for (const signal of SIGNALS) {
      process.removeAllListeners(signal);
      process.on(signal, listener);
    }
  };
  claimSignals();
  return { hasBegun: () => hasBegun, claimSignals };
}
