// When nobody a request may ask is well: who is not asked twice, and what its caller is told. It reads the health
// board and the route; it sends nothing, counts nothing, and refuses nobody: the least bad one is always tried.
import type { Target } from "../domain/catalog.ts";
import { isOfOrigin } from "../domain/errors.ts";
import type { Failure } from "../domain/frame.ts";
import { isDown, isSuspect, type OriginHealth, reopensAtMs } from "../domain/health.ts";
import type { Ports } from "../domain/ports.ts";
import type { Route } from "../domain/route.ts";
import { isUnreachable } from "./retry-policy.ts";

type Sight = Pick<Ports, "health" | "now">;

/** Of `targets`, those for the next try: nobody who failed this request and is shut is asked by it again. */
export function askableAgain(
  ports: Sight,
  targets: readonly Target[],
  failed: ReadonlyMap<Target, Failure>,
): readonly Target[] {
  const nowMs = ports.now();
  return targets.filter((target) => {
    const failure = failed.get(target);
    // Who waits for a cold model waits whatever it did before it was loading.
    if (failure?.code === "model_loading") return true;
    // A connection that broke may have been an old one: a new one is a better question than the first was.
    if (failure === undefined || isUnreachable(failure)) return true;
    return !isSuspect(healthOf(ports, target), nowMs);
  });
}

interface Ended {
  readonly failures: readonly Failure[];
  /** Targets of the route that could not be asked: they say nothing about the region. */
  readonly unfit: ReadonlySet<Target>;
}

/** The failures of a walk; behind them, where everybody inside its pin is down, that it is the region. */
export function withVerdict(
  ports: Sight,
  { pinnedRegion, targets }: Route,
  { failures, unfit }: Ended,
): readonly Failure[] {
  const last = failures.at(-1);
  if (pinnedRegion === null || last === undefined || !isOfOrigin(last.code)) return failures;
  if (failures.some(({ code }) => code === "model_loading")) return failures;
  const nowMs = ports.now();
  const fit = targets.filter((target) => !unfit.has(target));
  if (!fit.every((target) => isDown(healthOf(ports, target), nowMs))) return failures;
  return [...failures, regionDown(pinnedRegion, soonestMs(ports, fit))];
}

function regionDown(region: string, retryAfterMs: number): Failure {
  const message = `No server in the pinned region '${region}' answers right now: retry, or lift the pin.`;
  return { code: "region_unavailable", message, isRetryable: false, status: null, retryAfterMs };
}

/** A try is under way: its end is known about then. */
const LEAST_RETRY_AFTER_MS = 1_000;

/** Until the first of them lets a try pass. */
function soonestMs(ports: Sight, targets: readonly Target[]): number {
  const nowMs = ports.now();
  const waits = targets.map((target) => reopensAtMs(healthOf(ports, target), nowMs) - nowMs);
  return Math.max(LEAST_RETRY_AFTER_MS, Math.ceil(Math.min(...waits)));
}

function healthOf({ health }: Sight, { origin, model }: Target): OriginHealth {
  return health.get(origin.id, model.id);
}
