// What summary-load asks of the Worker variant that can invent usage rows: shared by both sides of that door.
import type { AccountId } from "../src/domain/ids.ts";

export const SEED_PATH = "/chaos/usage-rows";

/** One call of the door. */
export interface Seeding {
  readonly account_id: AccountId;
  /** Of the first row; rows count on from it. */
  readonly first: number;
  /** An RPC carries some megabytes: at most a few thousand rows. */
  readonly count: number;
  /** All rows lie between these, evenly, in one month. */
  readonly from_ms: number;
  readonly to_ms: number;
  /** Of all calls together. */
  readonly total: number;
}
