// When an origin dies mid-stream: whether the same answer may go on elsewhere, on which targets, and with what it
// is asked there. It sends nothing but the order; how the halves are joined is seam.ts's business.
import { outputLimit } from "../admission/quote.ts";
import type { Accepted } from "../domain/accepted.ts";
import { type Target, timeoutsOf } from "../domain/catalog.ts";
import { type ErrorCode, isOfOrigin } from "../domain/errors.ts";
import type { Ports } from "../domain/ports.ts";
import { type SendOrder, sendStream } from "../origins/send.ts";
import { type Delivered, delivered, prefillOf } from "./delivered.ts";
import { type Leg, type Legs, lastLeg, leg } from "./leg.ts";
import { isContinuable, prefilledBody } from "./prefill.ts";

/** What there is to go on from. */
export interface Broken {
  readonly legs: Legs;
  readonly delivered: Delivered;
  readonly code: ErrorCode;
}

/** One origin and two more: an answer that broke three of them may be what breaks them. */
const MAX_LEGS = 3;

/** The empty record of a stream; one that could not be continued anyway keeps nothing. */
export function deliveredFor({ room }: Ports, { inference, route }: Accepted): Delivered {
  const isPossible = route.fallback && route.targets.some(canContinue) && isContinuable(inference);
  return delivered(isPossible ? room.take : null);
}

function canContinue({ origin }: Target): boolean {
  return origin.features.includes("continue_final_message");
}

/** The leg that goes on, under way; null where the answer ends here. */
export function nextLeg(ports: Ports, accepted: Accepted, broken: Broken): Leg | null {
  const { legs, code } = broken;
  const { route, inference } = accepted;
  const last = lastLeg(legs);
  // A walk that was cut as a whole was cut for a reason that holds for every origin.
  if (!route.fallback || !isOfOrigin(code) || last.sending.signal.aborted) return null;
  if (legs.length >= MAX_LEGS || last.meter.finishedChoices > 0) return null;
  const plan = planOf(accepted, broken);
  const timeoutMs = timeLeftMs(ports, accepted, legs[0]);
  if (plan === null || timeoutMs <= 0) return null;
  const targets = targetsLeft(accepted, legs, plan);
  if (targets.length === 0) return null;
  const order = {
    ...accepted,
    inference: { ...inference, body: plan.body, timeoutMs },
    route: { ...route, targets },
    outputLimit: (target: Target) => limitLeft(accepted, target, plan.tokens),
    ...(isRetry(broken, plan) ? { isAgain: true as const } : {}),
  } satisfies SendOrder;
  const seam = {
    expected: plan.tail,
    isOpened: broken.delivered.frames > 0,
    isSpoken: plan.isPrefilled,
    swallowedTokens: 0,
  };
  const sending = sendStream(ports, order);
  sending.stayOnModel();
  return leg(sending, { seam, givenTokens: plan.tokens });
}

/**
 * Going on where words were written repeats the prompt alone, and takes the place of work that died with its origin:
 * a region's death must not find the budget of retries empty. Starting anew, or breaking twice, is a retry as any other.
 */
function isRetry({ legs }: Broken, { isPrefilled }: Plan): boolean {
  return legs.length > 1 || !isPrefilled;
}

interface Plan {
  readonly body: Accepted["inference"]["body"];
  /** Of the answer, in the body. */
  readonly tokens: number;
  readonly tail: string;
  readonly isPrefilled: boolean;
}

/** Before any content the same request goes elsewhere, whatever it asks; behind it only what can be said again. */
function planOf({ inference }: Accepted, { legs, delivered }: Broken): Plan | null {
  if (legs.every(({ meter }) => meter.contentFrames === 0)) {
    return { body: inference.body, tokens: 0, tail: "", isPrefilled: false };
  }
  if (delivered.state !== "text") return null;
  const prefill = prefillOf(delivered);
  const body = prefilledBody(inference.body, prefill);
  if (body === null) return null;
  return { body, tokens: prefill.tokens, tail: prefill.tail, isPrefilled: prefill.text !== "" };
}

/** Of the same model, inside the route and so inside the pin, and never one that broke this answer off before. */
function targetsLeft({ route }: Accepted, legs: Legs, { isPrefilled }: Plan): readonly Target[] {
  const used = legs.map(({ sending }) => sending.currentTarget());
  const modelId = used[0]?.model.id;
  return route.targets.filter(
    (target) =>
      target.model.id === modelId && !used.includes(target) && (!isPrefilled || canContinue(target)),
  );
}

/** The whole answer has one deadline, however many origins write it. */
function timeLeftMs(ports: Ports, { inference, clock }: Accepted, first: Leg): number {
  const totalMs = inference.timeoutMs ?? timeoutsOf(first.sending.currentTarget()).total_ms;
  return totalMs - (ports.now() - clock.admittedAtMs);
}

/** Per choice, without what is written; 0 where nothing may follow, so that the target is passed over. */
function limitLeft({ inference, reservation }: Accepted, target: Target, writtenTokens: number) {
  const limit = outputLimit(inference, target, reservation.heldMicroUsd);
  return limit === null ? null : Math.max(0, limit - writtenTokens);
}
