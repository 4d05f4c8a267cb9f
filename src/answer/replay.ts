// A whole answer kept for its Idempotency-Key, and sent again when the same request comes back.
import type { Accepted } from "../domain/accepted.ts";
import { RouterError } from "../domain/errors.ts";
import { IDEMPOTENCY_TTL_MS, type Replay, type StoredAnswer } from "../domain/idempotency.ts";
import type { AccountRef } from "../domain/key.ts";
import type { Ports } from "../domain/ports.ts";

/** Larger answers are not kept: a row of the object's storage holds 2 MB. */
const MAX_KEPT_LENGTH = 512 * 1024;

/** Whether the answer is kept now. Where storing fails the caller still has its answer, once. */
export async function keepAnswer(ports: Ports, accepted: Accepted, answer: StoredAnswer): Promise<boolean> {
  if (answer.body.length > MAX_KEPT_LENGTH) return false;
  const { caller, requestId, textJurisdiction } = accepted;
  const door = ports.answers(caller, textJurisdiction);
  const put = door.put(requestId, answer, ports.now() + IDEMPOTENCY_TTL_MS);
  return await put.then(
    () => true,
    () => false,
  );
}

/** @throws RouterError stream_not_replayable when the text is gone. */
export async function replayAnswer(ports: Ports, account: AccountRef, replay: Replay): Promise<Response> {
  const door = ports.answers(account, replay.jurisdiction);
  const stored = await door.get(replay.requestId).catch((cause: unknown) => {
    const message = "The kept answer cannot be read right now: retry in a second.";
    throw new RouterError("overloaded", message, { retryAfterMs: 1_000, cause });
  });
  if (stored === null) {
    const message = `The answer of this Idempotency-Key is no longer kept: see usage of '${replay.requestId}'.`;
    throw new RouterError("stream_not_replayable", message);
  }
  const headers = new Headers(stored.headers);
  headers.set("idempotency-replayed", "true");
  headers.set("x-inferroute-original-request-id", replay.requestId);
  headers.delete("x-request-id");
  return new Response(stored.body, { status: stored.status, headers });
}
