// Usage rows on their way to the UsageLog: read from the journal, sent month by month, forgotten when they
// arrived. A batch that was sent and not confirmed is sent again under the same id, which the log knows.

import { packedAtMs } from "../../src/domain/packed-row.ts";
import type { LoggedRow, RefusedCount, UsageBatch, UsageLogDoor } from "../../src/domain/usage-log.ts";
import { monthOf } from "../../src/domain/usage-log.ts";
import type { AccountState } from "./state.ts";

/** One save may hold a thousand rows: a dozen saves are as much as one RPC should carry. */
const SAVES_PER_BATCH = 12;

export interface Parcel {
  /** The same for the same saves, whoever sends them. */
  readonly id: string;
  readonly lastSeq: number;
  readonly byMonth: ReadonlyMap<string, UsageBatch>;
}

/** The oldest rows not yet delivered; null when there are none. */
export function nextParcel(state: AccountState): Parcel | null {
  const saves = state.sql
    .exec("SELECT seq, rows FROM journal WHERE rows IS NOT NULL ORDER BY seq LIMIT ?", SAVES_PER_BATCH)
    .toArray();
  const [first] = saves;
  const last = saves.at(-1);
  if (first === undefined || last === undefined) return null;
  const byMonth = new Map<string, { rows: LoggedRow[]; refused: RefusedCount[] }>();
  for (const { rows } of saves) {
    for (const line of String(rows).split("\n")) {
      const row = readLine(line);
      batchOf(byMonth, monthOf(createdAtMs(row))).rows.push(row);
    }
  }
  return { id: `${first.seq}-${last.seq}`, lastSeq: Number(last.seq), byMonth };
}

function batchOf<Batch>(
  byMonth: Map<string, Batch | { rows: never[]; refused: never[] }>,
  month: string,
): Batch {
  const batch = byMonth.get(month) ?? { rows: [], refused: [] };
  byMonth.set(month, batch);
  return batch as Batch; // an empty batch fits every row type
}

/** Sends a parcel and the refusals counted so far. Throws what the log throws; nothing is forgotten then. */
export async function deliver(
  state: AccountState,
  parcel: Parcel,
  logOf: (month: string) => UsageLogDoor,
): Promise<void> {
  for (const [month, batch] of parcel.byMonth) await logOf(month).append(parcel.id, batch);
  state.sql.exec("UPDATE journal SET rows = NULL WHERE rows IS NOT NULL AND seq <= ?", parcel.lastSeq);
}

/** Takes the refusals out of the state, month by month. */
export function takeRefused(state: AccountState): ReadonlyMap<string, readonly RefusedCount[]> {
  const byMonth = new Map<string, RefusedCount[]>();
  for (const [place, count] of state.refused) {
    const [hour, key_id = "", code = ""] = place.split("|");
    const hour_ms = Number(hour);
    const month = monthOf(hour_ms);
    byMonth.set(month, [...(byMonth.get(month) ?? []), { hour_ms, key_id, code, count }]);
  }
  state.refused.clear();
  return byMonth;
}

/** A line as save.ts wrote it: JSON escapes tabs and line breaks, so they only ever separate. */
function readLine(line: string): LoggedRow {
  const [seq, requestId = "", charged, balanceAfter, atMs, rowJson = ""] = line.split("\t");
  return {
    seq: Number(seq),
    request_id: requestId,
    charged_micro_usd: Number(charged),
    balance_after_micro_usd: Number(balanceAfter),
    at_ms: Number(atMs),
    row_json: rowJson === "" ? null : rowJson,
  };
}

/** A row lives in the month its request began, which is where a query by time looks for it. */
function createdAtMs(row: LoggedRow): number {
  return packedAtMs(row.row_json ?? "") ?? row.at_ms;
}
