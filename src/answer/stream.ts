// A streamed answer: commits when the first good frame was read or five seconds have passed, then pumps frame
// by frame, metering in the same hop. Exactly one terminal leaves here: the wire's own, or one error event.
import { keepLease, type Lease } from "../admission/lease.ts";
import { outputLimit } from "../admission/quote.ts";
import type { Endpoint, Stamp } from "../dialects/dialect.ts";
import type { Accepted } from "../domain/accepted.ts";
import { RouterError } from "../domain/errors.ts";
import type { Frame } from "../domain/frame.ts";
import type { Ports } from "../domain/ports.ts";
import type { OpenStream } from "../origins/attempt.ts";
import { disconnected } from "../origins/kinds/openai-failure.ts";
import { errorOf, lastWord } from "../origins/retry-policy.ts";
import { type Sending, sendStream } from "../origins/send.ts";
import { type Meter, meter, observe, usageOf } from "../usage/meter.ts";
import {
  accountFor,
  boundsOf,
  costAt,
  type Ending,
  endIdempotency,
  type Unanswered,
  withGpuTime,
} from "./account-for.ts";
import { type EventWriter, eventWriter } from "./event-writer.ts";
import { answerHeaders, SSE_HEADERS } from "./headers.ts";
import { answerId } from "./stamp.ts";

/** After this long the status goes out although no origin has answered yet: proxies and clients give up on silence. */
const COMMIT_AFTER_MS = 5_000;

