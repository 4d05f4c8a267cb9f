// The one pump: frames of the origin to the caller, metered in the same hop, over as many legs as it takes. It
// knows when a stream is over and how; exactly one terminal leaves here, the wire's own or one error event.
import type { Lease } from "../admission/lease.ts";
import type { Endpoint, Stamp } from "../dialects/dialect.ts";
import type { Accepted } from "../domain/accepted.ts";
import { RouterError } from "../domain/errors.ts";
import type { Frame } from "../domain/frame.ts";
import type { Ports } from "../domain/ports.ts";
import { jsonAt, replaceAt } from "../lib/json-splice.ts";
import { recordOf } from "../lib/record.ts";
import { withinOrNull } from "../lib/within-or-null.ts";
import type { OpenStream } from "../origins/attempt.ts";
import { disconnected } from "../origins/kinds/failures.ts";
import { errorOf, lastWord } from "../origins/retry-policy.ts";
import { observe } from "../usage/meter.ts";
import { accountFor, costAt, type Ending, endIdempotency } from "./account-for.ts";
import { keepCached, type Recording } from "./cache.ts";
import { nextLeg } from "./continuation.ts";
import { type Delivered, keep } from "./delivered.ts";
import type { EventWriter } from "./event-writer.ts";
import { answeringTarget, attemptsOf, type Leg, type Legs, lastLeg, usageOfLegs } from "./leg.ts";
import { sendRoutingEvent } from "./routing-event.ts";
import { crossSeam } from "./seam.ts";
import { bareOf, isAsBilled, type Told } from "./shown-usage.ts";

/** A stream whose status has gone out. */
export interface Run {
  readonly accepted: Accepted;
  readonly endpoint: Endpoint;
  readonly lease: Lease;
  readonly delivered: Delivered;
  /** For the response cache; null for a request that does not use it. */
  readonly recording: Recording | null;
  readonly stamp: Stamp;
  readonly writer: EventWriter;
  /** Named by the routing event. */
  readonly region: string;
  legs(): Legs;
  /** Makes it the leg under way. */
  addLeg(leg: Leg): void;
}

/** How a committed stream ended: null is well. */
type End = RouterError | null;

/** Runs under waitUntil until the stream is over, settled and logged. */
export async function pump(ports: Ports, run: Run): Promise<void> {
  const { writer, lease, accepted } = run;
  const end = await copyAnswer(ports, run).catch((cause: unknown) => {
    ports.log({
      event: "internal-error",
      level: "error",
      request_id: accepted.requestId,
      error: String(cause),
    });
    return new RouterError("internal_error", "Something failed on our side: retry.", { cause });
  });
  const endNow = () => (writer.isGone() ? callerLeft() : end);
  // Before the terminal: whoever has read it may repeat the request at once.
  if (accepted.idempotencyPlace !== null) {
    await endIdempotency(ports, accepted, endingOf(ports, run, endNow()));
  }
  lease.end();
  await sendTerminal(ports, run, end);
  const ending = endingOf(ports, run, endNow());
  accountFor(ports, accepted, ending);
  if (ending.outcome === "ok") keepRecording(ports, run, ending);
}

/** Whole, and of one origin: what broke off is nobody else's, and what two wrote is true for its caller alone. */
function keepRecording(ports: Ports, { accepted, recording, stamp, legs }: Run, ending: Ending): void {
  const text = recording?.packed() ?? null;
  if (text === null || legs().length > 1) return;
  const { target, usage } = ending;
  const isUsageReported = lastLeg(legs()).meter.reported !== null;
  keepCached(ports, accepted, { text, target, usage, isUsageReported, createdS: stamp.createdS });
}

async function copyAnswer(ports: Ports, run: Run): Promise<End> {
  await sendRoutingEvent(run);
  let end = await copyLeg(ports, run);
  while (end !== null && !run.writer.isGone()) {
    // Bounded there.
    const next = nextLeg(ports, run.accepted, {
      legs: run.legs(),
      delivered: run.delivered,
      code: end.code,
    });
    if (next === null) return end;
    run.addLeg(next);
    const continued = await copyLeg(ports, run);
    // Where nobody could go on, what broke the answer off is the news.
    if (continued !== null && next.openedAtMs === null && !next.sending.signal.aborted) return end;
    end = continued;
  }
  return end;
}

async function copyLeg(ports: Ports, run: Run): Promise<End> {
  const leg = lastLeg(run.legs());
  const result = await leg.sending.result;
  if (!("answer" in result)) return lastWord(run.accepted.route, result);
  leg.openedAtMs = ports.now();
  try {
    const end = await copyFrames(ports, { run, leg, open: result.answer });
    result.release(end !== null && !run.writer.isGone() ? end.code : null);
    return end;
  } finally {
    leg.closedAtMs ??= ports.now();
    result.answer.frames.close();
  }
}

interface Copying {
  readonly run: Run;
  readonly leg: Leg;
  readonly open: OpenStream;
}

/** Frames in order until one ends the leg. */
async function copyFrames(ports: Ports, copying: Copying): Promise<End> {
  const { run, leg, open } = copying;
  let frames: readonly Frame[] | null = open.first;
  while (frames !== null) {
    for (const frame of frames) {
      if (frame.kind === "failed") {
        return endOf(copying, errorOf(frame.failure ?? disconnected("The stream failed.")));
      }
      if (frame.kind === "done") return endOf(copying, unfinished());
      const bare = metered(ports, copying, frame);
      const news = leg.seam === null || bare === null ? bare : crossSeam(leg.seam, bare);
      if (news === "strange") return unfinished();
      if (news !== null) await copyFrame(copying, news);
      if (run.writer.isGone()) return null;
    }
    frames = await nextFrames(ports, copying, frames);
  }
  return endOf(copying, unfinished());
}

