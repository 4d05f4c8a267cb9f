// What the response cache never does: give an answer to somebody else, out of its region, or one that is no good.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { creditsOf, makeKey, openAccount, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { BODY, cacheCalls, cacheOf } from "../support/cache-calls.ts";
import { readEvents, terminalOf } from "../support/events.ts";
import { rawCall } from "../support/raw-caller.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type Simulators, simulators } from "../support/simulators.ts";

const OTHER = "Qwen/Qwen3-14B";

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
const errorOf = ({ json }: Answer) => json.error;

describe("nobody gets an answer that is not theirs", () => {
  test("another account asking the same asks an origin", async () => {
    await send();
    await untilHit();
    const stranger = await openAccount(server.demo);
    const calls = await originCalls();
    const [theirs, streamed] = [
      await send({ key: stranger.apiKey }),
      await send({ key: stranger.apiKey, change: { stream: true } }),
    ];
    expect([theirs, streamed].map(cacheOf)).toEqual(["miss", "miss"]);
    expect(await originCalls()).toBe(calls + 2);
    expect((await creditsOf(server.demo, stranger.managementKey)).available_usd).toBeLessThan(10);
  });

  test.each([
    ["pool", { model_pool: ["Qwen/*"] }],
    ["region", { region: "us-east" }],
  ])("a key of another %s asks an origin", async (_, scope) => {
    await send();
    await untilHit();
    const { apiKey } = await makeKey(server.demo, account.managementKey, scope);
    expect(cacheOf(await send({ key: apiKey }))).toBe("miss");
  });

  test("a key that was revoked gets nothing from it", async () => {
    const { id, apiKey } = await makeKey(server.demo, account.managementKey);
    await send({ key: apiKey });
    await untilHit({ key: apiKey });
    const path = `/api/v1/inference/keys/${id}`;
    await ask({ baseUrl: server.baseUrl, path, method: "DELETE", key: account.managementKey });
    expect(errorOf(await send({ key: apiKey }))).toMatchObject({ code: "key_revoked" });
  });

  test("a caller's users are apart where it names them", async () => {
    await send({ change: { user: "u-1" } });
    await untilHit({ change: { user: "u-1" } });
    expect(cacheOf(await send({ change: { user: "u-2" } }))).toBe("miss");
  });
});

describe("a pinned region", () => {
  test("has answers of its own, made inside it", async () => {
    await send();
    await untilHit();
    for (const region of ["eu-west", "us-east"]) {
      const pinned = { headers: { "x-region": region } };
      const first = await send(pinned);
      expect(cacheOf(first)).toBe("miss");
      const hit = await untilHit(pinned);
      expect([first, hit].map(({ headers }) => headers.get("x-inferroute-region"))).toEqual([region, region]);
    }
  });

  test("is pinned by body, header or key alike", async () => {
    await send({ headers: { "x-region": "eu-west" } });
    await untilHit({ headers: { "x-region": "eu-west" } });
    expect(cacheOf(await send({ change: { routing: { region: "eu-west" } } }))).toBe("hit");
  });
});

describe("what is no good answer is not kept", () => {
  test("an error", async () => {
    await sims.fault({ kind: "status_500" });
    const failed = await send();
    expect(errorOf(failed)).toMatchObject({ code: "upstream_failed" });
    expect(cacheOf(failed)).toBeNull();
    await sims.reset();
    expect(cacheOf(await send())).toBe("miss");
    await untilHit();
  });

  test("a stream that broke off", async () => {
    const stream = { change: { stream: true, routing: { fallback: false } } };
    await sims.fault({ kind: "die" });
    const broken = await send(stream);
    expect(terminalOf(readEvents(broken.text))).toBe("error");
    await sims.reset();
    await settle();
    const whole = await send(stream);
    expect([cacheOf(whole), terminalOf(readEvents(whole.text))]).toEqual(["miss", "done"]);
  });

  test("a stream whose caller left", async () => {
    await sims.timing({ scale: 1 });
    const body = { ...BODY, stream: true, max_tokens: 200, ignore_eos: true };
    const caller = await rawCall({
      baseUrl: server.baseUrl,
      path: "/v1/chat/completions",
      apiKey: account.apiKey,
      headers: { "x-cache": "read-write" },
      body,
    });
    await caller.until(/(data: [^\n]+\n\n[\s\S]*){3}/);
    caller.leave("RST");
    await settle();
    await sims.timing({ scale: 0 });
    expect(cacheOf(await send({ change: body }))).toBe("miss");
  });

  test("a fallback's answer: when the model is back, it is asked", async () => {
    const change = { models: [OTHER] };
    await sims.fault({ kind: "status_500", model: "qwen3-4b" });
    const fallen = await send({ change });
    expect(fallen.headers.get("x-inferroute-model")).toBe(OTHER);
    await settle();
    await sims.reset();
    const back = await send({ change });
    expect(cacheOf(back)).toBe("miss");
  });
});

describe("what is not looked up and not kept", () => {
  test.each([
    ["without the header", {}, { "x-cache": "off" }],
    ["drawn by lot", { temperature: 0.7 }, {}],
    ["at the temperature of whoever answers", { temperature: undefined }, {}],
  ])("a request %s", async (_, change, headers) => {
    const answers = [await send({ change, headers })];
    await settle();
    answers.push(await send({ change, headers }));
    expect(answers.map(cacheOf)).toEqual([null, null]);
    expect(await originCalls()).toBe(2);
    expect(await usageRow(answers[1] as Answer)).toMatchObject({ cache: null });
  });

  test("a header of another word is refused by its name, and reaches no origin", async () => {
    const answer = await send({ headers: { "x-cache": "yes" } });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: "invalid_value", param: "x-cache" });
    expect(await originCalls()).toBe(0);
  });

  test("an account that could not pay is refused as ever", async () => {
    const poor = await openAccount(server.demo, { creditsUsd: 0 });
    expect(errorOf(await send({ key: poor.apiKey }))).toMatchObject({ code: "insufficient_credits" });
  });
});

describe("with an Idempotency-Key", () => {
  test("a hit is an answer like any: the key replays it, and another key hits again", async () => {
    await send();
    await untilHit();
    const keyed = { headers: { "idempotency-key": "k-1" } };
    const hit = await send(keyed);
    const replayed = await send(keyed);
    expect(cacheOf(hit)).toBe("hit");
    expect(replayed.headers.get("idempotency-replayed")).toBe("true");
    expect(replayed.text).toBe(hit.text);
    expect(cacheOf(await send({ headers: { "idempotency-key": "k-2" } }))).toBe("hit");
  });
});
