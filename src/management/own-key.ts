// GET /key: what a key is, may and has left, shown to itself. Any valid key sees it, whatever its scopes;
// the account's credits only a key that may read them.
import type { Credits, LimitsLeft } from "../domain/account-commands.ts";
import type { KeyRecord } from "../domain/key.ts";
import { toUsd } from "../domain/money.ts";
import type { HttpContext } from "../http.ts";
import { authorized } from "./authorized.ts";
import { keyObject } from "./key-object.ts";
import { shownLimits } from "./shown-limits.ts";

export async function showOwnKey(c: HttpContext): Promise<Response> {
  const { key, limits, answers } = await authorized(c, null, [{ kind: "account" }, { kind: "credits" }]);
  const [{ account }, credits] = answers;
  const { plan } = account;
  const remaining = remainingOf(key, limits, credits);
  return c.json({ ...keyObject(key), limits: { plan, ...shownLimits(account) }, remaining });
}

/** null = unlimited. */
function remainingOf(key: KeyRecord, limits: LimitsLeft, credits: Credits) {
  const mayReadCredits = key.scopes.includes("billing:read");
  return {
    requests: limits.requests?.remaining ?? null,
    tokens: limits.tokens?.remaining ?? null,
    ...budgetLeft(key),
    ...(mayReadCredits ? { credits_usd: toUsd(credits.availableMicroUsd) } : {}),
  };
}

/** Left out for monthly budgets: the record counts what the key spent in all, not in this month. */
function budgetLeft(key: KeyRecord): { readonly budget_usd?: number | null } {
  if (key.budget === null) return { budget_usd: null };
  if (key.budget.period === "month") return {};
  return { budget_usd: toUsd(Math.max(0, key.budget.amountMicroUsd - key.spentMicroUsd)) };
}
