// Ends a reservation: what the request cost, what the limits count, and the row that tells of it.

import type { KeyId, RequestId, ReservationId } from "../domain/ids.ts";
import type { AccountRef } from "../domain/key.ts";
import { packRow } from "../domain/packed-row.ts";
import type { Ports } from "../domain/ports.ts";
import type { UsageRow } from "../domain/usage-row.ts";

export interface Settling {
  readonly account: AccountRef;
  readonly reservationId: ReservationId;
  readonly requestId: RequestId;
  /** Cost, tokens and GPU time are the row's own. */
  readonly row: UsageRow;
}

/** Returns at once: nobody waits for a settlement. */
export function settle(ports: Ports, { account, reservationId, requestId, row }: Settling): void {
  ports.mailbox.post(ports, {
    account,
    command: {
      kind: "settle",
      reservationId,
      requestId,
      keyId: row.key_id as KeyId, // the caller's own, as the row was built
      microUsd: row.cost_micro_usd,
      tokens: row.input_tokens + row.output_tokens,
      gpuMs: row.gpu_ms,
      rowJson: packRow(row),
    },
    onAnswer(answer) {
      if (!answer.ok || !("applied" in answer) || answer.applied !== "late") return;
      const { request_id, cost_micro_usd } = row;
      ports.log({ event: "settlement-late", level: "warn", request_id, cost_micro_usd });
    },
  });
}
