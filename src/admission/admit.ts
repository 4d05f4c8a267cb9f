// The Worker's side of admission: one RPC that proves the key, applies the limits and holds the credits, and
// the lease that keeps the hold alive while the request runs. What the object decides, it decides alone.
import type {
  AdmitCommand,
  AnswerOf,
  Command,
  LimitsLeft,
  Refusal,
  Reservation,
} from "../domain/account-commands.ts";
import { RouterError } from "../domain/errors.ts";
import type { ReservationId } from "../domain/ids.ts";
import type { AccountRef, Caller, KeyView } from "../domain/key.ts";
import type { MicroUsd } from "../domain/money.ts";
import type { Ports } from "../domain/ports.ts";
import { rateLimitHeaders } from "./limit-headers.ts";

export type Admitted =
  | { readonly verdict: "stale"; readonly view: KeyView }
  | { readonly verdict: "admitted"; readonly reservation: Reservation | null; readonly limits: LimitsLeft };

/** @throws RouterError for every refusal, with the headers of the limit that refused. */
export async function admit(
  ports: Ports,
  caller: Caller,
  request: Pick<AdmitCommand, "nonce" | "viewVersion" | "intent" | "hold">,
): Promise<Admitted> {
  const { keyId, proofs } = caller;
  const command = { kind: "admit", keyId, proofs, scope: "inference", ...request } as const;
  const answer = await ask(ports, caller, command);
  return accepted(answer);
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
    if (!isRetryable(cause)) throw unavailable(cause);
  }
  // A broken stub stays broken: the second try takes a new one. Nonces make repeats harmless.
  try {
    return await ports.account(account).apply(commands);
  } catch (cause) {
    throw unavailable(cause);
  }
}

async function ask(ports: Ports, caller: Caller, command: Command): Promise<AnswerOf<"admit">> {
  const [answer] = await applyTo(ports, caller, [command]);
  return answer as AnswerOf<"admit">; // answers stand in the order of their commands
}

function isRetryable(cause: unknown): boolean {
  return typeof cause === "object" && cause !== null && "retryable" in cause && cause.retryable === true;
}

function unavailable(cause: unknown): RouterError {
  return new RouterError("overloaded", "The account is busy right now: retry in a second.", {
    retryAfterMs: 1_000,
    cause,
  });
}

/** The good answer itself. @throws RouterError for a refusal. */
export function accepted<Good extends { readonly ok: true }>(answer: Good | Refusal): Good {
  if (answer.ok) return answer;
  const { code, message, retryAfterMs, limits } = answer;
  throw new RouterError(code, message, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(limits === undefined ? {} : { headers: rateLimitHeaders(limits) }),
  });
}

export interface Lease {
  end(): void;
}

/** Six renewals a lease: five may be lost before the hold is. */
const RENEWALS_PER_LEASE = 6;

export interface LeaseOrder {
  readonly account: AccountRef;
  readonly reservation: Reservation;
  /** What the request used so far: posted if this isolate dies. */
  readonly usedMicroUsd: () => MicroUsd;
  /** The key was revoked: the request must stop. */
  readonly onRevoked: () => void;
}

/** Renews the hold with a checkpoint until ended. */
export function keepLease(ports: Ports, order: LeaseOrder): Lease {
  const timer = setInterval(() => void renew(ports, order), order.reservation.leaseMs / RENEWALS_PER_LEASE);
  return { end: () => clearInterval(timer) };
}

async function renew(ports: Ports, order: LeaseOrder): Promise<void> {
  const reservationId: ReservationId = order.reservation.id;
  const command = { kind: "touch", reservationId, microUsd: order.usedMicroUsd() } as const;
  const answers = await applyTo(ports, order.account, [command]).catch(() => []);
  const answer = answers[0] as AnswerOf<"touch"> | undefined; // answers stand in the order of their commands
  if (answer?.ok && answer.revoked) order.onRevoked();
}
