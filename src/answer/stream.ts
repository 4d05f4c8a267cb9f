// A streamed answer up to its status, which goes out when the first good frame was read or five seconds have
// passed. What follows is pump.ts's business.
import { keepLease, type Lease } from "../admission/lease.ts";
import { outputLimit } from "../admission/quote.ts";
import type { Endpoint } from "../dialects/dialect.ts";
import type { Accepted } from "../domain/accepted.ts";
import type { Ports } from "../domain/ports.ts";
import { withinOrNull } from "../lib/within-or-null.ts";
import type { OpenStream } from "../origins/attempt.ts";
import { lastWord } from "../origins/retry-policy.ts";
import { type Sending, sendStream } from "../origins/send.ts";
import { costAt, type Unanswered } from "./account-for.ts";
import { recordingFor } from "./cache.ts";
import { deliveredFor } from "./continuation.ts";
import { dropUnread, eventWriter } from "./event-writer.ts";
import { answerHeaders, SSE_HEADERS } from "./headers.ts";
import { answeringTarget, type Leg, lastLeg, leg, usageOfLegs } from "./leg.ts";
import { pump, type Run } from "./pump.ts";
import { answerId } from "./stamp.ts";

/** After this long the status goes out although no origin has answered yet: proxies and clients give up on silence. */
const COMMIT_AFTER_MS = 5_000;

/** What no target answered before the commit is for the caller to account for. */
export async function answerStream(
  ports: Ports,
  accepted: Accepted,
  endpoint: Endpoint,
): Promise<Response | Unanswered> {
  const { legs, lease } = startCourse(ports, accepted);
  const [{ sending }] = legs;
  const sinceMs = ports.now() - accepted.clock.receivedAtMs;
  const first = await withinOrNull(ports.after, sending.result, COMMIT_AFTER_MS - sinceMs);
  const isTimed = first === null;
  if (!isTimed && !("answer" in first)) {
    lease.end();
    return {
      error: lastWord(accepted.route, first),
      attempts: sending.attempts,
      target: sending.currentTarget(),
    };
  }
  sending.stayOnModel();
  const target = isTimed ? sending.currentTarget() : first.target;
  const atMs = ports.now();
  const attempts = sending.attempts.length + (isTimed ? 1 : 0);
  const commit = { target, attempts, atMs, originMs: isTimed ? null : first.ttftMs, costMicroUsd: null };
  const headers = { ...answerHeaders(accepted, commit), ...SSE_HEADERS };
  const stamp = {
    id: answerId(accepted),
    model: target.model.id,
    createdS: createdOf(first) ?? Math.floor(atMs / 1000),
  };
  const start = { accepted, endpoint, legs, lease, stamp, region: target.origin.region };
  return new Response(startPump(ports, start), { headers });
}

interface Start extends Course, Pick<Run, "accepted" | "endpoint" | "stamp" | "region"> {}

/** What the caller reads; the pump runs behind it. */
function startPump(ports: Ports, { legs, ...start }: Start): ReadableStream<Uint8Array> {
  const { accepted } = start;
  const { readable, writable } = new IdentityTransformStream();
  const writer = eventWriter(ports, writable, () => lastLeg(legs).sending.abort("caller"));
  dropUnread(writer, legs[0].sending.signal);
  const run: Run = {
    ...start,
    delivered: deliveredFor(ports, accepted),
    recording: recordingFor(ports, accepted),
    writer,
    legs: () => legs,
    addLeg(next) {
      legs.push(next);
      dropUnread(writer, next.sending.signal);
    },
  };
  ports.room.stay();
  ports.waitUntil(pump(ports, run).finally(ports.room.leave));
  return readable;
}

/** The routing event bears the date of the frames behind it. */
function createdOf(first: Awaited<Sending<OpenStream>["result"]> | null): number | null {
  return first !== null && "answer" in first ? (first.answer.first[0]?.createdS ?? null) : null;
}

/** How many legs there are is only known when the stream is over. */
interface Course {
  readonly legs: [Leg, ...Leg[]];
  readonly lease: Lease;
}

function startCourse(ports: Ports, accepted: Accepted): Course {
  const { inference, reservation, caller } = accepted;
  const sending = sendStream(ports, {
    ...accepted,
    outputLimit: (target) => outputLimit(inference, target, reservation.heldMicroUsd),
  });
  const legs: Course["legs"] = [leg(sending, { seam: null, givenTokens: 0 })];
  const lease = keepLease(ports, {
    account: caller,
    keyId: caller.keyId,
    requestId: accepted.requestId,
    reservation,
    usedMicroUsd: () => costAt(answeringTarget(legs), usageOfLegs(ports, accepted, legs)),
    onStop: (why) => lastLeg(legs).sending.abort(why),
  });
  return { legs, lease };
}
