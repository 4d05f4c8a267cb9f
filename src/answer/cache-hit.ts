// An answer from the cache, as its caller gets it: under an id of its own, whole or event by event, with a routing
// event where one is due and exactly one terminal. It counts as a request and costs nothing.
import { keepLease } from "../admission/lease.ts";
import type { Endpoint, Stamp } from "../dialects/dialect.ts";
import type { Accepted } from "../domain/accepted.ts";
import { timeoutsOf } from "../domain/catalog.ts";
import type { RouterError } from "../domain/errors.ts";
import type { Ports } from "../domain/ports.ts";
import { NO_USAGE } from "../domain/usage.ts";
import { unpackTexts } from "../lib/packed-texts.ts";
import { type AbortLine, type AbortReason, abortLine, failureOfAbort } from "../origins/abort.ts";
import { errorOf } from "../origins/retry-policy.ts";
import { accountFor, type Ending, endIdempotency } from "./account-for.ts";
import type { Found } from "./cache.ts";
import { dropUnread, type EventWriter, eventWriter } from "./event-writer.ts";
import { answerHeaders, SSE_HEADERS } from "./headers.ts";
import { keepAnswer } from "./replay.ts";
import { sendRoutingEvent } from "./routing-event.ts";
import { answerId } from "./stamp.ts";

export interface Hit {
  readonly accepted: Accepted;
  readonly found: Found;
}

export async function answerFromCache(ports: Ports, hit: Hit, endpoint: Endpoint): Promise<Response> {
  return hit.accepted.inference.stream ? streamed(ports, hit, endpoint) : await whole(ports, hit, endpoint);
}

async function whole(ports: Ports, hit: Hit, endpoint: Endpoint): Promise<Response> {
  const { accepted, found } = hit;
  const headers = { ...headersOf(ports, hit), "content-type": "application/json" };
  const body = endpoint.renderWhole(found.answer.text, stampOf(hit));
  const ending = endingOf(hit, null);
  accountFor(ports, accepted, ending);
  if (accepted.idempotencyPlace !== null) {
    const isStored = await keepAnswer(ports, accepted, { status: 200, headers, body });
    await endIdempotency(ports, accepted, { ...ending, isStored });
  }
  return new Response(body, { headers });
}

function streamed(ports: Ports, hit: Hit, endpoint: Endpoint): Response {
  // Before the status goes out: what cannot be read ends as an error.
  const events = unpackTexts(hit.found.answer.text);
  const { readable, writable } = new IdentityTransformStream();
  const line = abortLine();
  const writer = eventWriter(ports, writable, () => line.abort("caller"));
  ports.room.stay();
  ports.waitUntil(replay(ports, { ...hit, endpoint, events, line, writer }).finally(ports.room.leave));
  return new Response(readable, { headers: { ...headersOf(ports, hit), ...SSE_HEADERS } });
}

interface Replaying extends Hit {
  readonly endpoint: Endpoint;
  readonly events: Iterable<string>;
  /** Cut when the replay has to stop, whatever is still unsaid. */
  readonly line: AbortLine;
  readonly writer: EventWriter;
}

/** Runs under waitUntil until everything is written, settled and logged. */
async function replay(ports: Ports, replaying: Replaying): Promise<void> {
  const { accepted, endpoint, writer, line } = replaying;
  const letGo = hold(ports, replaying);
  await sendEvents(replaying);
  // abortLine sets no other reason.
  const end = line.signal.aborted ? errorOf(failureOfAbort(line.signal.reason as AbortReason)) : null;
  const endingNow = () => endingOf(replaying, writer.isGone() ? errorOf(failureOfAbort("caller")) : end);
  // Before the terminal: whoever has read it may repeat the request at once.
  if (accepted.idempotencyPlace !== null) await endIdempotency(ports, accepted, endingNow());
  await writer.event(end === null ? endpoint.terminal : endpoint.renderStreamError(end, accepted.requestId));
  await writer.close();
  letGo();
  accountFor(ports, accepted, endingNow());
}

/** A caller who reads slowly is under way as with any stream: what cuts those, and when, cuts this. */
function hold(ports: Ports, { accepted, found, line, writer }: Replaying): () => void {
  const { caller, requestId, reservation, inference } = accepted;
  const lease = keepLease(ports, {
    account: caller,
    keyId: caller.keyId,
    requestId,
    reservation,
    usedMicroUsd: () => 0,
    onStop: (why) => line.abort(why),
  });
  const totalMs = inference.timeoutMs ?? timeoutsOf(found.target).total_ms;
  const takeBack = ports.after(totalMs, () => line.abort("total"));
  const onGone = () => line.abort("caller");
  dropUnread(writer, line.signal);
  ports.callerGone.addEventListener("abort", onGone, { once: true });
  if (ports.callerGone.aborted) onGone();
  return () => {
    lease.end();
    takeBack();
    ports.callerGone.removeEventListener("abort", onGone);
  };
}

async function sendEvents(replaying: Replaying): Promise<void> {
  const { accepted, found, endpoint, writer, line, events } = replaying;
  const stamp = stampOf(replaying);
  await sendRoutingEvent({ accepted, endpoint, writer, stamp, region: found.target.origin.region });
  for (const event of events) {
    if (line.signal.aborted) return;
    await writer.event(endpoint.renderFrame(event, stamp));
  }
  const { isUsageReported, usage } = found.answer;
  const wantsUsage = accepted.inference.includeUsage && !isUsageReported && !line.signal.aborted;
  if (wantsUsage) await writer.event(endpoint.renderUsage(stamp, usage));
}

function stampOf({ accepted, found }: Hit): Stamp {
  const { answer, target } = found;
  return { id: answerId(accepted), model: target.model.id, createdS: answer.createdS };
}

/** Nobody was asked, so there are no attempts. */
function headersOf(ports: Ports, { accepted, found }: Hit) {
  const commit = { target: found.target, attempts: 0, atMs: ports.now(), originMs: null, costMicroUsd: 0 };
  return { ...answerHeaders(accepted, commit), "x-cache": "hit" };
}

/** Nothing was produced: no tokens stand in the row, and none count towards the limit of the minute. */
function endingOf({ found }: Hit, end: RouterError | null): Ending {
  const isCancelled = end?.code === "client_closed_request";
  return {
    outcome: isCancelled ? "cancelled" : end === null ? "ok" : "error",
    status: isCancelled ? 499 : 200,
    code: end?.code ?? null,
    target: found.target,
    usage: NO_USAGE,
    costMicroUsd: 0,
    attempts: [],
    ttftMs: null,
    cache: "hit",
  };
}
