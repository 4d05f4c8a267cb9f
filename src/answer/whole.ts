// A whole answer: sent when it is finished, with our id and model and what it cost.

import { keepLease } from "../admission/lease.ts";
import { outputLimit } from "../admission/quote.ts";
import type { Endpoint, Stamp } from "../dialects/dialect.ts";
import type { Accepted } from "../domain/accepted.ts";
import type { StoredAnswer } from "../domain/idempotency.ts";
import type { Ports } from "../domain/ports.ts";
import type { Usage } from "../domain/usage.ts";
import { jsonAt } from "../lib/json-splice.ts";
import type { Whole } from "../origins/kinds/kind.ts";
import { lastWord } from "../origins/retry-policy.ts";
import { type Sent, sendWhole } from "../origins/send.ts";
import { usageFrom } from "../usage/meter.ts";
import {
  accountFor,
  boundsOf,
  costAt,
  type Ending,
  endIdempotency,
  type Unanswered,
  withCounts,
  withGpuTime,
} from "./account-for.ts";
import { keepCached } from "./cache.ts";
import { answerHeaders } from "./headers.ts";
import { keepAnswer } from "./replay.ts";
import { withShownUsage } from "./shown-usage.ts";
import { answerId } from "./stamp.ts";
import { withinHold } from "./within-hold.ts";

/** What no target answered is for the caller to account for. */
export async function answerWhole(
  ports: Ports,
  accepted: Accepted,
  endpoint: Endpoint,
): Promise<Response | Unanswered> {
  const { inference, route, reservation, caller } = accepted;
  const sending = sendWhole(ports, {
    ...accepted,
    outputLimit: (target) => outputLimit(inference, target, reservation.heldMicroUsd),
  });
  const lease = keepLease(ports, {
    account: caller,
    keyId: caller.keyId,
    requestId: accepted.requestId,
    reservation,
    usedMicroUsd: () => 0,
    onStop: (why) => sending.abort(why),
  });
  const result = await sending.result.finally(lease.end);
  if (!("answer" in result)) {
    return { error: lastWord(route, result), attempts: sending.attempts, target: sending.currentTarget() };
  }
  result.release(null);
  const usage = usageOfWhole(ports, accepted, result);
  const costMicroUsd = costAt(result.target, usage);
  const { target, ttftMs } = result;
  const { attempts } = sending;
  const commit = { target, attempts: attempts.length, atMs: ports.now(), originMs: ttftMs, costMicroUsd };
  const headers = { ...answerHeaders(accepted, commit), "content-type": "application/json" };
  const stamp = { id: answerId(accepted), model: target.model.id, createdS: Math.floor(ports.now() / 1000) };
  const text = textOf(result.answer, { accepted, endpoint, stamp, usage });
  const body = endpoint.renderWhole(text, stamp);
  const ending = {
    outcome: "ok",
    status: 200,
    code: null,
    target,
    usage,
    costMicroUsd,
    attempts: withCounts(attempts, usage),
    ttftMs,
  } as const;
  accountFor(ports, accepted, ending);
  if (result.answer.finishedChoices >= inference.answers) {
    const isUsageReported = result.answer.usage !== null;
    keepCached(ports, accepted, { text, target, usage, isUsageReported, createdS: stamp.createdS });
  }
  if (accepted.idempotencyPlace !== null)
    await keep(ports, accepted, { ending, answer: { status: 200, headers, body } });
  return new Response(body, { headers });
}

interface Kept {
  readonly ending: Ending;
  readonly answer: StoredAnswer;
}

/** The text first: a record that says "stored" must find it. */
async function keep(ports: Ports, accepted: Accepted, { ending, answer }: Kept): Promise<void> {
  const isStored = await keepAnswer(ports, accepted, answer);
  await endIdempotency(ports, accepted, { ...ending, isStored });
}

function usageOfWhole(ports: Ports, accepted: Accepted, { answer, target, ttftMs }: Sent<Whole>): Usage {
  const bounds = boundsOf(accepted, target, ports.now());
  const usage = usageFrom(answer.usage, answer.guessedOutputTokens, bounds);
  // The whole body comes at once: the time to it is the best measure of what the GPU did.
  return withinHold(target, withGpuTime(target, usage, ttftMs), accepted.reservation.heldMicroUsd);
}

interface Showing {
  readonly accepted: Accepted;
  readonly endpoint: Endpoint;
  readonly stamp: Stamp;
  readonly usage: Usage;
}

/** The origin's words with the counts that are billed. */
function textOf({ text }: Whole, { accepted, endpoint, stamp, usage }: Showing): string {
  // Results of tasks have no place for counts.
  if (accepted.inference.wire === "tasks") return text;
  const own = jsonAt(endpoint.renderUsage(stamp, usage), ["usage"]);
  return own === null ? text : withShownUsage(text, usage, own);
}