/** What no target answered before the commit is for the caller to account for. */
export async function answerStream(
  ports: Ports,
  accepted: Accepted,
  endpoint: Endpoint,
): Promise<Response | Unanswered> {
  const run = startRun(ports, accepted, endpoint);
  const { sending } = run;
  const sinceMs = ports.now() - accepted.clock.receivedAtMs;
  const first = await firstOrNull(ports, sending.result, COMMIT_AFTER_MS - sinceMs);
  const isTimed = first === null;
  if (!isTimed && !("answer" in first)) {
    run.lease.end();
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
  const { readable, writable } = new IdentityTransformStream();
  const writer = eventWriter(ports, writable, () => sending.abort("caller"));
  dropUnread(sending, writer);
  const stamp = {
    id: answerId(accepted),
    model: target.model.id,
    createdS: createdOf(first) ?? Math.floor(atMs / 1000),
  };
  ports.waitUntil(pump(ports, { ...run, stamp, writer, region: target.origin.region }));
  return new Response(readable, { headers });
}

/** The routing event bears the date of the frames behind it. */
function createdOf(first: Awaited<Sending<OpenStream>["result"]> | null): number | null {
  return first !== null && "answer" in first ? (first.answer.first[0]?.createdS ?? null) : null;
}

interface Run {
  readonly accepted: Accepted;
  readonly endpoint: Endpoint;
  readonly sending: Sending<OpenStream>;
  readonly meter: Meter;
  readonly lease: Lease;
}

interface CommittedRun extends Run {
  readonly stamp: Stamp;
  readonly writer: EventWriter;
  readonly region: string;
}

function startRun(ports: Ports, accepted: Accepted, endpoint: Endpoint): Run {
  const { inference, reservation, caller } = accepted;
  const sending = sendStream(ports, {
    ...accepted,
    outputLimit: (target) => outputLimit(inference, target, reservation.heldMicroUsd),
  });
  const counts = meter();
  const usedMicroUsd = () => {
    const target = sending.currentTarget();
    return costAt(target, usageOf(counts, boundsOf(ports, accepted, target)));
  };
  const lease = keepLease(ports, {
    account: caller,
    keyId: caller.keyId,
    requestId: accepted.requestId,
    reservation,
    usedMicroUsd,
    onStop: (why) => sending.abort(why),
  });
  return { accepted, endpoint, sending, meter: counts, lease };
}

/** How a committed stream ended: null is well. */
type End = RouterError | null;

/** Runs under waitUntil until the stream is over, settled and logged. */
async function pump(ports: Ports, run: CommittedRun): Promise<void> {
  const { writer, lease, accepted } = run;
  const startedAtMs = ports.now();
  const end = await copyAnswer(run).catch((cause: unknown) => {
    ports.log({
      event: "internal-error",
      level: "error",
      request_id: accepted.requestId,
      error: String(cause),
    });
    return new RouterError("internal_error", "Something failed on our side: retry.", { cause });
  });
  const finish = () => ({ end: writer.isGone() ? callerLeft() : end, startedAtMs });
  // Before the terminal: whoever has read it may repeat the request at once.
  if (accepted.idempotencyPlace !== null) {
    await endIdempotency(ports, accepted, endingOf(ports, run, finish()));
  }
  lease.end();
  await sendTerminal(ports, run, end);
  accountFor(ports, accepted, endingOf(ports, run, finish()));
}

async function copyAnswer(run: CommittedRun): Promise<End> {
  await sendRoutingEvent(run);
  const result = await run.sending.result;
  if (!("answer" in result)) return lastWord(run.accepted.route, result);
  try {
    const end = await copyFrames(run, result.answer);
    result.release(end !== null && !run.writer.isGone() ? end.code : null);
    return end;
  } finally {
    result.answer.frames.close();
  }
}

async function sendRoutingEvent(run: CommittedRun): Promise<void> {
  const { accepted, endpoint, writer, stamp, region } = run;
  const { route, inference, clock } = accepted;
  if (!route.isSmart || route.profile === null || !inference.routingEvent) return;
  const { profile, reason, decisionId } = route;
  const routingTimeMs = clock.routedAtMs - clock.parsedAtMs;
  const facts = { profile, reason, decisionId, region, routingTimeMs };
  await writer.event(endpoint.renderRoutingEvent(stamp, facts));
}

/** Frames in order until one ends the stream. */
async function copyFrames(run: CommittedRun, open: OpenStream): Promise<End> {
  let frames: readonly Frame[] | null = open.first;
  while (frames !== null) {
    for (const frame of frames) {
      if (frame.kind === "failed") return errorOf(frame.failure ?? disconnected("The stream failed."));
      if (frame.kind === "done") return endOf(run);
      observe(run.meter, frame);
      await copyFrame(run, frame);
      if (run.writer.isGone()) return null;
    }
    frames = await open.frames.next();
  }
  return endOf(run);
}

async function copyFrame(run: CommittedRun, frame: Frame): Promise<void> {
  const { accepted, endpoint, writer, stamp } = run;
  if (frame.kind === "usage" && !accepted.inference.includeUsage) return;
  await writer.event(endpoint.renderFrame(frame.text, stamp));
}

/** An origin that ends without a finish reason broke off, whatever it said last. */
function endOf({ meter, accepted }: CommittedRun): End {
  if (meter.finishedChoices >= accepted.inference.answers) return null;
  return errorOf(disconnected("The model's server ended the stream before the answer was finished: retry."));
}

async function sendTerminal(ports: Ports, run: CommittedRun, end: End): Promise<void> {
  const { accepted, endpoint, writer, stamp, meter } = run;
  if (end !== null) {
    await writer.event(endpoint.renderStreamError(end, accepted.requestId));
  } else {
    const wantsUsage = accepted.inference.includeUsage && meter.reported === null;
    const bounds = boundsOf(ports, accepted, run.sending.currentTarget());
    if (wantsUsage) await writer.event(endpoint.renderUsage(stamp, usageOf(meter, bounds)));
    await writer.event(endpoint.terminal);
  }
  await writer.close();
}

interface Finish {
  readonly end: End;
  readonly startedAtMs: number;
}

function callerLeft(): RouterError {
  return new RouterError("client_closed_request", "The caller closed the connection.");
}

/** Long enough to send the error event to a caller who reads, short against any stream. */
const LAST_WORDS_MS = 5_000;

/** A caller who is connected and reads nothing holds a write for ever: once the walk is cut, so is that. */
function dropUnread(sending: Sending<OpenStream>, writer: EventWriter): void {
  sending.signal.addEventListener("abort", () => setTimeout(writer.drop, LAST_WORDS_MS), { once: true });
}

function endingOf(ports: Ports, run: CommittedRun, { end, startedAtMs }: Finish): Ending {
  const { accepted, sending } = run;
  const target = sending.currentTarget();
  const counted = usageOf(run.meter, boundsOf(ports, accepted, target));
  const usage = withGpuTime(target, counted, ports.now() - startedAtMs);
  const { attempts } = sending;
  const isCancelled = end?.code === "client_closed_request";
  return {
    outcome: isCancelled ? "cancelled" : end === null ? "ok" : "error",
    status: isCancelled ? 499 : 200,
    code: end?.code ?? null,
    target,
    usage,
    costMicroUsd: costAt(target, usage),
    attempts,
    ttftMs: attempts.at(-1)?.ttftMs ?? null,
  };
}

/** null where the result takes longer. */
function firstOrNull<Result>(ports: Ports, result: Promise<Result>, ms: number): Promise<Result | null> {
  return new Promise((resolve, reject) => {
    const takeBack = ports.after(Math.max(0, ms), () => resolve(null));
    result.then(resolve, reject).finally(takeBack);
  });
}
