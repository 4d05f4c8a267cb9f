// Credits under concurrency: as many requests as the balance pays for are answered, not one more, and the ledger
// adds up to the micro-dollar.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { creditsOf, openAccount, settledCredits, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { readEvents } from "../support/events.ts";
import { expectRefusal } from "../support/refusals.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type Simulators, simulators } from "../support/simulators.ts";
import { originRequest } from "../support/twin.ts";

const MODEL = "meta-llama/Llama-3.3-70B-Instruct";
/** Its price in the built-in catalog, in micro-dollars per million tokens. */
const PRICE = { input: 230_000, output: 400_000 };
const CALLERS = 200;
const PAID_FOR = 37;

let server: TestServer;
let sims: Simulators;
beforeAll(async () => {
  server = await startServer();
  sims = simulators(server.demo);
});
afterAll(async () => void (await server.stop()));
beforeEach(async () => {
  await sims.reset();
  await sims.timing({ scale: 0 });
});

const micro = (usd: unknown) => Math.round(Number(usd) * 1_000_000);
const BODY = { model: MODEL, max_tokens: 100, messages: [{ role: "user", content: "Tell a story" }] };

async function send({ apiKey }: TestAccount, change: object = {}): Promise<Answer> {
  const path = "/v1/chat/completions";
  return await ask({ baseUrl: server.baseUrl, path, key: apiKey, body: { ...BODY, ...change } });
}

interface Counts {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

/** As the origin counted them, from the answer's body or the stream's last frame. */
function countsOf(answer: Answer): Counts {
  const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream");
  const holder = isStream ? readEvents(answer.text).at(-2)?.json : answer.json;
  // Both forms hold OpenAI's usage object.
  return holder?.usage as Counts;
}

/** wire.md §2, "Forms": rounded up once per request. */
function priceOf({ prompt_tokens, completion_tokens }: Counts): number {
  return Math.ceil((prompt_tokens * PRICE.input + completion_tokens * PRICE.output) / 1_000_000);
}

interface Entry {
  readonly kind: string;
  readonly amount_usd: number;
  readonly balance_after_usd: number;
  readonly request_id: string | null;
}

/** Newest first. */
async function ledgerOf({ managementKey }: TestAccount): Promise<readonly Entry[]> {
  const path = "/api/v1/inference/credits/transactions?limit=200";
  const { json } = await ask({ baseUrl: server.baseUrl, path, key: managementKey });
  return json.data as readonly Entry[]; // rows of the form under test
}

async function openWith(microUsd: number): Promise<TestAccount> {
  return await openAccount(server.demo, { creditsUsd: microUsd / 1_000_000 });
}

/** What one such request holds. */
async function trialHold(change: object): Promise<number> {
  const trial = await send(await openWith(1_000_000), change);
  return micro(trial.headers.get("x-inferroute-reserved-usd"));
}

describe.each([
  ["whole", {}],
  ["streamed", { stream: true, stream_options: { include_usage: true } }],
])(`${CALLERS} callers at once, ${PAID_FOR} paid for, %s`, (_, change) => {
  test("exactly so many are answered, and the balance is what they cost", async () => {
    const held = await trialHold(change);
    const start = held * PAID_FOR;
    const account = await openWith(start);
    await sims.reset();
    await sims.hold(true);
    const answers: Answer[] = [];
    const sent = Array.from({ length: CALLERS }, () =>
      send(account, change).then((answer) => answers.push(answer)),
    );
    const arrived = async () => (await sims.requests()).filter(({ method }) => method === "POST").length;
    await expect
      .poll(async () => [answers.length, await arrived()], { timeout: 20_000 })
      .toEqual([CALLERS - PAID_FOR, PAID_FOR]);
    const { balance_usd, pending_usd, available_usd } = await creditsOf(server.demo, account.managementKey);
    expect([balance_usd, pending_usd, available_usd].map(micro)).toEqual([start, start, 0]);

    await sims.hold(false);
    await Promise.all(sent);
    const paid = answers.filter(({ status }) => status === 200);
    expect(paid).toHaveLength(PAID_FOR);
    for (const answer of answers)
      if (answer.status !== 200) expectRefusal(answer, { code: "insufficient_credits" });

    const costs = paid.map((answer) => priceOf(countsOf(answer)));
    const total = costs.reduce((sum, cost) => sum + cost, 0);
    const after = await settledCredits(server.demo, account.managementKey);
    expect([after.balance_usd, after.available_usd].map(micro)).toEqual([start - total, start - total]);
    for (const [at, answer] of paid.entries()) {
      const cost = answer.headers.get("x-inferroute-cost-usd");
      if (cost !== null) expect(micro(cost)).toBe(costs[at]);
    }

    const ledger = await ledgerOf(account);
    expect(ledger.map(({ kind }) => kind)).toEqual([...Array(PAID_FOR).fill("charge"), "deposit"]);
    const charged = new Map(ledger.map((entry) => [entry.request_id, -micro(entry.amount_usd)]));
    for (const [at, answer] of paid.entries()) {
      expect(charged.get(answer.headers.get("x-request-id"))).toBe(costs[at]);
    }
    for (const [at, entry] of ledger.entries()) {
      const before = micro(ledger[at + 1]?.balance_after_usd ?? 0);
      expect(micro(entry.balance_after_usd)).toBe(before + micro(entry.amount_usd));
    }
  });
});

describe("a request without a limit of its own", () => {
  test.each([100, 1_000])("is given what %i micro-dollars pay for", async (start) => {
    const account = await openWith(start);
    const answer = await send(account, { max_tokens: undefined, ignore_eos: true });
    expect(answer.status).toBe(200);
    expect(micro(answer.headers.get("x-inferroute-reserved-usd"))).toBe(start);
    const { body } = await originRequest(server.demo, answer);
    // What the router sends to origins is a JSON object.
    const { max_tokens } = body as { max_tokens: number };
    // ceil(12 bytes / 3) + 8 for the message.
    expect(max_tokens).toBe(Math.floor((start * 1_000_000 - 12 * PRICE.input) / PRICE.output));
    expect(countsOf(answer).completion_tokens).toBe(max_tokens);
    const after = await settledCredits(server.demo, account.managementKey);
    expect(micro(after.balance_usd)).toBe(Math.max(0, start - priceOf(countsOf(answer))));
  });

  test("is refused where not a token can be paid", async () => {
    const answer = await send(await openWith(1), { max_tokens: undefined });
    expectRefusal(answer, { code: "insufficient_credits" });
  });
});
