// Keeps a reservation alive while its request runs, with checkpoints of what was used, and hears whether the key
// was revoked meanwhile.
import type { Reservation, TouchVerdict } from "../domain/account-commands.ts";
import type { KeyId, RequestId } from "../domain/ids.ts";
import type { AccountRef } from "../domain/key.ts";
import type { MicroUsd } from "../domain/money.ts";
import type { Ports } from "../domain/ports.ts";

export interface Lease {
  end(): void;
}

export interface LeaseOrder {
  readonly account: AccountRef;
  readonly reservation: Reservation;
  readonly requestId: RequestId;
  readonly keyId: KeyId;
  /** What the request used so far: posted if this isolate dies. */
  readonly usedMicroUsd: () => MicroUsd;
  /** The key was revoked, or the lease was lost and nobody pays any more: the request must stop. */
  readonly onStop: (why: "revoked" | "closed") => void;
}

/** With a lease of 60 s a revocation is heard within 8.5 s, and seven renewals may be lost before the hold is. */
const RENEWALS_PER_LEASE = 8;
/** The answer comes in another request's context and may only leave a mark; this is when it is looked at. */
const LOOK_AFTER_MS = 750;

export function keepLease(ports: Ports, order: LeaseOrder): Lease {
  const { reservation, requestId, keyId } = order;
  let verdict: TouchVerdict = "renewed";
  let isAsking = false;
  const everyMs = reservation.leaseMs / RENEWALS_PER_LEASE;
  let stopLooking = () => {};
  const renew = () => {
    stopRenewing = ports.after(everyMs, renew);
    // A slow object must not gather a queue of renewals behind it.
    if (isAsking) return;
    isAsking = true;
    const command = {
      kind: "touch",
      reservationId: reservation.id,
      microUsd: order.usedMicroUsd(),
      owner: { requestId, keyId, heldMicroUsd: reservation.heldMicroUsd },
    } as const;
    ports.mailbox.post(ports, {
      account: order.account,
      command,
      onAnswer(answer) {
        isAsking = false;
        if (answer.ok && "verdict" in answer) verdict = answer.verdict as TouchVerdict; // the answer to `touch`
      },
    });
    stopLooking = ports.after(LOOK_AFTER_MS, () => {
      isAsking = false;
      if (verdict !== "renewed") order.onStop(verdict);
    });
  };
  let stopRenewing = ports.after(everyMs, renew);
  return {
    end() {
      stopRenewing();
      stopLooking();
    },
  };
}
