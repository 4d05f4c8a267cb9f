// Records of Idempotency-Keys: which request a key belongs to, and how that ended. Written with the admission that
// they protect, so that two requests of one key can never both run.
import type { AnswerOf, CommandOf, Refusal } from "../../src/domain/account-commands.ts";
import { IDEMPOTENCY_TTL_MS, type IdempotencyClaim, type Replay } from "../../src/domain/idempotency.ts";
import type { RequestId } from "../../src/domain/ids.ts";
import type { Jurisdiction } from "../../src/domain/key.ts";
import { type AccountState, refuse } from "./state.ts";

/** null: nothing stands against this request. A repeated admit of the same request is not its own rival. */
export function checkIdempotency(
  state: AccountState,
  claim: IdempotencyClaim,
  { requestId, nowMs }: { readonly requestId: RequestId; readonly nowMs: number },
): Refusal | Replay | null {
  const [row] = state.sql
    .exec("SELECT * FROM idempotency WHERE place = ? AND expires_at_ms > ?", claim.place, nowMs)
    .toArray();
  if (row === undefined || row.request_id === requestId) return null;
  if (row.body_hash !== claim.bodyHash) {
    return refuse("key_reused", "This Idempotency-Key was used with another body: send a new key.");
  }
  const first = String(row.request_id) as RequestId; // as `startIdempotent` wrote it
  switch (row.state) {
    case "stored":
      return { requestId: first, jurisdiction: row.jurisdiction as Jurisdiction }; // as `endIdempotent` wrote it
    case "unstored":
      return refuse(
        "stream_not_replayable",
        `The request of this Idempotency-Key was answered and cannot be replayed: see usage of '${first}'.`,
      );
    default:
      return isRunning(state, first, { sinceMs: Number(row.created_at_ms), nowMs }) ? inProgress() : null;
  }
}

/** A request whose isolate died is not running: its lease has ended, and the key is free again. */
function isRunning(
  { ledger, leaseMs }: AccountState,
  requestId: RequestId,
  { sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number },
): boolean {
  return ledger.byNonce.has(requestId) || nowMs < sinceMs + leaseMs;
}

function inProgress(): Refusal {
  const refusal = refuse(
    "in_progress",
    "A request with this Idempotency-Key is still running: retry in a second.",
  );
  return { ...refusal, retryAfterMs: 1_000 };
}

export function startIdempotent(
  state: AccountState,
  claim: IdempotencyClaim,
  { requestId, nowMs }: { readonly requestId: RequestId; readonly nowMs: number },
): void {
  forgetExpired(state, FORGOTTEN_PER_RECORD, nowMs);
  state.sql.exec(
    `INSERT OR REPLACE INTO idempotency(place, body_hash, request_id, state, jurisdiction, created_at_ms, expires_at_ms)
     VALUES (?, ?, ?, 'running', NULL, ?, ?)`,
    claim.place,
    claim.bodyHash,
    requestId,
    nowMs,
    nowMs + IDEMPOTENCY_TTL_MS,
  );
}

/** Of the request that owns the record only. */
export function endIdempotency(
  { sql }: AccountState,
  { requestId, end }: CommandOf<"end-idempotency">,
): AnswerOf<"end-idempotency"> {
  if (end.end === "failed") {
    sql.exec("DELETE FROM idempotency WHERE place = ? AND request_id = ?", end.place, requestId);
    return { ok: true };
  }
  sql.exec(
    "UPDATE idempotency SET state = ?, jurisdiction = ? WHERE place = ? AND request_id = ?",
    end.end,
    end.end === "stored" ? end.jurisdiction : null,
    end.place,
    requestId,
  );
  return { ok: true };
}

/** Two old ones for each new one: however many come, the table never grows for long. */
const FORGOTTEN_PER_RECORD = 2;
/** Records deleted per sweep: a turn stays short. */
const SWEPT_AT_ONCE = 200;

/** For accounts that make no new records. */
export function sweepIdempotency(state: AccountState, nowMs: number): void {
  forgetExpired(state, SWEPT_AT_ONCE, nowMs);
}

function forgetExpired({ sql }: AccountState, most: number, nowMs: number): void {
  sql.exec(
    "DELETE FROM idempotency WHERE place IN (SELECT place FROM idempotency WHERE expires_at_ms <= ? LIMIT ?)",
    nowMs,
    most,
  );
}
