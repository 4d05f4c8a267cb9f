// The response cache: who asks exactly the same again gets the same answer, from nobody and for nothing.
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeKey, openAccount, settledCredits, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { BODY, cacheCalls, cacheOf, framesOf, idOf, wordsOf } from "../support/cache-calls.ts";
import { readEvents, terminalOf, textOf } from "../support/events.ts";
import { SMALL, WEATHER_TOOL } from "../support/router.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type Simulators, simulators } from "../support/simulators.ts";

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
  await sims.timing({ scale: 0 });
  account = await openAccount(server.demo);
});

const { send, untilHit, settle, originCalls, usageRow } = cacheCalls(() => ({ server, sims, account }));

describe("a whole answer", () => {
  test("comes a second time from nobody, under an id of its own and for nothing", async () => {
    const first = await send();
    const hit = await untilHit();
    const calls = await originCalls();
    const again = await untilHit();
    expect(await originCalls()).toBe(calls);
    expect(cacheOf(first)).toBe("miss");
    for (const answer of [hit, again]) {
      expect(wordsOf(answer)).toEqual(wordsOf(first));
      expect(answer.json.id).toBe(`chatcmpl-${idOf(answer).slice("req_".length)}`);
      expect(answer.headers.get("x-inferroute-cost-usd")).toBe("0.000000");
      expect(answer.headers.get("x-inferroute-attempts")).toBe("0");
      expect(answer.headers.get("x-inferroute-model")).toBe(SMALL);
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
    expect(new Set([first, hit, again].map(idOf)).size).toBe(3);
  });

  test("is a row of usage that says so, and is not charged", async () => {
    const first = await send();
    const hit = await untilHit();
    expect(await usageRow(first)).toMatchObject({ cache: "miss", outcome: "ok" });
    expect(await usageRow(hit)).toMatchObject({
      cache: "hit",
      outcome: "ok",
      status: 200,
      cost_usd: 0,
      input_tokens: 0,
      output_tokens: 0,
      attempts: [],
      model: SMALL,
    });
    const before = await settledCredits(server.demo, account.managementKey);
    await untilHit();
    expect(await settledCredits(server.demo, account.managementKey)).toMatchObject({
      balance_usd: before.balance_usd,
    });
  });

  test("counts as a request, and no tokens of the minute", async () => {
    account = await openAccount(server.demo, { plan: "pro" });
    const left = ({ headers }: Answer, what: string) => Number(headers.get(`x-ratelimit-remaining-${what}`));
    await send();
    const hits: Answer[] = [];
    for (let n = 0; n < 3; n++) {
      // What is still under way stands in the minute with its estimate.
      await settle();
      hits.push(await untilHit());
    }
    await settle();
    const last = await untilHit();
    expect(hits.map((hit) => left(hit, "requests"))).toEqual(
      [0, -1, -2].map((n) => left(last, "requests") + 3 + n),
    );
    expect(new Set([...hits, last].map((hit) => left(hit, "tokens"))).size).toBe(1);
  });

  test("is shared by the account's keys, spellings and aliases", async () => {
    const first = await send();
    await untilHit();
    const { apiKey } = await makeKey(server.demo, account.managementKey);
    const { messages, ...rest } = BODY;
    const others = [
      await send({ key: apiKey }),
      await send({ change: { model: "qwen3-4b" } }),
      await send({ path: "/v1/openai/chat/completions" }),
      await ask({
        baseUrl: server.baseUrl,
        path: "/v1/chat/completions",
        key: account.apiKey,
        headers: { "x-cache": "read-write", "content-type": "application/json" },
        body: JSON.stringify({ messages, ...rest, metadata: { team: "b" } }, null, 2),
      }),
    ];
    expect(others.map(cacheOf)).toEqual(["hit", "hit", "hit", "hit"]);
    for (const other of others) expect(wordsOf(other)).toEqual(wordsOf(first));
  });

  test("survives a restart of everything", async () => {
    const first = await send();
    await untilHit();
    server = await server.restart("SIGKILL");
    sims = simulators(server.demo);
    const hit = await send();
    expect([cacheOf(hit), wordsOf(hit)]).toEqual(["hit", wordsOf(first)]);
    expect(await originCalls()).toBe(0);
  });

  test.each([
    ["a seed", {}, { temperature: 0.7, seed: 0 }],
    ["completions", { path: "/v1/completions" }, { messages: undefined, prompt: "Once upon" }],
    [
      "embeddings, which draw nothing",
      { path: "/v1/embeddings" },
      {
        model: "BAAI/bge-m3",
        input: ["a", "b"],
        messages: undefined,
        temperature: undefined,
        max_tokens: undefined,
      },
    ],
    ["a tool call", {}, { tools: [WEATHER_TOOL], tool_choice: "required" }],
  ] as const)("of %s is kept too", async (_, what, change) => {
    const first = await send({ ...what, change });
    const hit = await untilHit({ ...what, change });
    expect(wordsOf(hit)).toEqual(wordsOf(first));
  });
});

describe("a streamed answer", () => {
  const streamed = { change: { stream: true, stream_options: { include_usage: true } } };

  test("is streamed again: the same events, one new id, one terminal", async () => {
    const first = await send(streamed);
    const hit = await untilHit(streamed);
    const calls = await originCalls();
    const again = await untilHit(streamed);
    expect(await originCalls()).toBe(calls);
    expect(cacheOf(first)).toBe("miss");
    for (const answer of [hit, again]) {
      const events = readEvents(answer.text);
      expect(terminalOf(events)).toBe("done");
      expect(framesOf(answer)).toEqual(framesOf(first));
      const id = `chatcmpl-${idOf(answer).slice("req_".length)}`;
      expect(new Set(events.flatMap(({ json }) => (json === null ? [] : [json.id])))).toEqual(new Set([id]));
      expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      expect(await usageRow(answer)).toMatchObject({
        cache: "hit",
        stream: true,
        cost_usd: 0,
        outcome: "ok",
      });
    }
  });

  test("is its own: a whole one of the same request is another", async () => {
    await send(streamed);
    await untilHit(streamed);
    expect(cacheOf(await send())).toBe("miss");
  });

  test("shows counts to whoever asks for them although its origin sent none", async () => {
    await sims.fault({ kind: "no_usage" });
    const first = await send(streamed);
    const hit = await untilHit(streamed);
    expect(framesOf(hit)).toEqual(framesOf(first));
    expect(readEvents(hit.text).filter(({ json }) => json?.usage != null)).toHaveLength(1);
  });

  test("of a smart-routed request opens with that request's own routing event", async () => {
    const auto = {
      path: "/api/v1/inference/chat/completions",
      change: { ...streamed.change, model: "auto" },
    };
    const first = await send(auto);
    const hit = await untilHit(auto);
    const [opening, ...rest] = readEvents(hit.text);
    expect(opening?.json).toMatchObject({
      object: "routing",
      id: rest[0]?.json?.id,
      created: rest[0]?.json?.created,
      model: first.headers.get("x-inferroute-model"),
      decision_id: idOf(hit).replace("req_", "rt_"),
    });
    expect(hit.headers.get("x-inferroute-decision-id")).toBe(idOf(hit).replace("req_", "rt_"));
    expect(rest.some(({ json }) => json?.object === "routing")).toBe(false);
    expect(textOf(rest)).toBe(textOf(readEvents(first.text)));
    expect(terminalOf(rest)).toBe("done");
  });

  test("as long as a few thousand tokens is kept", async () => {
    const long = { change: { stream: true, max_tokens: 3_000, ignore_eos: true } };
    const first = await send(long);
    const hit = await untilHit(long);
    expect(framesOf(hit)).toEqual(framesOf(first));
    expect(readEvents(hit.text).length).toBeGreaterThan(3_000);
  });
});

describe("openai-node", () => {
  const messages = [{ role: "user" as const, content: "Say it again" }];
  const asking = { model: SMALL, messages, temperature: 0, max_tokens: 12 };

  function client() {
    return new OpenAI({
      apiKey: account.apiKey,
      baseURL: `${server.baseUrl}/api/v1/inference`,
      maxRetries: 0,
      defaultHeaders: { "x-cache": "read-write" },
    });
  }

  test("reads a whole hit", async () => {
    const create = () => client().chat.completions.create(asking).withResponse();
    const first = await create();
    await expect.poll(async () => (await create()).response.headers.get("x-cache")).toBe("hit");
    const { data } = await create();
    expect(data.choices).toEqual(first.data.choices);
    expect(data.id).not.toBe(first.data.id);
  });

  test.each([SMALL, "auto"])("iterates a streamed hit of %s, and assembles it", async (model) => {
    const read = async () => {
      const { data, response } = await client()
        .chat.completions.create({ ...asking, model, stream: true })
        .withResponse();
      const chunks = [];
      for await (const chunk of data) chunks.push(chunk);
      return { chunks, cache: response.headers.get("x-cache") };
    };
    const first = await read();
    await expect.poll(async () => (await read()).cache).toBe("hit");
    const { chunks } = await read();
    const text = (all: typeof chunks) => all.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
    expect(text(chunks)).toBe(text(first.chunks));
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toMatch(/stop|length/);
    const final = await client()
      .chat.completions.stream({ ...asking, model })
      .finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(text(first.chunks));
  });
});
