// Limits as callers meet them: requests, tokens and places of a plan, a key's own, budgets and GPU time; what the
// headers say of them, and that whoever waits as told is let in.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeKey, openAccount, operate, settledCredits, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { type CatalogFile, catalogFile, withModels } from "../support/catalog-file.ts";
import { expectRefusal, expectRetryAfter } from "../support/refusals.ts";
import { SMALL } from "../support/router.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type Simulators, simulators } from "../support/simulators.ts";

/** Priced by the minute of its GPU, unlike in the built-in catalog. */
const BY_MINUTE = "Qwen/Qwen3-14B";

let server: TestServer;
let sims: Simulators;
let file: CatalogFile;
let account: TestAccount;
beforeAll(async () => {
  file = catalogFile(withModels({ [BY_MINUTE]: { price: { gpu_per_minute: 0.6 } } }));
  server = await startServer({ env: { CATALOG_FILE: file.path } });
  sims = simulators(server.demo);
});
afterAll(async () => {
  await server.stop();
  file.remove();
});
beforeEach(async () => {
  await sims.reset();
  await sims.timing({ scale: 0 });
  account = await openAccount(server.demo);
});

const PATH = "/v1/chat/completions";
const BODY = { model: SMALL, max_tokens: 20, messages: [{ role: "user", content: "Tell a story" }] };

async function send(change: object = {}, key = account.apiKey): Promise<Answer> {
  return await ask({ baseUrl: server.baseUrl, path: PATH, key, body: { ...BODY, ...change } });
}

async function limitTo(limits: object): Promise<void> {
  const { status, text } = await operate(server.demo, "PATCH", `/accounts/${account.accountId}`, limits);
  expect(status, text).toBe(200);
  // Every isolate's view of the key is older than this change: the next request is routed anew.
}

const numberIn = (answer: Answer, name: string) => Number(answer.headers.get(name) ?? Number.NaN);

async function originCalls(): Promise<number> {
  return (await sims.requests()).filter(({ method }) => method === "POST").length;
}

/** ceil(12 bytes / 3) + 8 for the message. */
const INPUT = 12;

describe("a plan's limits", () => {
  test.each([
    ["free", 100, 200_000],
    ["pro", 1_000, 2_000_000],
    ["team", 5_000, 10_000_000],
  ] as const)("of %s are in the headers of every answer, requests and tokens", async (plan, rpm, tpm) => {
    account = await openAccount(server.demo, { plan });
    const { headers } = await send();
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-ratelimit-limit-requests": String(rpm),
      "x-ratelimit-remaining-requests": String(rpm - 1),
      "x-ratelimit-reset-requests": expect.stringMatching(/^(1m)?[\d.]+m?s$/),
      "x-ratelimit-limit-tokens": String(tpm),
      "x-ratelimit-remaining-tokens": String(tpm - INPUT - 20),
      "x-ratelimit-reset-tokens": expect.stringMatching(/^(1m)?[\d.]+m?s$/),
      "ratelimit-policy": `"rpm";q=${rpm};w=60, "tpm";q=${tpm};w=60`,
      ratelimit: expect.stringMatching(
        new RegExp(`^"rpm";r=${rpm - 1};t=\\d+, "tpm";r=${tpm - INPUT - 20};t=\\d+$`),
      ),
    });
  });

  test("are what an operator set, and shown to the key", async () => {
    await limitTo({ rpm: 50, tpm: 5_000, concurrency: 3, gpu_hours: 2 });
    const answer = await send();
    expect(numberIn(answer, "x-ratelimit-limit-requests")).toBe(50);
    expect(numberIn(answer, "x-ratelimit-limit-tokens")).toBe(5_000);
    const path = "/api/v1/inference/key";
    const { json } = await ask({ baseUrl: server.baseUrl, path, key: account.apiKey });
    expect(json.limits).toMatchObject({ rpm: 50, tpm: 5_000, concurrency: 3, gpu_hours: 2 });
    expect(json.remaining).toMatchObject({ requests: 49 });
  });
});