/** The frame without its counts, which are kept for the end; null where nothing else is in it. */
function metered(ports: Ports, { run, leg }: Copying, frame: Frame): Frame | null {
  const isFixed = leg.isUsageShown && !asksForRunningCounts(run.accepted);
  const { reported } = leg.meter;
  observe(leg.meter, frame);
  const { frame: bare, told } = bareOf(frame);
  if (isFixed) {
    // What was shown is what is billed.
    leg.meter.reported = reported;
    return bare;
  }
  if (told === null) return bare;
  leg.told = told;
  leg.isUsageShown = false;
  if (bare === null || !mayStay(ports, run, told)) return bare;
  leg.isUsageShown = hasFinished(run, leg);
  return frame;
}

/** Beside the finish reason as in running counts, for callers who asked, and where they are what is billed. */
function mayStay(ports: Ports, run: Run, { usage, isPlain }: Told): boolean {
  const { accepted } = run;
  if (!isPlain || !accepted.inference.includeUsage) return false;
  if (!hasFinished(run, lastLeg(run.legs())) && !asksForRunningCounts(accepted)) return false;
  return isAsBilled(usage, usageOfLegs(ports, accepted, run.legs()));
}

/** vLLM's option: counts in every frame, as they stand. */
function asksForRunningCounts({ inference }: Accepted): boolean {
  return recordOf(inference.body.stream_options).continuous_usage_stats === true;
}

/** Counts and the terminal follow the last word at once, or not at all. */
const LINGER_MS = 2_000;

/** null at the end of the body, and where every choice has finished and nothing is said any more. */
async function nextFrames(
  ports: Ports,
  { run, leg, open }: Copying,
  last: readonly Frame[],
): Promise<readonly Frame[] | null> {
  if (!hasFinished(run, leg)) return await open.frames.next();
  const nowMs = ports.now();
  // An origin that names its reason too early, and speaks on, is heard to its end.
  const isSpeaking = last.some(({ hasContent }) => hasContent);
  if (isSpeaking || leg.finishedAtMs === null) leg.finishedAtMs = nowMs;
  const frames = await withinOrNull(ports.after, open.frames.next(), leg.finishedAtMs + LINGER_MS - nowMs);
  // The wait is no time of the GPU's.
  if (frames === null) leg.closedAtMs = nowMs;
  return frames;
}

async function copyFrame({ run, leg }: Copying, frame: Frame): Promise<void> {
  const { accepted, endpoint, writer, stamp, delivered, recording } = run;
  if (frame.kind === "usage" && !accepted.inference.includeUsage) return;
  const text = leg.seam === null ? frame.text : asOneStream(run, frame.text);
  await writer.event(endpoint.renderFrame(text, stamp));
  keep(delivered, frame);
  recording?.add(text);
}

/** One date, whoever writes: the caller sees an unbroken stream. */
function asOneStream({ stamp }: Run, text: string): string {
  return replaceAt(text, ["created"], String(stamp.createdS));
}

function hasFinished({ accepted }: Run, { meter }: Leg): boolean {
  return meter.finishedChoices >= accepted.inference.answers;
}

/** Behind its finish reason an answer is whole, however its origin ends; without one it broke off, whatever came. */
function endOf({ run, leg }: Copying, error: RouterError): End {
  return hasFinished(run, leg) ? null : error;
}

function unfinished(): RouterError {
  return errorOf(disconnected("The model's server ended the stream before the answer was finished: retry."));
}

async function sendTerminal(ports: Ports, run: Run, end: End): Promise<void> {
  const { accepted, endpoint, writer, stamp } = run;
  if (end !== null) {
    await writer.event(endpoint.renderStreamError(end, accepted.requestId));
  } else {
    if (accepted.inference.includeUsage && !lastLeg(run.legs()).isUsageShown) {
      const text = usageEvent(ports, run);
      await writer.event(endpoint.renderFrame(text, stamp));
      // Ours is written anew for whoever gets the answer again.
      if (lastLeg(run.legs()).meter.reported !== null) run.recording?.add(text);
    }
    await writer.event(endpoint.terminal);
  }
  await writer.close();
}

/** What is billed, in the origin's own words where they say the same. */
function usageEvent(ports: Ports, run: Run): string {
  const legs = run.legs();
  const { told, seam } = lastLeg(legs);
  const usage = usageOfLegs(ports, run.accepted, legs);
  const own = run.endpoint.renderUsage(run.stamp, usage);
  if (told === null) return own;
  const event = told.event ?? own;
  const shown = isAsBilled(told.usage, usage) ? told.usage : (jsonAt(own, ["usage"]) ?? told.usage);
  const text = replaceAt(event, ["usage"], shown);
  return seam === null ? text : asOneStream(run, text);
}

function callerLeft(): RouterError {
  return new RouterError("client_closed_request", "The caller closed the connection.");
}

function endingOf(ports: Ports, run: Run, end: End): Ending {
  const { accepted } = run;
  const legs = run.legs();
  const target = answeringTarget(legs);
  const usage = usageOfLegs(ports, accepted, legs);
  const attempts = attemptsOf(ports, accepted, legs);
  const isCancelled = end?.code === "client_closed_request";
  return {
    outcome: isCancelled ? "cancelled" : end === null ? "ok" : "error",
    status: isCancelled ? 499 : 200,
    code: end?.code ?? null,
    target,
    usage,
    costMicroUsd: costAt(target, usage),
    attempts,
    ttftMs: legs[0].sending.attempts.at(-1)?.ttftMs ?? null,
  };
}
