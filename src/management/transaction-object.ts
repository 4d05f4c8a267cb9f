// One entry of the ledger as the wire shows it: to the account, and to the operator who made it.
import type { Transaction } from "../domain/account-commands.ts";
import { toUsd } from "../domain/money.ts";
import { rfc3339 } from "./rfc3339.ts";

export function transactionObject(transaction: Transaction) {
  return {
    id: transaction.id,
    kind: transaction.kind,
    amount_usd: toUsd(transaction.amountMicroUsd),
    balance_after_usd: toUsd(transaction.balanceAfterMicroUsd),
    reference: transaction.reference,
    request_id: transaction.requestId,
    created_at: rfc3339(transaction.createdAtMs),
  };
}