describe("tokens per minute", () => {
  test("count as asked while a request runs, and as used when it has ended", async () => {
    await limitTo({ tpm: 1_000 });
    await sims.hold(true);
    const first = send({ max_tokens: 900 });
    await expect.poll(originCalls).toBe(1);
    const refused = await send({ max_tokens: 200 });
    expectRefusal(refused, { code: "tokens_exceeded" });
    expect(numberIn(refused, "x-ratelimit-remaining-tokens")).toBe(1_000 - INPUT - 900);
    expect(expectRetryAfter(refused)).toBeGreaterThan(50_000);
    await sims.hold(false);
    const { usage } = (await first).json as { usage: { total_tokens: number } };
    expect(usage.total_tokens).toBeLessThan(700);
    await expect.poll(async () => (await send({ max_tokens: 200 })).status, { interval: 20 }).toBe(200);
    await settledCredits(server.demo, account.managementKey);
    const after = await send({ max_tokens: 1 });
    expect(numberIn(after, "x-ratelimit-remaining-tokens")).toBeGreaterThan(1_000 - usage.total_tokens - 250);
  });

  test("are not used by what was refused, nor by what failed", async () => {
    await limitTo({ tpm: 1_000 });
    await sims.fault({ kind: "status_500" });
    expectRefusal(await send({ max_tokens: 900 }), { code: "upstream_failed" });
    await sims.reset();
    await expect.poll(async () => (await send({ max_tokens: 900 })).status, { interval: 20 }).toBe(200);
  });
});

