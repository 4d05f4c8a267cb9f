// What a key may still spend of its budget: what it spent in the budget's period and what its open requests
// hold is gone. It knows nothing of the account's credits, which may end sooner.
import type { MicroUsd } from "../../src/domain/money.ts";
import { spentInMonth } from "./key-store.ts";
import type { AccountState } from "./state.ts";
import type { StoredKey } from "./stored-key.ts";

/** null without a budget; below zero where the budget was lowered beneath what is spent. */
export function budgetLeft(state: AccountState, key: StoredKey, nowMs: number): MicroUsd | null {
  if (key.budget === null) return null;
  const spent = key.budget.period === "month" ? spentInMonth(key, nowMs) : key.spentMicroUsd;
  return key.budget.amountMicroUsd - spent - (state.ledger.heldByKey.get(key.id) ?? 0);
}
