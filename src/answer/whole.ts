// A whole answer: sent when it is finished, with our id and model and what it cost.

import { keepLease } from "../admission/admit.ts";
import { outputLimit } from "../admission/quote.ts";
import type { Endpoint } from "../dialects/dialect.ts";
import type { Accepted } from "../domain/accepted.ts";
import type { Ports } from "../domain/ports.ts";
import { NO_USAGE } from "../domain/usage.ts";
import type { Whole } from "../origins/kinds/kind.ts";
import { lastWord } from "../origins/retry-policy.ts";
import { type Sent, sendWhole } from "../origins/send.ts";
import { clamp } from "../usage/meter.ts";
import { accountFor, boundsOf, costAt, withGpuTime } from "./account-for.ts";
import { answerHeaders } from "./headers.ts";
import { answerId } from "./stamp.ts";

/** @throws RouterError when no target answered; nothing is settled then. */
export async function answerWhole(ports: Ports, accepted: Accepted, endpoint: Endpoint): Promise<Response> {
  const { inference, route, reservation, caller } = accepted;
  const sending = sendWhole(ports, {
    ...accepted,
    outputLimit: (target) => outputLimit(inference, target, reservation.heldMicroUsd),
  });
  const lease = keepLease(ports, {
    account: caller,
    reservation,
    usedMicroUsd: () => 0,
    onRevoked: () => sending.abort("revoked"),
  });
  const result = await sending.result.finally(lease.end);
  if (!("answer" in result)) throw lastWord(route, result);
  result.release();
  const usage = usageOfWhole(accepted, result);
  const costMicroUsd = costAt(result.target, usage);
  const { target, ttftMs } = result;
  const { attempts } = sending;
  ports.waitUntil(
    accountFor(ports, accepted, {
      outcome: "ok",
      status: 200,
      code: null,
      target,
      usage,
      costMicroUsd,
      attempts,
      ttftMs,
    }),
  );
  const commit = { target, attempts: attempts.length, atMs: ports.now(), originMs: ttftMs, costMicroUsd };
  const headers = answerHeaders(accepted, commit);
  headers.set("content-type", "application/json");
  const stamp = { id: answerId(accepted), model: target.model.id, createdS: Math.floor(ports.now() / 1000) };
  return new Response(endpoint.renderWhole(result.answer.text, stamp), { headers });
}

function usageOfWhole(accepted: Accepted, { answer, target, ttftMs }: Sent<Whole>) {
  const bounds = boundsOf(accepted, target);
  const guessed = {
    ...NO_USAGE,
    inputTokens: bounds.inputTokens,
    outputTokens: answer.guessedOutputTokens,
    estimated: true,
  };
  // The whole body comes at once: the time to it is the best measure of what the GPU did.
  return withGpuTime(target, clamp(answer.usage ?? guessed, bounds), ttftMs);
}
