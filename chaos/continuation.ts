// Streams whose origin is killed at a random token: the caller gets the text of an unbroken run, or one explicit
// error event, and pays as if nothing had broken. The order of things only; what is promised stands in verdict.ts.

import { seededDice } from "../sim/seeded.ts";
import { openAccount, settledCredits } from "../test/support/accounts.ts";
import { startServer } from "../test/support/server.ts";
import { simulators } from "../test/support/simulators.ts";
import { connectClient } from "./client.ts";
import { type Killing, killBatch } from "./continuation/batch.ts";
import { newTally, tableOf } from "./continuation/tally.ts";
import { judge } from "./continuation/verdict.ts";
import { brokenPromise, type PartPorts, type Settings, type Table } from "./part.ts";
import { micro, priceOf } from "./wire.ts";

/** Streams that were killed; those whose fault came behind their end are judged too, and not counted. */
const KILLED = { full: 1_000, short: 50 };
/** Of them; the rest must end in an error event. */
const LEAST_COMPLETE = 0.99;
/** Three in four faults meet their stream: twice as many batches as needed mean that something else is wrong. */
const MAX_BATCHES = { full: 120, short: 8 };
/** Enough for the simulators' own logs, which keep 200 requests each. */
const AT_ONCE = 25;
/** One after another, for the seam as it is on an idle machine. */
const LONE = { full: 40, short: 5 };
const CREDITS_USD = 100;

export async function continuation(ports: PartPorts, { form, seed }: Settings): Promise<Table> {
  const server = await startServer();
  const client = connectClient(server.baseUrl, 1);
  try {
    const { demo } = server;
    await simulators(demo).timing({ scale: 0 });
    const account = await openAccount(demo, { creditsUsd: CREDITS_USD });
    const price = await priceOf(client, demo.management_key);
    const killing: Killing = { demo, account, dice: seededDice(seed) };
    const tally = newTally();
    for (let batch = 0; batch < MAX_BATCHES[form] && tally.killed < KILLED[form]; batch++) {
      ports.signal.throwIfAborted();
      for (const stream of await killBatch(killing, AT_ONCE)) judge(tally, stream, price);
    }
    const lone = newTally();
    for (let at = 0; at < LONE[form]; at++) {
      ports.signal.throwIfAborted();
      for (const stream of await killBatch(killing, 1)) judge(lone, stream, price);
    }
    const { balance_usd } = await settledCredits(demo, account.managementKey);
    const facts = {
      ...tally.counts(),
      spent: CREDITS_USD * 1_000_000 - micro(balance_usd),
      due: tally.dueMicroUsd + lone.dueMicroUsd,
    };
    if (tally.killed < KILLED[form]) throw brokenPromise("enough streams were killed", facts);
    if (tally.complete / tally.killed < LEAST_COMPLETE) {
      throw brokenPromise("99 of 100 killed streams are complete", facts);
    }
    if (facts.spent !== facts.due) throw brokenPromise("all streams cost what unbroken ones would", facts);
    return [...tableOf(`${AT_ONCE} at once`, tally), ...tableOf("one by one", lone)];
  } finally {
    client.close();
    await server.stop("SIGKILL");
  }
}
