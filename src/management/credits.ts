// What an account has and how it came to that: balance, and the ledger's entries, newest first. What came in
// the Account object keeps, what was charged the usage log: one sequence of numbers runs through both. Reading
// only: credits are given by operators and taken by settlement.
import { identify } from "../auth/identify.ts";
import type { Transaction } from "../domain/account-commands.ts";
import { toUsd } from "../domain/money.ts";
import type { Charge } from "../domain/usage-log.ts";
import type { Http, HttpContext } from "../http.ts";
import { authorized } from "./authorized.ts";
import { cursorOf, listBody, onePage, readPage } from "./page.ts";
import { rfc3339 } from "./rfc3339.ts";
import { transactionObject } from "./transaction-object.ts";
import { findCharges } from "./usage-months.ts";

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
  const page = await readPage(c, identify, SEQ);
  const beforeSeq = page.after === null ? null : Number(page.after);
  const { caller, answers } = await authorized(c, "billing:read", [
    { kind: "transactions", limit: page.askFor, beforeSeq },
  ]);
  const limit = page.askFor;
  // What was settled a moment ago is on its way to the log; whoever adds up the list must find it there.
  await c
    .get("ports")
    .account(caller)
    .drain()
    .catch(() => undefined);
  const { charges, resumeBefore } = await findCharges(c.get("ports"), caller, { limit, beforeSeq });
  const merged = [...answers[0].rows, ...charges.map(transactionOf)]
    // Where the log had read enough, older entries wait for the charges between them.
    .filter(({ seq }) => seq >= (resumeBefore ?? 0))
    .sort((left, right) => right.seq - left.seq)
    .slice(0, limit);
  const { rows, nextCursor } = onePage(page, merged, (row) => String(row.seq));
  const resumeCursor = resumeBefore === null ? null : cursorOf(String(resumeBefore));
  return c.json(listBody(rows.map(transactionObject), nextCursor ?? resumeCursor));
}

function transactionOf(charge: Charge): Transaction {
  const { seq, request_id, micro_usd, balance_after_micro_usd, at_ms } = charge;
  return {
    seq,
    id: `txn_${seq}`,
    kind: "charge",
    amountMicroUsd: -micro_usd,
    balanceAfterMicroUsd: balance_after_micro_usd,
    reference: null,
    requestId: request_id,
    createdAtMs: at_ms,
  };
}
