// Two hundred requests at once on credits for K of them: exactly K are answered, whatever their order, and what
// they cost is gone afterwards to the micro-dollar. The origins hold every answer until all are decided.
import { setTimeout as sleep } from "node:timers/promises";
import { openAccount, settledCredits, type TestAccount } from "../test/support/accounts.ts";
import { startServer, type TestServer } from "../test/support/server.ts";
import { type Simulators, simulators } from "../test/support/simulators.ts";
import { type Client, connectClient, type Reply } from "./client.ts";
import { brokenPromise, type PartPorts, type Settings, type Table } from "./part.ts";
import { CHAT, costOf, errorCode, header, MODEL, micro, type Price, priceOf, usageOf } from "./wire.ts";

const CALLERS = 200;
const PAID_FOR = { full: [1, 7, 50], short: [7] };

export async function exactCredits(ports: PartPorts, { form }: Settings): Promise<Table> {
  const server = await startServer();
  const sims = simulators(server.demo);
  const client = connectClient(server.baseUrl, CALLERS);
  try {
    await sims.timing({ scale: 0 });
    const stage: Stage = {
      ports,
      server,
      sims,
      client,
      price: await priceOf(client, server.demo.management_key),
    };
    const table: Record<string, string | number>[] = [];
    for (const paidFor of PAID_FOR[form]) {
      ports.signal.throwIfAborted();
      table.push(await callAtOnce(stage, paidFor));
    }
    return table;
  } finally {
    client.close();
    await server.stop("SIGKILL");
  }
}

interface Stage {
  readonly ports: PartPorts;
  readonly server: TestServer;
  readonly sims: Simulators;
  readonly client: Client;
  readonly price: Price;
}

async function callAtOnce(stage: Stage, paidFor: number): Promise<Record<string, string | number>> {
  const { server, sims, client } = stage;
  const held = await trialHold(stage);
  const startMicroUsd = held * paidFor;
  const account = await openAccount(server.demo, { creditsUsd: startMicroUsd / 1_000_000 });
  await sims.reset();
  await sims.hold(true);
  const replies: Reply[] = [];
  const sent = Array.from({ length: CALLERS }, async (_, n) => {
    replies.push(await client.send(requestOf(account, n)));
  });
  await untilDecided(stage, { replies, paidFor });
  await sims.hold(false);
  await Promise.all(sent);
  const paid = replies.filter(({ status }) => status === 200);
  const costs = paid.map((reply) => costIn(stage, reply));
  const spent = costs.reduce((sum, cost) => sum + cost, 0);
  const after = await settledCredits(server.demo, account.managementKey);
  const facts = {
    paidFor,
    answered: paid.length,
    held,
    startMicroUsd,
    spent,
    balance: micro(after.balance_usd),
    pending: micro(after.pending_usd),
  };
  if (paid.length !== paidFor) throw brokenPromise("exactly as many are answered as were paid for", facts);
  if (facts.balance !== startMicroUsd - spent || facts.pending !== 0) {
    throw brokenPromise("afterwards exactly what they cost is gone", facts);
  }
  return { callers: CALLERS, ...facts };
}

/** Whole and streamed in turn. */
function requestOf({ apiKey }: TestAccount, n: number) {
  const stream = n % 2 === 1 ? { stream: true, stream_options: { include_usage: true } } : {};
  const messages = [{ role: "user", content: "Tell a story" }];
  return { path: CHAT, key: apiKey, body: { model: MODEL, max_tokens: 100, messages, ...stream } };
}

/** What one such request holds, streamed or not. */
async function trialHold({ server, client }: Stage): Promise<number> {
  const rich = await openAccount(server.demo, { creditsUsd: 1 });
  const trials = await Promise.all([0, 1].map((n) => client.send(requestOf(rich, n))));
  const [whole = 0, streamed] = trials.map((trial) => micro(header(trial, "x-inferroute-reserved-usd")));
  if (whole > 0 && whole === streamed) return whole;
  throw brokenPromise("the same request holds the same, streamed or not", { whole, streamed });
}

function costIn({ price }: Stage, reply: Reply): number {
  const cost = costOf(price, usageOf(reply));
  const said = header(reply, "x-inferroute-cost-usd");
  if (cost !== null && (said === null || micro(said) === cost)) return cost;
  throw brokenPromise("an answer costs what its usage comes to", { cost, said, text: reply.text });
}

const DECIDED_PATIENCE_MS = 20_000;
const POLL_MS = 50;

interface Deciding {
  readonly replies: readonly Reply[];
  readonly paidFor: number;
}

/** Every request was refused or waits at an origin; what else is answered is somebody let in too many. */
async function untilDecided({ sims, ports }: Stage, { replies, paidFor }: Deciding): Promise<void> {
  const deadlineMs = Date.now() + DECIDED_PATIENCE_MS;
  for (;;) {
    const waiting = (await sims.requests()).filter(({ method }) => method === "POST").length;
    const odd = replies.find((reply) => reply.status !== 402 || errorCode(reply) !== "insufficient_credits");
    const facts = { paidFor, waiting, refused: replies.length };
    if (odd !== undefined) {
      const { status, end, text } = odd;
      throw brokenPromise("who cannot pay is told so", { ...facts, status, end, text });
    }
    if (waiting + replies.length === CALLERS) return;
    if (Date.now() > deadlineMs) throw brokenPromise("every request is decided in time", facts);
    await sleep(POLL_MS, undefined, { signal: ports.signal });
  }
}