describe("requests at once", () => {
  test("are as many as the limit; one more is refused and reaches no origin", async () => {
    await limitTo({ concurrency: 5 });
    await sims.hold(true);
    const running = Array.from({ length: 5 }, () => send());
    await expect.poll(originCalls).toBe(5);
    const refused = await Promise.all(Array.from({ length: 10 }, () => send()));
    for (const answer of refused) {
      expectRefusal(answer, { code: "concurrency_exceeded" });
      expect(expectRetryAfter(answer)).toBeGreaterThan(0);
    }
    expect(await originCalls()).toBe(5);
    await sims.hold(false);
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  test.each([
    ["whole", {}],
    ["streamed", { stream: true }],
  ])("a place is free at most 250 ms behind the last byte, %s", async (_, change) => {
    await limitTo({ concurrency: 1 });
    for (let round = 0; round < 5; round++) {
      await sims.reset();
      await sims.hold(true);
      const first = send(change).then((answer) => ({ answer, endedAtMs: performance.now() }));
      await expect.poll(originCalls).toBe(1);
      expectRefusal(await send(change), { code: "concurrency_exceeded" });
      await sims.hold(false);
      const { answer, endedAtMs } = await first;
      expect(answer.status).toBe(200);
      // The last attempt that was refused, or none, was made within the time.
      let askedAtMs = performance.now();
      for (let next = await send(change); next.status === 429; next = await send(change)) {
        expect(askedAtMs - endedAtMs).toBeLessThan(250);
        askedAtMs = performance.now();
      }
      await expect.poll(async () => (await send(change)).status, { interval: 10, timeout: 1_000 }).toBe(200);
      await settledCredits(server.demo, account.managementKey);
    }
  });

  test("a place is free when the caller left, and when no origin answered", async () => {
    await limitTo({ concurrency: 1 });
    await sims.fault({ kind: "status_500" });
    expectRefusal(await send(), { code: "upstream_failed" });
    await sims.reset();
    await expect.poll(async () => (await send()).status, { interval: 10, timeout: 1_000 }).toBe(200);
    await settledCredits(server.demo, account.managementKey);
    await sims.hold(true);
    const leaving = new AbortController();
    const left = fetch(server.baseUrl + PATH, {
      method: "POST",
      signal: leaving.signal,
      headers: { authorization: `Bearer ${account.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify(BODY),
    }).catch(() => "left");
    await expect.poll(originCalls, { timeout: 5_000 }).toBe(2);
    leaving.abort();
    expect(await left).toBe("left");
    await sims.hold(false);
    await expect.poll(async () => (await send()).status, { interval: 10, timeout: 3_000 }).toBe(200);
  });
});

describe("requests per minute", () => {
  test("of an account are refused beyond the limit, with all that clients need to wait", async () => {
    await limitTo({ rpm: 3 });
    const answers = [await send(), await send(), await send(), await send(), await send()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    for (const answer of answers.slice(3)) {
      expectRefusal(answer, { code: "rate_limit_exceeded" });
      const waitMs = expectRetryAfter(answer);
      expect(waitMs).toBeGreaterThan(50_000);
      expect(waitMs).toBeLessThanOrEqual(61_000);
      expect(numberIn(answer, "x-ratelimit-remaining-requests")).toBe(0);
      expect(answer.headers.get("ratelimit")).toMatch(/^"rpm";r=0;t=\d+$/);
    }
    expect(await originCalls()).toBe(3);
  });

  test("of a key are that key's alone, and its headers are about them", async () => {
    await limitTo({ rpm: 100 });
    const slow = await makeKey(server.demo, account.managementKey, { name: "slow", rpm: 2 });
    const answers = [await send({}, slow.apiKey), await send({}, slow.apiKey), await send({}, slow.apiKey)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers.map((answer) => numberIn(answer, "x-ratelimit-remaining-requests"))).toEqual([1, 0, 0]);
    expect(answers.map((answer) => numberIn(answer, "x-ratelimit-limit-requests"))).toEqual([2, 2, 2]);
    expectRefusal(answers[2] as Answer, { code: "rate_limit_exceeded" });
    const other = await send();
    expect(numberIn(other, "x-ratelimit-remaining-requests")).toBe(97);
  });

  test("of a key that was changed hold from the next request on", async () => {
    const slow = await makeKey(server.demo, account.managementKey, { name: "slow", rpm: 1 });
    await send({}, slow.apiKey);
    expectRefusal(await send({}, slow.apiKey), { code: "rate_limit_exceeded" });
    const path = `/api/v1/inference/keys/${slow.id}`;
    const { status } = await ask({
      baseUrl: server.baseUrl,
      path,
      method: "PATCH",
      key: account.managementKey,
      body: { rpm: null },
    });
    expect(status).toBe(200);
    // An isolate repeats a refusal for at most a second.
    await expect.poll(async () => (await send({}, slow.apiKey)).status, { timeout: 2_000 }).toBe(200);
  });
});

describe("a key's budget", () => {
  const budget = (amountUsd: number) => ({ amount_usd: amountUsd, period: "total" });

  test("is spent by what its requests cost, and refuses what it cannot hold", async () => {
    const trial = await send();
    const heldUsd = Number(trial.headers.get("x-inferroute-reserved-usd"));
    const costUsd = Number(trial.headers.get("x-inferroute-cost-usd"));
    const key = await makeKey(server.demo, account.managementKey, { name: "b", budget: budget(heldUsd) });
    expect((await send({}, key.apiKey)).status).toBe(200);
    await settledCredits(server.demo, account.managementKey);
    const path = `/api/v1/inference/keys/${key.id}`;
    const { json } = await ask({ baseUrl: server.baseUrl, path, key: account.managementKey });
    expect(json.spent_usd).toBeCloseTo(costUsd, 5);
    const refused = await send({}, key.apiKey);
    expectRefusal(refused, { code: "budget_exceeded" });
    expect((await send()).status).toBe(200);
  });

  test("is not exceeded by requests at once: what is held counts as spent", async () => {
    const heldUsd = Number((await send()).headers.get("x-inferroute-reserved-usd"));
    const enough = Math.round(heldUsd * 3 * 1_000_000) / 1_000_000;
    const key = await makeKey(server.demo, account.managementKey, { name: "b", budget: budget(enough) });
    await sims.reset();
    await sims.hold(true);
    const answers: Answer[] = [];
    const sent = Array.from({ length: 20 }, () =>
      send({}, key.apiKey).then((answer) => void answers.push(answer)),
    );
    await expect
      .poll(async () => [answers.length, await originCalls()], { timeout: 10_000 })
      .toEqual([17, 3]);
    for (const answer of answers) expectRefusal(answer, { code: "budget_exceeded" });
    await sims.hold(false);
    await Promise.all(sent);
  });
});

describe("GPU time of the month", () => {
  test("is held as asked, counted as used, and refused beyond with the time of the next month", async () => {
    const change = { model: BY_MINUTE, max_tokens: 100 };
    // 100 tokens hold 5 s and a little prefill.
    await limitTo({ gpu_hours: 7 / 3_600 });
    await sims.hold(true);
    const first = send(change);
    await expect.poll(originCalls).toBe(1);
    const refused = await send(change);
    expectRefusal(refused, { code: "gpu_quota_exceeded" });
    const now = new Date();
    const nextMonthMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) - now.getTime();
    expect(Math.abs(expectRetryAfter(refused) - nextMonthMs)).toBeLessThan(5_000);
    await sims.hold(false);
    expect((await first).status).toBe(200);
    await expect.poll(async () => (await send(change)).status, { interval: 20 }).toBe(200);
  });
});

describe("a flood beyond the limit", () => {
  test("lets in exactly the limit and answers all others", async () => {
    await limitTo({ rpm: 40 });
    const answers = await Promise.all(Array.from({ length: 300 }, () => send()));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(40);
    expect(statuses.filter((status) => status === 429)).toHaveLength(260);
    expect(await originCalls()).toBe(40);
  });
});
