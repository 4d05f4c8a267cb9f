// What an account's usage says of each request, good or bad, and that rows, sums and ledger agree.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { giveCredits, makeKey, openAccount, settledCredits, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { rawCall } from "../support/raw-caller.ts";
import { expectRefusal } from "../support/refusals.ts";
import { SMALL } from "../support/router.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type Simulators, simulators } from "../support/simulators.ts";
import { type UsageRow, usageOf } from "../support/usage.ts";

let server: TestServer;
let sims: Simulators;
let account: TestAccount;
beforeAll(async () => {
  server = await startServer();
  sims = simulators(server.demo);
});
afterAll(async () => void (await server.stop()));
beforeEach(async () => {
  await sims.reset();
  account = await openAccount(server.demo);
});

const PATH = "/v1/chat/completions";
const CANARY = "canary-of-a-prompt";
const BODY = { model: SMALL, max_tokens: 20, messages: [{ role: "user", content: `Tell of a ${CANARY}` }] };
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;
const micro = (usd: unknown) => Math.round(Number(usd) * 1_000_000);

async function send(change: object = {}, apiKey = account.apiKey): Promise<Answer> {
  return await ask({ baseUrl: server.baseUrl, path: PATH, key: apiKey, body: { ...BODY, ...change } });
}

const idOf = (answer: Answer) => answer.headers.get("x-request-id") ?? "";

async function look(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return await ask({
    baseUrl: server.baseUrl,
    path: `/api/v1/inference${path}`,
    key: account.managementKey,
    headers,
  });
}

const rowOf = (requestId: string): Promise<UsageRow> =>
  usageOf(server.demo, { managementKey: account.managementKey, requestId });

async function listed(query: string): Promise<readonly UsageRow[]> {
  const { json } = await look(`/usage?${query}`);
  return json.data as readonly UsageRow[]; // of the form under test
}

describe("the row of a good answer", () => {
  test("is there within two seconds, with exactly the fields of the wire", async () => {
    const answer = await send({ user: "alice", metadata: { team: "red", note: 'a "b", c' } });
    const { usage } = answer.json as { usage: { prompt_tokens: number; completion_tokens: number } };
    const row = await rowOf(idOf(answer));
    expect(row).toEqual({
      request_id: idOf(answer),
      decision_id: null,
      created_at: expect.stringMatching(ISO),
      key_id: expect.stringMatching(/^key_[0-9A-Za-z]{8}$/),
      account_id: account.accountId,
      endpoint: PATH,
      dialect: "openai",
      model_requested: SMALL,
      model: SMALL,
      origin: answer.headers.get("x-inferroute-origin"),
      region: answer.headers.get("x-inferroute-region"),
      task: null,
      complexity: null,
      status: 200,
      outcome: "ok",
      stream: false,
      input_tokens: usage.prompt_tokens,
      cached_input_tokens: expect.any(Number),
      output_tokens: usage.completion_tokens,
      gpu_ms: expect.any(Number),
      estimated: false,
      cost_usd: Number(answer.headers.get("x-inferroute-cost-usd")),
      latency_ms: expect.any(Number),
      ttft_ms: expect.any(Number),
      queue_ms: 0,
      overhead_ms: expect.any(Number),
      attempts: [
        {
          model: SMALL,
          origin: answer.headers.get("x-inferroute-origin"),
          region: answer.headers.get("x-inferroute-region"),
          status: 200,
          error: null,
          ms: expect.any(Number),
          ttft_ms: expect.any(Number),
          input_tokens: usage.prompt_tokens,
          output_tokens: usage.completion_tokens,
        },
      ],
      cache: null,
      user: "alice",
      tags: { team: "red", note: 'a "b", c' },
    });
    expect(Object.keys(row)).toEqual(FIELDS);
    expect(Math.abs(Date.parse(String(row.created_at)) - Date.now())).toBeLessThan(5_000);
    expect(Number(row.latency_ms)).toBeGreaterThanOrEqual(Number(row.ttft_ms));
    expect(Number(row.gpu_ms)).toBeGreaterThan(0);
  });

  test("of a smart-routed stream tells the decision and what was classified", async () => {
    const messages = [{ role: "user", content: "Write a Python function to sort a list" }];
    const answer = await send({ model: "auto", stream: true, messages });
    const row = await rowOf(idOf(answer));
    expect(row).toMatchObject({
      decision_id: answer.headers.get("x-inferroute-decision-id"),
      model_requested: "auto",
      model: answer.headers.get("x-inferroute-model"),
      task: "code_generation",
      complexity: answer.headers.get("x-inferroute-complexity"),
      status: 200,
      outcome: "ok",
      stream: true,
      estimated: false,
    });
    expect(Number(row.cost_usd)).toBeGreaterThan(0);
  });

  test("holds no word of the prompt or the answer, and nor does any list", async () => {
    const answer = await send();
    await rowOf(idOf(answer));
    const texts = [await look(`/usage/${idOf(answer)}`), await look("/usage"), await look("/usage/summary")];
    const { choices } = answer.json as { choices: readonly { message: { content: string } }[] };
    const said = choices[0]?.message.content.slice(0, 30) ?? "";
    expect(said.length).toBeGreaterThan(10);
    for (const { text } of texts) {
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain(said);
    }
    expect(server.logs()).not.toContain(CANARY);
  });

  test("is its own account's: another's is told that there is none", async () => {
    const answer = await send();
    await rowOf(idOf(answer));
    account = await openAccount(server.demo);
    expectRefusal(await look(`/usage/${idOf(answer)}`), { code: "not_found" });
    expect(await listed("")).toEqual([]);
  });
});

