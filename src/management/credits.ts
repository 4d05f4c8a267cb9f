// What an account has and how it came to that: balance, and the ledger's entries, newest first. Reading
// only: credits are given by operators and taken by settlement.
import { authenticate } from "../auth/api-key.ts";
import { toUsd } from "../domain/money.ts";
import type { Http, HttpContext } from "../http.ts";
import { authorized } from "./authorized.ts";
import { listBody, onePage, readPage } from "./page.ts";
import { rfc3339 } from "./rfc3339.ts";
import { transactionObject } from "./transaction-object.ts";

export function mountCredits(app: Http, base: string): void {
  app.get(`${base}/credits`, showCredits);
  app.get(`${base}/credits/transactions`, listTransactions);
}

async function showCredits(c: HttpContext): Promise<Response> {
  const { answers } = await authorized(c, "billing:read", [{ kind: "credits" }]);
  const [credits] = answers;
  return c.json({
    balance_usd: toUsd(credits.balanceMicroUsd),
    pending_usd: toUsd(credits.pendingMicroUsd),
    available_usd: toUsd(credits.availableMicroUsd),
    currency: "USD",
    updated_at: rfc3339(credits.updatedAtMs),
  });
}

/** Sequence numbers: exact as a double. */
const SEQ = /^[1-9]\d{0,14}$/;

async function listTransactions(c: HttpContext): Promise<Response> {
  const page = await readPage(c, authenticate, SEQ);
  const beforeSeq = page.after === null ? null : Number(page.after);
  const { answers } = await authorized(c, "billing:read", [
    { kind: "transactions", limit: page.askFor, beforeSeq },
  ]);
  const { rows, nextCursor } = onePage(page, answers[0].rows, (row) => String(row.seq));
  return c.json(listBody(rows.map(transactionObject), nextCursor));
}
