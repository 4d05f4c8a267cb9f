// GET /key: what a key is, may and has left, shown to itself. Any valid key sees it, whatever its scopes;
// the account's credits only a key that may read them.
import type { Credits } from "../domain/account-commands.ts";
import { toUsd } from "../domain/money.ts";
import type { HttpContext } from "../http.ts";
import { type Authorized, authorized } from "./authorized.ts";
import { keyObject } from "./key-object.ts";
import { shownLimits } from "./shown-limits.ts";

export async function showOwnKey(c: HttpContext): Promise<Response> {
  const proven = await authorized(c, null, [{ kind: "account" }, { kind: "credits" }]);
  const [{ account }, credits] = proven.answers;
  const { plan } = account;
  const remaining = remainingOf(proven, credits);
  return c.json({ ...keyObject(proven.key), limits: { plan, ...shownLimits(account) }, remaining });
}

type Proven = Pick<Authorized<[]>, "key" | "limits" | "budgetLeftMicroUsd">;

/** null = unlimited. Money as the next request finds it: what open requests hold is not left. */
function remainingOf({ key, limits, budgetLeftMicroUsd }: Proven, credits: Credits) {
  const mayReadCredits = key.scopes.includes("billing:read");
  return {
    requests: limits.requests?.remaining ?? null,
    tokens: limits.tokens?.remaining ?? null,
    budget_usd: budgetLeftMicroUsd === null ? null : toUsd(Math.max(0, budgetLeftMicroUsd)),
    ...(mayReadCredits ? { credits_usd: toUsd(credits.availableMicroUsd) } : {}),
  };
}