describe("the row of a request that did not end well", () => {
  test("whose caller left says so, and costs what was produced", async () => {
    await sims.timing({ scale: 1 });
    const body = { ...BODY, stream: true, max_tokens: 2_000, ignore_eos: true };
    const caller = await rawCall({ baseUrl: server.baseUrl, path: PATH, apiKey: account.apiKey, body });
    await caller.until(/(data: [^\n]+\n\n[\s\S]*){5}/);
    const id = /x-request-id: (req_\w+)/i.exec(caller.received())?.[1] ?? "";
    caller.leave("RST");
    const row = await rowOf(id);
    expect(row).toMatchObject({ status: 499, outcome: "cancelled", stream: true, estimated: true });
    expect(Number(row.output_tokens)).toBeGreaterThan(0);
    expect(Number(row.output_tokens)).toBeLessThan(2_000);
    const { balance_usd } = await settledCredits(server.demo, account.managementKey);
    expect(micro(balance_usd)).toBe(10_000_000 - micro(row.cost_usd));
    expect(micro(row.cost_usd)).toBeGreaterThan(0);
  });

  test("that no origin answered tells every attempt, and costs nothing", async () => {
    await sims.fault({ kind: "status_500" });
    const answer = await send();
    expectRefusal(answer, { code: "upstream_failed" });
    const row = await rowOf(idOf(answer));
    expect(row).toMatchObject({
      status: 502,
      outcome: "error",
      cost_usd: 0,
      input_tokens: 0,
      output_tokens: 0,
      gpu_ms: 0,
      ttft_ms: null,
    });
    const attempts = row.attempts as readonly UsageRow[];
    expect(attempts).toHaveLength(3);
    for (const attempt of attempts) {
      expect(attempt).toMatchObject({ model: SMALL, status: 500, error: "upstream_failed", ttft_ms: null });
    }
    expect(new Set(attempts.map(({ origin }) => origin)).size).toBeGreaterThan(1);
  });

  test("that a second origin answered tells both attempts; the one that answered used it all", async () => {
    let answer = await send();
    // Whichever origin is next, it is the first to be asked of a few.
    for (let tries = 0; tries < 20 && answer.headers.get("x-inferroute-attempts") !== "2"; tries++) {
      const region = answer.headers.get("x-inferroute-region") ?? "";
      await sims.reset();
      await simulators(server.demo, [region]).fault({ kind: "status_503", count: 1 });
      answer = await send();
    }
    const { usage } = answer.json as { usage: { prompt_tokens: number; completion_tokens: number } };
    const row = await rowOf(idOf(answer));
    expect(row).toMatchObject({ status: 200, outcome: "ok", output_tokens: usage.completion_tokens });
    expect(row.attempts).toMatchObject([
      { status: 503, error: "overloaded", input_tokens: 0, output_tokens: 0 },
      { status: 200, error: null, input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens },
    ]);
  });

  test("that broke off mid-stream is an error, and costs what was produced", async () => {
    await sims.fault({ kind: "die", after_bytes: 1_500 });
    const answer = await send({ stream: true, max_tokens: 200, ignore_eos: true });
    expect(answer.text).toContain("upstream_disconnected");
    const row = await rowOf(idOf(answer));
    expect(row).toMatchObject({ status: 200, outcome: "error", estimated: true });
    expect(Number(row.output_tokens)).toBeGreaterThan(0);
    expect(Number(row.cost_usd)).toBeGreaterThan(0);
    const attempts = row.attempts as { error: string; output_tokens: number }[];
    expect(attempts.map(({ error }) => error)).toEqual(attempts.map(() => "upstream_disconnected"));
    const written = attempts.reduce((sum, { output_tokens }) => sum + output_tokens, 0);
    expect(written).toBe(row.output_tokens);
  });

  test("that was refused is no row: it is counted", async () => {
    const poor = await openAccount(server.demo, { creditsUsd: 0 });
    const { apiKey } = poor;
    const answers = [await send({}, apiKey), await send({}, apiKey), await send({}, apiKey)];
    for (const answer of answers) expectRefusal(answer, { code: "insufficient_credits" });
    account = poor;
    await expect
      .poll(async () => (await summary("bucket=hour")).map(({ requests, refused }) => [requests, refused]), {
        timeout: 5_000,
      })
      .toEqual([[0, 3]]);
    expect(await listed("")).toEqual([]);
  });
});

