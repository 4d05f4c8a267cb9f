// The load of one round on one account: callers of inference, somebody who deposits, others who make, rename
// and revoke keys, and somebody who reads along. Each tells the witness what arrived. It runs until it is stopped,
// whether anybody answers or not.
import { setTimeout as sleep } from "node:timers/promises";
import { listOf, recordOf } from "../../src/lib/record.ts";
import type { Reply } from "../client.ts";
import { brokenPromise } from "../part.ts";
import { BASE, CHAT, costOf, header, MODEL, micro, usageOf } from "../wire.ts";
import { renameKey, turnKey } from "./key-turns.ts";
import { readCredits, rowOf, transactionOf } from "./ledger.ts";
import { type LoadPlan, PAUSES_MS } from "./subject.ts";
import { sawEnd, sawRequestId, type Witness } from "./witness.ts";

export interface Load {
  /** Nothing new is sent from now on. */
  stop(): void;
  /** Everything sent has ended somehow. */
  readonly ended: Promise<void>;
}

const CALLERS = 12;
/** Callers, the depositor, two who turn keys, and the reader. */
export const CONNECTIONS = CALLERS + 4;
/** Far more than fit into a round. */
const MAX_STEPS = 20_000;

export function startLoad(plan: LoadPlan): Load {
  let isStopped = false;
  const repeat = async (step: (n: number) => Promise<void>): Promise<void> => {
    for (let n = 0; n < MAX_STEPS && !isStopped; n++) await step(n);
  };
  const loops = [
    ...Array.from({ length: CALLERS }, () => repeat(() => infer(plan))),
    repeat((n) => deposit(plan, n)),
    repeat((n) => turnKey(plan, n)),
    repeat((n) => renameKey(plan, n)),
    repeat(() => readAlong(plan)),
  ];
  return {
    stop: () => {
      isStopped = true;
    },
    ended: Promise.all(loops).then(() => undefined),
  };
}

const BROKE_PAUSE_MS = 10;
/** One token, an ordinary answer, and one that outlives several renewals of its lease. */
const MAX_TOKENS = [1, 16, 16, 64, 64, 400];

async function infer({ client, subject, dice }: LoadPlan): Promise<void> {
  const { witness, price } = subject;
  const keys = [...witness.keys.values()].filter(({ isKept }) => isKept);
  const kind = dice.pick(["whole", "whole", "whole", "stream", "stream", "leave"] as const);
  const stream = kind === "stream" || (kind === "leave" && dice.below(2) === 0);
  const reply = await client.send({
    path: CHAT,
    key: dice.pick(keys).apiKey,
    body: {
      model: MODEL,
      max_tokens: dice.pick(MAX_TOKENS),
      messages: [{ role: "user", content: `Tell story ${dice.below(1_000_000)}` }],
      ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
    },
    ...(kind === "leave" ? { leave: { afterMs: dice.below(300), how: dice.pick(["FIN", "RST"]) } } : {}),
  });
  sawEnd(witness, reply);
  const fault = faultOf(witness, reply);
  if (fault !== null) witness.broken ??= brokenPromise(fault, { reply });
  const requestId = header(reply, "x-request-id");
  // Whoever is broke waits a little: his refusals would take the machine from the others.
  if (reply.status === 402) await sleep(BROKE_PAUSE_MS);
  if (reply.end !== "whole" || reply.status !== 200 || requestId === null) return;
  const said = header(reply, "x-inferroute-cost-usd");
  const cost = said === null ? costOf(price, usageOf(reply)) : micro(said);
  if (cost !== null) witness.costs.set(requestId, cost);
}

function faultOf(witness: Witness, reply: Reply): string | null {
  if (!sawRequestId(witness, reply)) return "no two requests have the same id";
  if (reply.status === 401 || reply.status === 403) return "a key that was created works";
  if (reply.status === 500) return "no crash makes a defect of ours";
  return null;
}

/** Small against what a second of load costs, so that an account that began with nothing stays near it. */
const MOST_DEPOSIT_MICRO_USD = 150;

async function deposit(plan: LoadPlan, n: number): Promise<void> {
  const reference = `${plan.name}-${n}`;
  await give(plan, reference, 1 + plan.dice.below(MOST_DEPOSIT_MICRO_USD));
  // Some operators send everything twice.
  if (plan.dice.below(4) === 0) await repeatDeposit(plan, reference);
  await sleep(plan.dice.pick(PAUSES_MS));
}

async function give({ client, subject }: GivePlan, reference: string, microUsd: number): Promise<Reply> {
  const { accountId, adminToken, witness } = subject;
  if (!witness.deposits.has(reference)) witness.deposits.set(reference, { microUsd, transactionId: null });
  const reply = await client.send({
    path: `/api/v1/admin/accounts/${accountId}/credits`,
    key: adminToken,
    body: { amount_usd: microUsd / 1_000_000, reference },
  });
  const isThere = reply.end === "whole" && (reply.status === 200 || reply.status === 201);
  if (isThere) witness.deposits.set(reference, { microUsd, transactionId: String(reply.json.id) });
  return reply;
}

type GivePlan = Pick<LoadPlan, "client" | "subject">;

/** Sends it again. What was acknowledged must be the same transaction; what was not becomes acknowledged now. */
export async function repeatDeposit(plan: GivePlan, reference: string): Promise<void> {
  const { witness } = plan.subject;
  const before = witness.deposits.get(reference);
  if (before === undefined) return;
  const reply = await give(plan, reference, before.microUsd);
  if (reply.end !== "whole") return;
  const isSame =
    before.transactionId === null
      ? reply.status === 200 || reply.status === 201
      : reply.status === 200 && reply.json.id === before.transactionId;
  if (isSame) return;
  const { status, text } = reply;
  witness.broken ??= brokenPromise("a reference sent again is the same deposit", {
    reference,
    before,
    status,
    text,
  });
}

/** Often enough to have seen most rows, seldom enough to find some not yet delivered: a look at the list hurries them. */
const READ_PAUSES_MS = [50, 300, 700];

async function readAlong({ client, subject, dice }: LoadPlan): Promise<void> {
  const { witness, managementKey: key } = subject;
  const rows = await client.send({ path: `${BASE}/usage?limit=200`, key });
  for (const row of listOf(rows.json.data).map((one) => rowOf(recordOf(one)))) {
    witness.rows.set(row.requestId, row);
  }
  const shown = await client.send({ path: `${BASE}/credits/transactions?limit=200`, key });
  for (const one of listOf(shown.json.data)) {
    const transaction = transactionOf(recordOf(one));
    witness.transactions.set(transaction.id, transaction);
  }
  // A connection that breaks here breaks for everybody; what it would have shown was not seen.
  const credits = await readCredits(client, key).catch(() => null);
  if (credits !== null && (credits.available < 0 || credits.pending < 0)) {
    witness.broken ??= brokenPromise("what is available is never below zero", { ...credits });
  }
  await sleep(dice.pick(READ_PAUSES_MS));
}
