// Refusals by who asks and what they have: keys, scopes, pools, regions, limits and credits, in the order of the
// checks. Each costs nothing and reaches no origin, streamed or whole, under every base.
import { beforeAll, describe, expect, inject, test } from "vitest";
import { makeKey, openAccount, operate, type TestAccount } from "../../support/accounts.ts";
import { type Answer, ask } from "../../support/ask.ts";
import { GOOD_BODY } from "../../support/bad-inputs.ts";
import { forgedKeys } from "../../support/forged-keys.ts";
import { exchangeBytes } from "../../support/raw-bytes.ts";
import {
  BASES,
  expectNoOriginCalled,
  expectNothingPaid,
  expectRefusal,
  expectRetryAfter,
  type Refused,
} from "../../support/refusals.ts";

const demo = inject("demo");
const CREDITS_USD = 5;
const GOOD = GOOD_BODY["/chat/completions"];
/** In the catalog, and served in no European region. */
const NOT_IN_EUROPE = "deepseek-ai/DeepSeek-V3";

interface Call {
  readonly key: string;
  readonly change?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Streamed and whole, under each base, one after another. */
async function everywhere({ key, change = {}, headers = {} }: Call): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const base of BASES) {
    for (const stream of [true, false]) {
      const body = { ...GOOD, stream, ...change };
      answers.push(
        await ask({ baseUrl: demo.base_url, path: `${base}/chat/completions`, key, headers, body }),
      );
    }
  }
  return answers;
}

async function expectRefusedEverywhere(call: Call, refused: Refused): Promise<readonly Answer[]> {
  const answers = await everywhere(call);
  for (const answer of answers) expectRefusal(answer, refused);
  await expectNoOriginCalled(demo, answers);
  return answers;
}

let account: TestAccount;
let poor: TestAccount;
beforeAll(async () => {
  account = await openAccount(demo, { creditsUsd: CREDITS_USD });
  poor = await openAccount(demo, { creditsUsd: 0 });
});

async function revokedKey(): Promise<string> {
  const { id, apiKey } = await makeKey(demo, account.managementKey);
  const path = `/api/v1/inference/keys/${id}`;
  await ask({ baseUrl: demo.base_url, path, method: "DELETE", key: account.managementKey });
  return apiKey;
}

const keyWith = async (fields: object) => (await makeKey(demo, account.managementKey, fields)).apiKey;