async function summary(query: string): Promise<readonly UsageRow[]> {
  const { json } = await look(`/usage/summary?${query}`);
  return json.data as readonly UsageRow[]; // of the form under test
}

/** So many good requests, their rows in the log. */
async function spend(count: number, change: object = {}): Promise<readonly Answer[]> {
  const answers = await Promise.all(Array.from({ length: count }, () => send(change)));
  await Promise.all(answers.map((answer) => rowOf(idOf(answer))));
  return answers;
}

const costOf = (answers: readonly Answer[]) =>
  answers.reduce((sum, { headers }) => sum + micro(headers.get("x-inferroute-cost-usd")), 0);

describe("lists and sums", () => {
  test("add up to the same as the ledger", async () => {
    const good = await spend(6);
    await sims.fault({ kind: "status_500" });
    const failed = await send();
    await rowOf(idOf(failed));
    const [line] = await summary("bucket=day");
    const tokens = good.map(({ json }) => json.usage as { prompt_tokens: number; completion_tokens: number });
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    expect(line).toEqual({
      start: expect.stringMatching(/T00:00:00(\.000)?Z$/),
      requests: 7,
      errors: 1,
      refused: 0,
      input_tokens: sum(tokens.map(({ prompt_tokens }) => prompt_tokens)),
      output_tokens: sum(tokens.map(({ completion_tokens }) => completion_tokens)),
      cost_usd: costOf(good) / 1_000_000,
      latency_p50_ms: expect.any(Number),
      latency_p95_ms: expect.any(Number),
      queue_depth_max: expect.any(Number),
    });
    expect(await summary("bucket=day&group=model")).toMatchObject([{ model: SMALL, requests: 7 }]);
    const { balance_usd } = await settledCredits(server.demo, account.managementKey);
    expect(micro(balance_usd)).toBe(10_000_000 - costOf(good));
  });

  test("come newest first, page by page, and can be narrowed by key, status and tag", async () => {
    const other = await makeKey(server.demo, account.managementKey, { name: "other" });
    const [tagged] = await spend(1, { metadata: { job: "nightly" } });
    const plain = await send({}, other.apiKey);
    await rowOf(idOf(plain));
    await sims.fault({ kind: "status_500" });
    const failed = await send();
    await rowOf(idOf(failed));
    const ids = (rows: readonly UsageRow[]) => rows.map(({ request_id }) => request_id);
    const [first, second, third] = [tagged as Answer, plain, failed].map(idOf);
    expect(ids(await listed(""))).toEqual([third, second, first]);
    expect(ids(await listed(`key=${other.id}`))).toEqual([second]);
    expect(ids(await listed("status=502"))).toEqual([third]);
    expect(ids(await listed("tag=job:nightly"))).toEqual([first]);
    const page = await look("/usage?limit=2");
    expect(ids(page.json.data as readonly UsageRow[])).toEqual([third, second]);
    expect(ids(await listed(`limit=2&cursor=${page.json.next_cursor}`))).toEqual([first]);
  });

  test("are CSV for who prefers it: the same rows, a line each, whatever is in them", async () => {
    const [answer] = await spend(1, { user: 'says "hi", twice', metadata: { a: "1,2" } });
    const { headers, text } = await look("/usage", { accept: "text/csv" });
    expect(headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    const [head, line, end] = text.split("\r\n");
    expect(head).toBe(FIELDS.join(","));
    expect(line).toContain(idOf(answer as Answer));
    expect(line).toContain('"says ""hi"", twice"');
    expect(line).toContain('{""a"":""1,2""}');
    expect(end).toBe("");
  });
});

describe("transactions", () => {
  test("are one sequence of deposits and charges, each with the balance behind it", async () => {
    const before = await spend(3);
    await giveCredits(server.demo, account.accountId, 5);
    const after = await spend(2);
    const { json } = await look("/credits/transactions?limit=200");
    const rows = json.data as readonly UsageRow[];
    expect(rows.map(({ kind }) => kind)).toEqual([
      "charge",
      "charge",
      "deposit",
      "charge",
      "charge",
      "charge",
      "deposit",
    ]);
    const requests = (list: readonly UsageRow[]) => list.map(({ request_id }) => request_id).sort();
    expect(requests(rows.slice(0, 2))).toEqual(after.map(idOf).sort());
    expect(requests(rows.slice(3, 6))).toEqual(before.map(idOf).sort());
    for (const [at, row] of rows.entries()) {
      const earlier = micro(rows[at + 1]?.balance_after_usd ?? 0);
      expect(micro(row.balance_after_usd)).toBe(earlier + micro(row.amount_usd));
    }
    expect(micro(rows[0]?.balance_after_usd)).toBe(15_000_000 - costOf([...before, ...after]));
  });

  test("of a request answered a moment ago are there already", async () => {
    const answer = await send();
    await settledCredits(server.demo, account.managementKey);
    const { json } = await look("/credits/transactions");
    expect(json.data).toMatchObject([{ kind: "charge", request_id: idOf(answer) }, { kind: "deposit" }]);
  });
});

/** wire.md §2, "Usage", in its order. */
const FIELDS = [
  "request_id",
  "decision_id",
  "created_at",
  "key_id",
  "account_id",
  "endpoint",
  "dialect",
  "model_requested",
  "model",
  "origin",
  "region",
  "task",
  "complexity",
  "status",
  "outcome",
  "stream",
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "gpu_ms",
  "estimated",
  "cost_usd",
  "latency_ms",
  "ttft_ms",
  "queue_ms",
  "overhead_ms",
  "attempts",
  "cache",
  "user",
  "tags",
];
