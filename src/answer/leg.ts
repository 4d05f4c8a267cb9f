// A stream's legs: one origin each, every next one going on where the one before broke off. What each used by
// itself, and what the caller pays for all of them: the prompt once, and the tokens delivered.
import type { Accepted } from "../domain/accepted.ts";
import type { Target } from "../domain/catalog.ts";
import type { Ports } from "../domain/ports.ts";
import { prefillMsOf } from "../domain/price.ts";
import { type Attempt, NO_USAGE, type Usage } from "../domain/usage.ts";
import type { OpenStream } from "../origins/attempt.ts";
import type { Sending } from "../origins/send.ts";
import { clamp, type Meter, meter, usageOf } from "../usage/meter.ts";
import { boundsOf, withGpuTime } from "./account-for.ts";
import type { Seam } from "./seam.ts";
import type { Told } from "./shown-usage.ts";
import { withinHold } from "./within-hold.ts";

export interface Leg {
  readonly sending: Sending<OpenStream>;
  readonly meter: Meter;
  /** null for the first leg. */
  readonly seam: Seam | null;
  /** Tokens of the answer that it was given to go on from, a part of its own prompt. */
  readonly givenTokens: number;
  /** Its origin's own counts, held back; null until they came. */
  told: Told | null;
  /** They went out beside the finish reason, and nothing newer has come. */
  isUsageShown: boolean;
  /** Its last word behind the last finish reason; null until every choice has one. */
  finishedAtMs: number | null;
  /** First and last byte of its body; null until they came. */
  openedAtMs: number | null;
  closedAtMs: number | null;
}

/** At least one. */
export type Legs = readonly [Leg, ...Leg[]];

export interface LegStart {
  readonly seam: Seam | null;
  readonly givenTokens: number;
}

export function leg(sending: Sending<OpenStream>, { seam, givenTokens }: LegStart): Leg {
  return {
    sending,
    meter: meter(),
    seam,
    givenTokens,
    told: null,
    isUsageShown: false,
    finishedAtMs: null,
    openedAtMs: null,
    closedAtMs: null,
  };
}

export function lastLeg(legs: Legs): Leg {
  return legs.at(-1) ?? legs[0];
}

/** Who answers now, or did last. A leg that nobody took leaves the word to the one before. */
export function answeringTarget(legs: Legs): Target {
  const answering = legs.findLast(({ openedAtMs }) => openedAtMs !== null) ?? legs[0];
  return answering.sending.currentTarget();
}

/** What the origin of this leg did, the prompt it was given included. */
function usageOfLeg(ports: Ports, accepted: Accepted, { meter, ...leg }: Leg): Usage {
  if (leg.openedAtMs === null) return NO_USAGE;
  const target = leg.sending.currentTarget();
  const lastByteAtMs = leg.closedAtMs ?? ports.now();
  const bounds = boundsOf(accepted, target, lastByteAtMs);
  const counted = usageOf(meter, {
    ...bounds,
    inputTokens: bounds.inputTokens + leg.givenTokens,
    // Written words cut into tokens anew are a few more at most, never twice as many.
    maxInputTokens: bounds.maxInputTokens + 2 * leg.givenTokens,
  });
  const used = withGpuTime(target, counted, lastByteAtMs - leg.openedAtMs);
  return withinHold(target, used, accepted.reservation.heldMicroUsd);
}

/** What the caller pays. */
export function usageOfLegs(ports: Ports, accepted: Accepted, legs: Legs): Usage {
  const [first, ...later] = legs;
  const firstUsage = usageOfLeg(ports, accepted, first);
  const parts = later
    .filter(({ meter }) => meter.reported !== null || meter.contentFrames > 0)
    .map((leg) => ({ leg, usage: usageOfLeg(ports, accepted, leg) }));
  if (parts.length === 0) return firstUsage;
  const target = answeringTarget(legs);
  const bounds = boundsOf(accepted, target, lastLeg(legs).closedAtMs ?? ports.now());
  const inputTokens = promptOf(legs) ?? bounds.inputTokens;
  const cached =
    first.meter.reported === null ? parts[0]?.usage.cachedInputTokens : firstUsage.cachedInputTokens;
  const sum = parts.reduce(
    (total, { leg, usage }) => ({
      outputTokens: total.outputTokens + Math.max(0, usage.outputTokens - swallowedBy(leg)),
      // Each read the prompt anew; that is the price of the breaking off, and not the caller's.
      gpuMs: total.gpuMs + Math.max(0, usage.gpuMs - prefillMsOf(target.model, usage.inputTokens)),
    }),
    { outputTokens: firstUsage.outputTokens, gpuMs: firstUsage.gpuMs },
  );
  const estimated = firstUsage.estimated || parts.some(({ usage }) => usage.estimated);
  const used = { inputTokens, cachedInputTokens: Math.min(cached ?? 0, inputTokens), ...sum, estimated };
  return withinHold(target, clamp(used, bounds), accepted.reservation.heldMicroUsd);
}

/** As the first leg's origin counted it, else as a later one did without what it was given; null where none did. */
function promptOf(legs: Legs): number | null {
  for (const { meter, givenTokens } of legs) {
    const reported = meter.reported?.inputTokens ?? 0;
    if (reported > givenTokens) return reported - givenTokens;
  }
  return null;
}

function swallowedBy({ seam }: Leg): number {
  return seam?.swallowedTokens ?? 0;
}

/** Every attempt of every leg, those that answered with their own counts. */
export function attemptsOf(ports: Ports, accepted: Accepted, legs: Legs): readonly Attempt[] {
  return legs.flatMap((leg) => {
    const { inputTokens, outputTokens } = usageOfLeg(ports, accepted, leg);
    const { attempts } = leg.sending;
    if (leg.openedAtMs === null) return attempts;
    return attempts.map((attempt, at) =>
      at === attempts.length - 1 ? { ...attempt, inputTokens, outputTokens } : attempt,
    );
  });
}
