// Wakes a model that sleeps: servers load a model when somebody asks it something, so the smallest question there
// is is asked. Nobody is answered and nobody pays. Inside the route it was given, and so inside its pin.
import type { Target } from "../domain/catalog.ts";
import { isLoading } from "../domain/health.ts";
import type { RequestId } from "../domain/ids.ts";
import type { Inference } from "../domain/inference.ts";
import type { Ports } from "../domain/ports.ts";
import type { Route } from "../domain/route.ts";
import { sendWhole } from "./send.ts";

export interface WakeOrder {
  /** One that asks for a single token, or for none. */
  readonly inference: Inference;
  readonly route: Route;
  readonly requestId: RequestId;
}

/** Whoever answered within it is awake. */
const AWAKE_MS = 60_000;
/** Some servers hold the question until they are ready; a Worker lives on for 30 s behind its answer. */
const LONGEST_CALL_MS = 25_000;

/**
 * Calls the best target of the route; resolves when it has answered, refused or let the time pass. Nobody is called
 * who answered lately or is loading already, so that many who want to wake one model wake it once.
 */
export async function wakeUp(ports: Ports, { inference, route, requestId }: WakeOrder): Promise<void> {
  const [target] = route.targets;
  if (target === undefined || isAwake(ports, target)) return;
  // Who asked has an answer of their own and may be gone before the model is ready.
  const unattended = { ...ports, callerGone: new AbortController().signal };
  const sending = sendWhole(unattended, {
    inference: { ...inference, stream: false, timeoutMs: LONGEST_CALL_MS, waitMs: null },
    route: { ...route, targets: [target], fallback: false },
    requestId,
    traceparent: null,
    outputLimit: () => (inference.choices === 0 ? null : 1),
  });
  const result = await sending.result;
  if ("answer" in result) result.release(null);
}

function isAwake(ports: Ports, { origin, model }: Target): boolean {
  const nowMs = ports.now();
  const health = ports.health.get(origin.id, model.id);
  const { answeredAtMs } = health;
  return isLoading(health, nowMs) || (answeredAtMs !== null && nowMs - answeredAtMs < AWAKE_MS);
}
