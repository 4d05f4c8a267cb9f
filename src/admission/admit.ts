// The Worker's side of admission: one RPC that proves the key, applies the limits and holds the credits. What
// the object decides, it decides alone; this isolate only repeats a refusal until the instant that it named.
import type {
  AdmitCommand,
  AnswerOf,
  Command,
  LimitsLeft,
  Refusal,
  Reservation,
} from "../domain/account-commands.ts";
import { type ErrorDetails, RouterError } from "../domain/errors.ts";
import type { Replay } from "../domain/idempotency.ts";
import { type AccountRef, type Caller, claimOf, type KeyView } from "../domain/key.ts";
import type { Ports } from "../domain/ports.ts";
import { assertNever } from "../lib/assert-never.ts";
import { rateLimitHeaders } from "./limit-headers.ts";

export type Admitted =
  | { readonly verdict: "stale"; readonly view: KeyView }
  | { readonly verdict: "replay"; readonly replay: Replay }
  | {
      readonly verdict: "admitted";
      readonly reservation: Reservation | null;
      readonly limits: LimitsLeft;
      readonly queueDepth: number;
    };

export type AdmitRequest = Pick<
  AdmitCommand,
  "nonce" | "viewVersion" | "intent" | "hold" | "tokens" | "gpuMs" | "idempotency"
>;

/** @throws RouterError for every refusal, with the headers of the limit that refused. */
export async function admit(ports: Ports, caller: Caller, request: AdmitRequest): Promise<Admitted> {
  if (request.intent !== "prove-key") repeatRefusal(ports, caller);
  const command = { kind: "admit", ...claimOf(caller), scope: "inference", ...request } as const;
  const answer = await ask(ports, caller, command);
  if (!answer.ok) rememberRefusal(ports, caller, answer);
  return accepted(answer);
}

/** A refusal may be repeated this long without asking: a flood then costs the account's object nothing. */
const REPEAT_MS = 1_000;

/** The same proof only: a MAC, not a key's id, so that no other secret meets another's refusal. */
function placeOf(caller: Caller): string {
  switch (caller.by) {
    case "key":
      return caller.proofs[0]?.mac ?? caller.keyId;
    case "session":
      return caller.sessionId;
    case "subject":
      return caller.accountId;
    default:
      return assertNever(caller);
  }
}

function rememberRefusal(ports: Ports, caller: Caller, refusal: Refusal): void {
  if (refusal.code !== "rate_limit_exceeded" || refusal.retryAfterMs === undefined) return;
  ports.refusals.set(placeOf(caller), {
    refusal,
    roomAtMs: ports.now() + refusal.retryAfterMs,
    sinceMs: ports.now(),
  });
}

function repeatRefusal(ports: Ports, caller: Caller): void {
  const remembered = ports.refusals.get(placeOf(caller));
  const nowMs = ports.now();
  if (remembered === undefined || nowMs >= remembered.roomAtMs || nowMs - remembered.sinceMs >= REPEAT_MS)
    return;
  throw errorOf({ ...remembered.refusal, retryAfterMs: remembered.roomAtMs - nowMs }, { isRepeated: true });
}

/** Sends commands to an account's object; a broken or busy object is a 503, never a 500. */
export async function applyTo(
  ports: Ports,
  account: AccountRef,
  commands: readonly Command[],
): Promise<Awaited<ReturnType<ReturnType<Ports["account"]>["apply"]>>> {
  try {
    return await ports.account(account).apply(commands);
  } catch (cause) {
    if (!isRetryable(cause)) throw unavailable(ports, account, cause);
  }
  // A broken stub stays broken: the second try takes a new one. Nonces make repeats harmless.
  try {
    return await ports.account(account).apply(commands);
  } catch (cause) {
    throw unavailable(ports, account, cause);
  }
}

async function ask(ports: Ports, caller: Caller, command: Command): Promise<AnswerOf<"admit">> {
  const [answer] = await applyTo(ports, caller, [command]);
  return answer as AnswerOf<"admit">; // answers stand in the order of their commands
}

function isRetryable(cause: unknown): boolean {
  return typeof cause === "object" && cause !== null && "retryable" in cause && cause.retryable === true;
}

function unavailable(ports: Ports, { accountId }: AccountRef, cause: unknown): RouterError {
  ports.log({ event: "account-unreachable", level: "error", account_id: accountId, error: String(cause) });
  return new RouterError("overloaded", "The account is busy right now: retry in a second.", {
    retryAfterMs: 1_000,
    cause,
  });
}

/** The good answer itself. @throws RouterError for a refusal. */
export function accepted<Good extends { readonly ok: true }>(answer: Good | Refusal): Good {
  if (answer.ok) return answer;
  throw errorOf(answer, {});
}

function errorOf({ code, message, retryAfterMs, limits }: Refusal, more: ErrorDetails): RouterError {
  return new RouterError(code, message, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(limits === undefined ? {} : { headers: rateLimitHeaders(limits) }),
    ...more,
  });
}
