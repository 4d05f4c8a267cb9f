// Ends a reservation exactly once: posts what the request cost, or gives everything back. The object ignores
// repeats, so a lost answer is simply sent again; what never arrives, the lease settles.
import type { AnswerOf, Command } from "../domain/account-commands.ts";
import type { RequestId, ReservationId } from "../domain/ids.ts";
import type { AccountRef } from "../domain/key.ts";
import type { MicroUsd } from "../domain/money.ts";
import type { Ports } from "../domain/ports.ts";

export interface Settling {
  readonly account: AccountRef;
  readonly reservationId: ReservationId;
  readonly requestId: RequestId;
  /** 0 gives everything back. */
  readonly microUsd: MicroUsd;
}

/** Within the 30 s that a Worker may live on after its answer. */
const BACKOFF_MS = [200, 1_000, 4_000];

/** Never throws: what cannot be settled is logged and left to the lease. */
export async function settle(ports: Ports, settling: Settling): Promise<void> {
  const { reservationId, requestId, microUsd } = settling;
  const command: Command =
    microUsd === 0 ? { kind: "void", reservationId } : { kind: "settle", reservationId, requestId, microUsd };
  for (const waitMs of [...BACKOFF_MS, null]) {
    const answer = await ask(ports, settling.account, command).catch(() => undefined);
    if (answer !== undefined) return logLate(ports, settling, answer);
    if (waitMs !== null) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  ports.log({ event: "settlement-lost", level: "error", request_id: requestId, micro_usd: microUsd });
}

/** A new stub each time: a broken one stays broken. Async, so that what throws at once rejects like the rest. */
async function ask(
  ports: Ports,
  account: AccountRef,
  command: Command,
): Promise<AnswerOf<"settle"> | undefined> {
  const [answer] = await ports.account(account).apply([command]);
  return answer as AnswerOf<"settle"> | undefined; // answers stand in the order of their commands
}

function logLate(ports: Ports, settling: Settling, answer: AnswerOf<"settle">): void {
  if (answer.ok && answer.applied === "posted") return;
  ports.log({
    event: "settlement-late",
    level: "warn",
    request_id: settling.requestId,
    micro_usd: settling.microUsd,
  });
}
