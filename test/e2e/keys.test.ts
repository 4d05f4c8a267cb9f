// The life of a key: made, shown, changed, used and revoked, and what its settings do to requests that say
// nothing themselves.
import { beforeAll, describe, expect, inject, test } from "vitest";
import { openAccount, settledCredits, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { expectRefusal } from "../support/refusals.ts";
import { SMALL } from "../support/router.ts";

const demo = inject("demo");
const INFERBASE = "/api/v1/inference";

let account: TestAccount;
beforeAll(async () => {
  account = await openAccount(demo);
});

const manage = (method: string, path: string, body?: object, key = account.managementKey) =>
  ask({
    baseUrl: demo.base_url,
    path: INFERBASE + path,
    method,
    key,
    ...(body === undefined ? {} : { body }),
  });

interface Made {
  readonly id: string;
  readonly key: string;
}

async function make(fields: object = {}): Promise<Made> {
  const answer = await manage("POST", "/keys", { name: "mine", ...fields });
  expect(answer.status, answer.text).toBe(201);
  return { id: String(answer.json.id), key: String(answer.json.key) };
}

async function infer(key: string, change: object = {}): Promise<Answer> {
  const messages = [{ role: "user", content: "Write a Python function to sort a list" }];
  const body = { model: "auto", max_tokens: 4, messages, ...change };
  return await ask({ baseUrl: demo.base_url, path: `${INFERBASE}/chat/completions`, key, body });
}

const modelOf = (answer: Answer) => answer.headers.get("x-inferroute-model") ?? answer.text;
const regionOf = (answer: Answer) => answer.headers.get("x-inferroute-region") ?? answer.text;

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const KEY_ID = expect.stringMatching(/^key_[0-9A-Za-z]{8}$/);

describe("a key is made", () => {
  test("with every field of its object, and its text this once", async () => {
    const answer = await manage("POST", "/keys", { name: "Production" });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const { key, ...shown } = answer.json;
    expect(key).toMatch(/^inf_[0-9A-Za-z]{81}$/);
    expect(shown).toEqual({
      id: KEY_ID,
      object: "key",
      name: "Production",
      prefix: String(key).slice(0, String(shown.prefix).length),
      scopes: ["inference", "jobs", "usage:read"],
      model_pool: null,
      optimize_mode: null,
      region: null,
      deployment: null,
      rpm: null,
      budget: null,
      spent_usd: 0,
      expires_at: null,
      created_at: TIME,
      last_used_at: null,
      revoked_at: null,
    });
    const again = await manage("GET", `/keys/${shown.id}`);
    expect([again.status, again.json]).toEqual([200, shown]);
    expect((await manage("GET", "/keys?limit=200")).text).not.toContain(key);
  });

  test("with every setting", async () => {
    const fields = {
      name: "All",
      model_pool: ["Qwen/*", "llama-3-8b"],
      optimize_mode: "cost",
      region: "eu-west",
      scopes: ["inference"],
      rpm: 10,
      expires_at: "2099-01-31T12:00:00Z",
      budget: { amount_usd: 1.5, period: "month" },
    };
    const { json } = await manage("POST", "/keys", fields);
    expect(json).toMatchObject({ ...fields, expires_at: "2099-01-31T12:00:00.000Z" });
  });

  test.each([
    ["no name", { name: undefined }, "missing_required_parameter", "name"],
    ["a long name", { name: "x".repeat(101) }, "invalid_value", "name"],
    ["a number as name", { name: 5 }, "invalid_value", "name"],
    ["an unknown mode", { optimize_mode: "x" }, "invalid_value", "optimize_mode"],
    ["an unknown model", { model_pool: [SMALL, "no/model"] }, "invalid_value", "model_pool[1]"],
    ["an empty pool", { model_pool: [] }, "invalid_value", "model_pool"],
    ["an unknown region", { region: "moon" }, "invalid_value", "region"],
    ["an unknown scope", { scopes: ["root"] }, "invalid_value", "scopes[0]"],
    ["a limit of 0", { rpm: 0 }, "invalid_value", "rpm"],
    ["a time that is over", { expires_at: "2020-01-01T00:00:00Z" }, "invalid_value", "expires_at"],
    ["a day as time", { expires_at: "2099-01-01" }, "invalid_value", "expires_at"],
    ["a budget per day", { budget: { amount_usd: 1, period: "day" } }, "invalid_value", "budget.period"],
    [
      "a negative budget",
      { budget: { amount_usd: -1, period: "total" } },
      "invalid_value",
      "budget.amount_usd",
    ],
    ["an unknown field", { admin: true }, "invalid_value", "admin"],
  ] as const)("but not with %s", async (_, change, code, param) => {
    expectRefusal(await manage("POST", "/keys", { name: "x", ...change }), { code, param });
  });
});

describe("a key is changed", () => {
  test("field by field, and nothing else", async () => {
    const { id } = await make();
    const changes = {
      name: "Renamed",
      model_pool: [SMALL],
      optimize_mode: "latency",
      region: "us-east",
      rpm: 5,
      budget: { amount_usd: 2, period: "total" },
    };
    let expected = (await manage("GET", `/keys/${id}`)).json;
    for (const [name, value] of Object.entries(changes)) {
      const answer = await manage("PATCH", `/keys/${id}`, { [name]: value });
      expected = { ...expected, [name]: value };
      expect([answer.status, answer.json]).toEqual([200, expected]);
    }
    const bare = { model_pool: null, optimize_mode: null, region: null, rpm: null, budget: null };
    expect((await manage("PATCH", `/keys/${id}`, bare)).json).toEqual({ ...expected, ...bare });
  });

  test.each(["scopes", "expires_at", "deployment", "key", "id", "nonsense"])("never %s", async (name) => {
    const { id } = await make();
    const answer = await manage("PATCH", `/keys/${id}`, { [name]: null });
    expectRefusal(answer, { code: "invalid_value", param: name });
  });
});

describe("a key is revoked", () => {
  test("for good, from the next request on", async () => {
    const { id, key } = await make();
    for (let turn = 0; turn < 3; turn++) expect((await infer(key)).status).toBe(200);
    const first = await manage("DELETE", `/keys/${id}`);
    expect([first.status, first.json.revoked_at]).toEqual([200, TIME]);
    expectRefusal(await infer(key), { code: "key_revoked" });
    expectRefusal(await manage("GET", "/key", undefined, key), { code: "key_revoked" });
    const second = await manage("DELETE", `/keys/${id}`);
    expect([second.status, second.json]).toEqual([200, first.json]);
    await manage("PATCH", `/keys/${id}`, { name: "Lazarus" });
    expectRefusal(await infer(key), { code: "key_revoked" });
  });
});

describe("whose key it is", () => {
  test.each(["GET", "PATCH", "DELETE"])("%s of another account's key, or of none → 404", async (method) => {
    const other = await openAccount(demo);
    const theirs = (await manage("GET", "/keys", undefined, other.managementKey)).json.data as Made[]; // rows of keys
    for (const id of [theirs[0]?.id, "key_00000000", "nonsense", "__proto__"]) {
      const answer = await manage(method, `/keys/${id}`, method === "PATCH" ? { name: "x" } : undefined);
      expectRefusal(answer, { code: "not_found" });
    }
    expect((await infer(other.apiKey)).status).toBe(200);
  });

  test("GET /key shows a key to itself, whatever its scopes", async () => {
    const { id, key } = await make({ scopes: ["jobs"] });
    const { json } = await manage("GET", "/key", undefined, key);
    expect(json).toMatchObject({ id, scopes: ["jobs"], limits: { plan: "enterprise", rpm: null } });
    expect(json).not.toHaveProperty("key");
  });
});

describe("scopes", () => {
  const messages = [{ role: "user", content: "x" }];
  const DOORS: readonly (readonly [scope: string, method: string, path: string, body: object | undefined])[] =
    [
      ["inference", "POST", "/chat/completions", { model: SMALL, max_tokens: 1, messages }],
      ["inference", "POST", "/route", { model: "auto", messages }],
      ["keys:read", "GET", "/keys", undefined],
      ["keys:write", "POST", "/keys", { name: "child", scopes: ["keys:write"] }],
      ["billing:read", "GET", "/credits", undefined],
      ["billing:read", "GET", "/credits/transactions", undefined],
    ];
  const ALL = [
    "inference",
    "jobs",
    "usage:read",
    "keys:read",
    "keys:write",
    "billing:read",
    "deployments:write",
  ];

  test.each(DOORS)("%s alone opens %s %s", async (scope, method, path, body) => {
    const having = await make({ scopes: [scope] });
    expect((await manage(method, path, body, having.key)).status).toBeLessThan(300);
    const lacking = await make({ scopes: ALL.filter((one) => one !== scope) });
    expectRefusal(await manage(method, path, body, lacking.key), { code: "scope_missing" });
  });

  test("nobody grants what they do not have", async () => {
    const { key } = await make({ scopes: ["keys:write", "inference"] });
    const refused = await manage(
      "POST",
      "/keys",
      { name: "more", scopes: ["inference", "billing:read"] },
      key,
    );
    expectRefusal(refused, { code: "scope_missing", param: "scopes" });
    expect((await manage("POST", "/keys", { name: "less", scopes: ["inference"] }, key)).status).toBe(201);
  });
});

describe("settings of a key speak for requests that say nothing", () => {
  const POOL = ["Qwen/Qwen3-14B", "meta-llama/Meta-Llama-3-8B-Instruct"];

  test("pool, by name and pattern", async () => {
    const named = await make({ model_pool: [POOL[1]] });
    expect(modelOf(await infer(named.key))).toBe(POOL[1]);
    const pattern = await make({ model_pool: ["meta-llama/*"] });
    expect(modelOf(await infer(pattern.key))).toMatch(/^meta-llama\//);
    // A request narrows the pool further.
    const narrowed = { routing: { model_pool: ["meta-llama/Llama-3.3-70B-Instruct"] } };
    expect(modelOf(await infer(pattern.key, narrowed))).toBe("meta-llama/Llama-3.3-70B-Instruct");
  });

  test.each(["quality", "cost", "latency", "balanced"])(
    "mode %s, unless the request has its own",
    async (mode) => {
      const { key } = await make({ optimize_mode: mode });
      const question = { model: "auto", messages: [{ role: "user", content: "Hello" }] };
      const optimize = async (routing: object) =>
        (await manage("POST", "/route", { ...question, routing }, key)).json.optimize;
      expect(await optimize({})).toBe(mode);
      expect(await optimize({ optimize: "cost" })).toBe("cost");
      const own = await infer(account.apiKey, { routing: { optimize: mode } });
      expect(modelOf(await infer(key))).toBe(modelOf(own));
    },
  );

  test.each(["us-east", "eu-west", "ap-south"])("region %s", async (region) => {
    const { key } = await make({ region });
    expect(regionOf(await infer(key))).toBe(region);
    expect(regionOf(await infer(key, { model: SMALL }))).toBe(region);
  });

  test("a change counts from the next request on, however often the key was used before", async () => {
    const { id, key } = await make({ model_pool: [POOL[0]], region: "us-east" });
    for (let turn = 0; turn < 3; turn++) {
      for (const [pool, region] of [
        [POOL[1], "eu-west"],
        [POOL[0], "us-east"],
      ]) {
        await manage("PATCH", `/keys/${id}`, { model_pool: [pool], region });
        const answer = await infer(key);
        expect([modelOf(answer), regionOf(answer)]).toEqual([pool, region]);
      }
      const outside = await infer(key, { model: POOL[1] });
      expectRefusal(outside, { code: "model_forbidden", param: "model" });
    }
  });

  test("budget: spent to the end, told, and raised", async () => {
    const { id, key } = await make({ budget: { amount_usd: 0.00001, period: "total" } });
    let spent = 0;
    let last = await infer(key, { model: SMALL });
    for (let turn = 0; turn < 20 && last.status === 200; turn++) {
      spent += Number(last.headers.get("x-inferroute-cost-usd"));
      last = await infer(key, { model: SMALL });
    }
    expectRefusal(last, { code: "budget_exceeded" });
    await settledCredits(demo, account.managementKey);
    const shown = await manage("GET", `/keys/${id}`);
    expect(shown.json.spent_usd).toBeCloseTo(spent, 6);
    expect(shown.json.last_used_at).toEqual(TIME);
    await manage("PATCH", `/keys/${id}`, { budget: null });
    expect((await infer(key, { model: SMALL })).status).toBe(200);
  });
});
