// Ends a script cleanly on the signals that ask for it, with exit code 0. What has to be ended is the
// caller's business.

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

// Whoever sent the signal waits for us: what is not done by then is cut off. The state is safe either way.
const PATIENCE_MS = 1_500;

/** Takes the signals over from whoever listened so far: Miniflare would exit at once with 128 + n. */
export function onEndSignals(end: () => Promise<void>): void {
  let isEnding = false;
  const listener = () => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(0), PATIENCE_MS).unref();
    void end()
      .catch(() => {})
      .then(() => process.exit(0));
  };
  for (const signal of SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, listener);
  }
}
