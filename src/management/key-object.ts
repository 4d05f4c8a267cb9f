// A key as the wire shows it. The secret is in no record, so it cannot be shown by accident.
import type { Budget, KeyRecord } from "../domain/key.ts";
import { toUsd } from "../domain/money.ts";
import { rfc3339, rfc3339OrNull } from "./rfc3339.ts";

export function keyObject(key: KeyRecord) {
  return {
    id: key.id,
    object: "key",
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    model_pool: key.modelPool,
    optimize_mode: key.optimizeMode,
    region: key.region,
    // Keys are not bound to deployments: clients of the full form find the field all the same.
    deployment: null,
    rpm: key.rpm,
    budget: key.budget === null ? null : budgetObject(key.budget),
    spent_usd: toUsd(key.spentMicroUsd),
    expires_at: rfc3339OrNull(key.expiresAtMs),
    created_at: rfc3339(key.createdAtMs),
    last_used_at: rfc3339OrNull(key.lastUsedAtMs),
    revoked_at: rfc3339OrNull(key.revokedAtMs),
  } as const;
}

function budgetObject(budget: Budget) {
  return { amount_usd: toUsd(budget.amountMicroUsd), period: budget.period };
}
