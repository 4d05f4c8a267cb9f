// Answers found in the cache and put into it. Nothing here may cost a request its answer: what cannot be read in time
// is not there, and what cannot be written is not kept. Only whole, good answers of the model that was asked first
// come in; what a hit looks like to its caller is cache-hit.ts's business.
import { outputLimit } from "../admission/quote.ts";
import type { Accepted } from "../domain/accepted.ts";
import type { Target } from "../domain/catalog.ts";
import type { Ports } from "../domain/ports.ts";
import {
  CACHE_TTL_MS,
  type CacheDoor,
  type CachedAnswer,
  MAX_CACHED_LENGTH,
} from "../domain/response-cache.ts";
import { type TextPacker, textPacker } from "../lib/packed-texts.ts";
import { withinOrNull } from "../lib/within-or-null.ts";

export interface Found {
  readonly answer: CachedAnswer;
  /** Who wrote it, as the catalog knows them now. */
  readonly target: Target;
}

/** Longer than an object in another part of the world takes to wake; an origin's first token takes about as long. */
const LOOK_UP_MS = 1_000;

/** null where the request does not ask for the cache, or nothing is kept for it. */
export async function findCached(ports: Ports, accepted: Accepted): Promise<Found | null> {
  const { cachePlace, route } = accepted;
  if (cachePlace === null) return null;
  const recalled = ask(ports, accepted, (door) => door.recall(cachePlace));
  const answer = await withinOrNull(ports.after, recalled, LOOK_UP_MS);
  // A slow reader's replay holds it for long.
  if (answer === null || !ports.room.take(answer.text.length)) return null;
  const { targets } = await ports.catalog();
  // An answer leaves with its origin: whoever takes a bad one out of the catalog takes its words back, too.
  const target = targets
    .get(answer.model)
    ?.find(({ origin, servedAs }) => origin.id === answer.origin && servedAs === answer.servedAs);
  if (target === undefined) return null;
  const isInside = route.pinnedRegion === null || target.origin.region === route.pinnedRegion;
  return isInside ? { answer, target } : null;
}

/** The events of a stream under way. */
export interface Recording {
  /** Of the origin's event as the caller gets it, but for our id and model. */
  add(text: string): void;
  /** null where it grew too long. */
  packed(): string | null;
}

/** Room is taken in steps of some thousand tokens. */
const STEP_LENGTH = 16 * 1024;

/** null where nobody asked for it. */
export function recordingFor(ports: Ports, { cachePlace }: Accepted): Recording | null {
  if (cachePlace === null) return null;
  let packer: TextPacker | null = textPacker();
  let takenLength = 0;
  const hasRoom = (length: number) => {
    if (length > MAX_CACHED_LENGTH) return false;
    for (; takenLength < length; takenLength += STEP_LENGTH) if (!ports.room.take(STEP_LENGTH)) return false;
    return true;
  };
  return {
    add(text) {
      packer?.add(text);
      if (packer !== null && !hasRoom(packer.length())) packer = null;
    },
    packed: () => packer?.packed() ?? null,
  };
}

export type Made = Pick<CachedAnswer, "text" | "createdS" | "usage" | "isUsageReported"> & {
  readonly target: Target;
};

/** Behind the answer: nobody waits for it. */
export function keepCached(ports: Ports, accepted: Accepted, { target, ...made }: Made): void {
  const { cachePlace } = accepted;
  if (cachePlace === null || !isWorthKeeping(accepted, target, made.text)) return;
  const { model, origin, servedAs } = target;
  const answer = { ...made, model: model.id, origin: origin.id, servedAs };
  const expiresAtMs = ports.now() + CACHE_TTL_MS;
  ports.waitUntil(ask(ports, accepted, (door) => door.remember(cachePlace, answer, expiresAtMs)));
}

/** A fallback's answer stands for itself alone: kept, it would outlive by a day the fault that called for it. */
function isWorthKeeping(accepted: Accepted, target: Target, text: string): boolean {
  const [first] = accepted.route.targets;
  if (text.length > MAX_CACHED_LENGTH || target.model.id !== first?.model.id) return false;
  return !isCutByCredits(accepted, target);
}

/** Where the caller set no limit the hold does: such an answer may be shorter than one for a full purse. */
function isCutByCredits({ inference, reservation }: Accepted, target: Target): boolean {
  const limit = outputLimit(inference, target, reservation.heldMicroUsd);
  return limit !== outputLimit(inference, target, Number.MAX_SAFE_INTEGER);
}

/** null where the account's object cannot be reached, or fails. */
async function ask<Result>(
  ports: Ports,
  { caller, requestId, textJurisdiction }: Accepted,
  question: (door: CacheDoor) => Promise<Result>,
): Promise<Result | null> {
  try {
    return await question(ports.answers(caller, textJurisdiction));
  } catch (cause) {
    ports.log({ event: "cache-unreachable", level: "warn", request_id: requestId, error: String(cause) });
    return null;
  }
}
