// What one isolate knows of its origins from the answers it saw: pure averages, a hint only.
// It never decides that a request fails; routing and health endpoints read it.

export interface OriginHealth {
  /** Exponentially weighted, milliseconds; null before the first answer. */
  readonly ttftMs: number | null;
  readonly consecutiveFailures: number;
  readonly lastFailureAtMs: number | null;
  /** The origin said that it is loading the model: until then it will hardly be ready. */
  readonly loadingUntilMs: number | null;
  readonly inFlight: number;
}

export const UNKNOWN_HEALTH: OriginHealth = {
  ttftMs: null,
  consecutiveFailures: 0,
  lastFailureAtMs: null,
  loadingUntilMs: null,
  inFlight: 0,
};

/** Keyed by target: an origin may be fast for one model and slow for another. */
export interface HealthBoard {
  get(originId: string, modelId: string): OriginHealth;
  update(originId: string, modelId: string, change: (health: OriginHealth) => OriginHealth): void;
}

/** A new sample counts a fifth: about five answers forget a change. */
const SAMPLE_WEIGHT = 0.2;

export function started(health: OriginHealth): OriginHealth {
  return { ...health, inFlight: health.inFlight + 1 };
}

export function answered(health: OriginHealth, ttftMs: number): OriginHealth {
  const before = health.ttftMs ?? ttftMs;
  // A spike counts whole at once and decays slowly (peak EWMA): slow origins must be left fast.
  const average = ttftMs > before ? ttftMs : before + SAMPLE_WEIGHT * (ttftMs - before);
  return { ...health, ttftMs: average, consecutiveFailures: 0, loadingUntilMs: null };
}

export function failed(health: OriginHealth, nowMs: number): OriginHealth {
  return {
    ...health,
    consecutiveFailures: health.consecutiveFailures + 1,
    lastFailureAtMs: nowMs,
  };
}

/** A cold model is no failure of its origin: it is busy becoming ready. */
export function loading(health: OriginHealth, untilMs: number): OriginHealth {
  return { ...health, loadingUntilMs: untilMs };
}

export function isLoading(health: OriginHealth, nowMs: number): boolean {
  return health.loadingUntilMs !== null && nowMs < health.loadingUntilMs;
}

export function ended(health: OriginHealth): OriginHealth {
  return { ...health, inFlight: Math.max(0, health.inFlight - 1) };
}

const TRIPPED_AFTER = 5;
const TRIPPED_FOR_MS = 10_000;

/** Ranked behind the others for a while; never excluded, so the last origin is still tried. */
export function isSuspect(health: OriginHealth, nowMs: number): boolean {
  if (health.consecutiveFailures < TRIPPED_AFTER || health.lastFailureAtMs === null) return false;
  return nowMs - health.lastFailureAtMs < TRIPPED_FOR_MS;
}
