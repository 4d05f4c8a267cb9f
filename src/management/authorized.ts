// What a key may do, asked together with the work itself: one RPC [authorize, ...commands], so that a key
// revoked a moment ago, or a session that ended, does nothing more. Operators do not pass here.
import { identify, isAnonymous } from "../auth/identify.ts";
import type { Command, LimitsLeft } from "../domain/account-commands.ts";
import type { AccountId } from "../domain/ids.ts";
import { type Caller, claimOf, type KeyRecord, type Scope } from "../domain/key.ts";
import type { MicroUsd } from "../domain/money.ts";
import type { HttpContext } from "../http.ts";
import { applyAll, type GoodAnswers } from "./apply-all.ts";

export interface Authorized<Commands extends readonly Command[]> {
  readonly caller: Caller;
  readonly key: KeyRecord;
  readonly limits: LimitsLeft;
  /** null without a budget. */
  readonly budgetLeftMicroUsd: MicroUsd | null;
  /** Of the commands, in their order. */
  readonly answers: GoodAnswers<Commands>;
}

/**
 * Runs `commands` if the caller's key has `scope`; null asks only for a valid key.
 * @throws RouterError 401, 403, or the first refusal of a command.
 */
export async function authorized<const Commands extends readonly Command[]>(
  c: HttpContext,
  scope: Scope | null,
  commands: Commands,
): Promise<Authorized<Commands>> {
  const ports = c.get("ports");
  const caller = await identify(ports, c.req.raw);
  const authorize = { kind: "authorize", ...claimOf(caller), scope } as const;
  const [proven, ...rest] = await applyAll(ports, caller, [authorize, ...commands]);
  const { key, limits, budgetLeftMicroUsd } = proven;
  const answers: unknown = rest;
  return { caller, key, limits, budgetLeftMicroUsd, answers: answers as GoodAnswers<Commands> }; // the tuple without its head
}

/** The account whose key was sent; null where none was. @throws RouterError when the key is no good. */
export async function askingAccount(c: HttpContext): Promise<AccountId | null> {
  if (isAnonymous(c.req.raw)) return null;
  const { caller } = await authorized(c, null, []);
  return caller.accountId;
}
