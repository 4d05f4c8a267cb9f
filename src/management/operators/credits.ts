// Credits given to an account. The reference is the operator's own name for the deposit: sent again, it is
// the same deposit, so a lost answer can be asked for once more.
import * as z from "zod";
import { fromUsd } from "../../domain/money.ts";
import type { HttpContext } from "../../http.ts";
import { applyAll } from "../apply-all.ts";
import { readBody } from "../read-body.ts";
import { transactionObject } from "../transaction-object.ts";
import { usdField } from "../usd-field.ts";
import { asOperator } from "./as-operator.ts";
import { findAccount } from "./directory.ts";

/** A slipped decimal point must not make a millionaire. */
const MAX_DEPOSIT_USD = 1_000_000;
/** An invoice number, an order id, a sentence. */
const MAX_REFERENCE_CHARACTERS = 200;

const deposit = z.strictObject({
  amount_usd: usdField(MAX_DEPOSIT_USD).refine((usd) => usd > 0, "Use more than 0."),
  reference: z.string().min(1).max(MAX_REFERENCE_CHARACTERS),
});

/** 201 when the credits are new, 200 when this reference gave them before. */
export async function giveCredits(c: HttpContext): Promise<Response> {
  const { amount_usd, reference } = await readBody(c, asOperator, deposit);
  const account = await findAccount(c);
  const [{ transaction, repeated }] = await applyAll(c.get("ports"), account, [
    { kind: "deposit", reference, microUsd: fromUsd(amount_usd), entry: "deposit" },
  ]);
  return c.json(transactionObject(transaction), repeated ? 200 : 201);
}
