// A key as its account keeps it: what may be shown, and what proves it.
import type { KeyRecord } from "../../src/domain/key.ts";
import type { MicroUsd } from "../../src/domain/money.ts";

export interface StoredKey extends KeyRecord {
  readonly pepperVersion: number;
  readonly mac: string;
  /** Spent within `month` (YYYY-MM, UTC). */
  readonly spentMonthMicroUsd: MicroUsd;
  readonly month: string;
}