describe("who asks", () => {
  const post = (headers: Readonly<Record<string, string | readonly string[]>>, query = "") =>
    ask({ baseUrl: demo.base_url, path: `/v1/chat/completions${query}`, headers, body: GOOD });

  test.each([
    ["no header", {}],
    ["an empty header", { authorization: "" }],
    ["another scheme", { authorization: "Basic eDp5" }],
    ["no token", { authorization: "Bearer" }],
    ["a blank token", { authorization: "Bearer   " }],
    ["another page's cookie", { cookie: "theme=dark" }],
  ])("%s → missing_api_key", async (_, headers) => {
    expectRefusal(await post(headers), { code: "missing_api_key" });
  });

  test("a session's cookie writes for nobody: without Origin and from a foreign one → origin_not_allowed", async () => {
    const cookie = "session=abc";
    for (const headers of [{ cookie }, { cookie, origin: "https://evil.example" }]) {
      const { status, json, headers: answered } = await post(headers);
      expect([status, json]).toMatchObject([403, { error: { code: "origin_not_allowed" } }]);
      // Unlike a key's answers, a cookie's are for no page of others.
      expect(answered.get("access-control-allow-origin")).toBeNull();
    }
    const unsigned = await post({ cookie, origin: demo.base_url });
    expect([unsigned.status, unsigned.json]).toMatchObject([401, { error: { code: "invalid_token" } }]);
  });

  test("two headers → 401", async () => {
    const bearer = `Bearer ${account.apiKey}`;
    expect((await post({ authorization: [bearer, bearer] })).status).toBe(401);
  });

  test("a key in the query is no key", async () => {
    for (const name of ["key", "api_key", "access_token"]) {
      expectRefusal(await post({}, `?${name}=${account.apiKey}`), { code: "missing_api_key" });
    }
  });

  test("keys that are not ours → invalid_api_key", async () => {
    const { wrongChecksum, wrongTag, wrongSecret } = forgedKeys(account.apiKey);
    const keys = ["sk_test", "inf_", `${account.apiKey}x`, account.apiKey.slice(0, -1)];
    for (const key of [...keys, wrongChecksum, wrongTag, wrongSecret, demo.admin_token]) {
      await expectRefusedEverywhere({ key }, { code: "invalid_api_key" });
    }
  });

  test("a token that nobody signed → invalid_token", async () => {
    const none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.";
    await expectRefusedEverywhere({ key: none }, { code: "invalid_token" });
  });

  test("the scheme may be written in any case, and x-api-key serves as well", async () => {
    const answers = await Promise.all([
      post({ authorization: `bEARER ${demo.api_key}` }),
      post({ "x-api-key": demo.api_key }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  test("a key that has expired", async () => {
    const { managementKey } = await openAccount(demo);
    const expiresAtMs = Date.now() + 500;
    const expires_at = new Date(expiresAtMs).toISOString();
    const key = (await makeKey(demo, managementKey, { expires_at })).apiKey;
    const isExpired = async () => (await post({ authorization: `Bearer ${key}` })).status === 401;
    await expect.poll(isExpired, { timeout: 5_000 }).toBe(true);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAtMs);
    await expectRefusedEverywhere({ key }, { code: "expired_api_key" });
  });

  test("a revoked key", async () => {
    await expectRefusedEverywhere({ key: await revokedKey() }, { code: "key_revoked" });
  });

  test("a key without the scope", async () => {
    const key = await keyWith({ scopes: ["usage:read"] });
    await expectRefusedEverywhere({ key }, { code: "scope_missing" });
  });

  test("a key of a deactivated account, until it is active again", async () => {
    const { accountId, apiKey } = await openAccount(demo);
    await operate(demo, "PATCH", `/accounts/${accountId}`, { status: "deactivated" });
    await expectRefusedEverywhere({ key: apiKey }, { code: "account_deactivated" });
    await operate(demo, "PATCH", `/accounts/${accountId}`, { status: "active" });
    expect((await everywhere({ key: apiKey })).map(({ status }) => status)).toEqual(Array(6).fill(200));
  });
});

describe("where it may go", () => {
  test("a model outside the key's pool, named or as the request's pool", async () => {
    const key = await keyWith({ model_pool: ["Qwen/Qwen3-14B"] });
    const named = { key, change: { model: "Qwen/Qwen3-4B" } };
    await expectRefusedEverywhere(named, { code: "model_forbidden", param: "model" });
    const pooled = { key, change: { model: "auto", routing: { model_pool: ["Qwen/Qwen3-4B"] } } };
    await expectRefusedEverywhere(pooled, { code: "model_forbidden", param: "routing.model_pool" });
    const listed = { key, change: { model: "auto", models: ["Qwen/Qwen3-4B"] } };
    await expectRefusedEverywhere(listed, { code: "model_forbidden", param: "models" });
  });

  test("a region outside the key's, by body or header", async () => {
    const key = await keyWith({ region: "eu-west" });
    const refused = { code: "region_forbidden", param: "routing.region" } as const;
    await expectRefusedEverywhere({ key, change: { routing: { region: "us-east" } } }, refused);
    await expectRefusedEverywhere({ key, headers: { "x-region": "us-east" } }, refused);
  });

  test("a region where nobody serves the model → 503 that names it", async () => {
    const call = { key: account.apiKey, change: { model: NOT_IN_EUROPE, routing: { region: "eu-west" } } };
    for (const answer of await expectRefusedEverywhere(call, { code: "region_unavailable" })) {
      expect(answer.text).toContain("eu-west");
      expectRetryAfter(answer);
    }
  });
});

describe("what it has", () => {
  test.each([{ max_tokens: 8 }, { max_tokens: undefined }, { model: "auto" }])(
    "no credits, with %o",
    async (change) => {
      await expectRefusedEverywhere({ key: poor.apiKey, change }, { code: "insufficient_credits" });
      await expectNothingPaid(demo, poor, 0);
    },
  );

  test("no budget", async () => {
    const key = await keyWith({ budget: { amount_usd: 0, period: "total" } });
    await expectRefusedEverywhere({ key }, { code: "budget_exceeded" });
  });

  test("more than the limit of requests per minute: four families of headers", async () => {
    const limited = await openAccount(demo, { creditsUsd: CREDITS_USD });
    await operate(demo, "PATCH", `/accounts/${limited.accountId}`, { rpm: 6 });
    const granted = await everywhere({ key: limited.apiKey });
    expect(granted.map(({ status }) => status)).toEqual(Array(6).fill(200));
    for (const answer of await expectRefusedEverywhere(
      { key: limited.apiKey },
      { code: "rate_limit_exceeded" },
    )) {
      const waitMs = expectRetryAfter(answer);
      expect(waitMs).toBeGreaterThan(50_000);
      expect(waitMs).toBeLessThanOrEqual(61_000);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "x-ratelimit-limit-requests": "6",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": expect.stringMatching(/^(1m)?[\d.]+s$/),
        "ratelimit-policy": '"rpm";q=6;w=60',
        ratelimit: expect.stringMatching(/^"rpm";r=0;t=\d+$/),
      });
    }
  });
});

describe("order of checks: of two faults the first is told", () => {
  const path = "/v1/chat/completions";
  const tooLong = { "content-type": "text/plain", "content-length": String(25 * 1024 * 1024) };
  const text = (contentType: string, body: string) => ({ headers: { "content-type": contentType }, body });

  test("404 and 405 before the key", async () => {
    const answers = await Promise.all([
      ask({ baseUrl: demo.base_url, path: "/v1/nope", body: GOOD }),
      ask({ baseUrl: demo.base_url, path, method: "PUT", body: GOOD }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 405]);
  });

  test("413 before the key", async () => {
    const lines = [`POST ${path} HTTP/1.1`, "host: router", `content-length: ${tooLong["content-length"]}`];
    const received = await exchangeBytes(demo.base_url, { lines, body: "", ending: "wait" });
    expect(received).toContain('"request_too_large"');
  });

  test("the key's form before 415, 415 before the text, the text before the key itself", async () => {
    const { wrongTag, wrongSecret } = forgedKeys(account.apiKey);
    const sent = { baseUrl: demo.base_url, path };
    const form = await ask({ ...sent, key: wrongTag, ...text("text/plain", "{") });
    expectRefusal(form, { code: "invalid_api_key" });
    const type = await ask({ ...sent, key: wrongSecret, ...text("text/plain", "{") });
    expectRefusal(type, { code: "unsupported_media_type" });
    const json = await ask({ ...sent, key: wrongSecret, ...text("application/json", "{") });
    expectRefusal(json, { code: "invalid_json" });
  });

  test("the fields before the key itself, the key before the model", async () => {
    const { wrongSecret } = forgedKeys(account.apiKey);
    const revoked = await revokedKey();
    const scopeless = await keyWith({ scopes: ["usage:read"] });
    const bad = { temperature: 3 };
    const unknown = { model: "nobody/nothing" };
    for (const key of [wrongSecret, revoked, scopeless]) {
      await expectRefusedEverywhere({ key, change: bad }, { code: "invalid_value", param: "temperature" });
    }
    await expectRefusedEverywhere({ key: wrongSecret, change: unknown }, { code: "invalid_api_key" });
    await expectRefusedEverywhere({ key: revoked, change: unknown }, { code: "key_revoked" });
    await expectRefusedEverywhere({ key: scopeless, change: unknown }, { code: "scope_missing" });
  });

  test("the model before the limit, the limit before the credits, the credits before the region", async () => {
    const last = await openAccount(demo, { creditsUsd: 0 });
    const key = (await makeKey(demo, last.managementKey, { model_pool: ["Qwen/*", NOT_IN_EUROPE] })).apiKey;
    const nowhere = { model: NOT_IN_EUROPE, routing: { region: "eu-west" } };
    await expectRefusedEverywhere({ key, change: nowhere }, { code: "insufficient_credits" });
    await operate(demo, "PATCH", `/accounts/${last.accountId}`, { rpm: 1 });
    // A question about routing counts as a request, and costs nothing.
    const question = await ask({ baseUrl: demo.base_url, path: "/api/v1/inference/route", key, body: GOOD });
    expect(question.status).toBe(200);
    await expectRefusedEverywhere({ key, change: nowhere }, { code: "rate_limit_exceeded" });
    await expectRefusedEverywhere({ key }, { code: "rate_limit_exceeded" });
    const unknown = { key, change: { model: "nobody/nothing" } };
    await expectRefusedEverywhere(unknown, { code: "model_not_found", param: "model" });
    const outside = { key, change: { model: "BAAI/bge-m3" } };
    await expectRefusedEverywhere(outside, { code: "model_forbidden", param: "model" });
  });

  test("what is refused takes nothing from the limit", async () => {
    const limited = await openAccount(demo, { creditsUsd: CREDITS_USD });
    await operate(demo, "PATCH", `/accounts/${limited.accountId}`, { rpm: 3 });
    const key = limited.apiKey;
    await expectRefusedEverywhere(
      { key, change: { model: "nobody/nothing" } },
      { code: "model_not_found", param: "model" },
    );
    const nowhere = { model: NOT_IN_EUROPE, routing: { region: "eu-west" } };
    await expectRefusedEverywhere({ key, change: nowhere }, { code: "region_unavailable" });
    const [answer] = await everywhere({ key });
    expect(answer?.headers.get("x-ratelimit-remaining-requests")).toBe("2");
  });
});

test("nothing of all this was paid", async () => {
  await expectNothingPaid(demo, account, CREDITS_USD);
});
