// The operators' door: accounts, credits, the catalog and its versions, and what is told of origins.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { creditsOf, openAccount, operate } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { expectRefusal } from "../support/refusals.ts";
import { SMALL } from "../support/router.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { simulators } from "../support/simulators.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => void (await server.stop()));

const op = (method: string, path: string, body?: object) => operate(server.demo, method, path, body);
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);

async function infer(key: string, change: object = {}): Promise<Answer> {
  const body = { model: SMALL, max_tokens: 4, messages: [{ role: "user", content: "x" }], ...change };
  return await ask({ baseUrl: server.baseUrl, path: "/v1/chat/completions", key, body });
}

describe("the token", () => {
  const DOORS = [
    ["GET", "/accounts"],
    ["POST", "/accounts"],
    ["PATCH", "/accounts/acct_00000000000"],
    ["POST", "/accounts/acct_00000000000/credits"],
    ["POST", "/accounts/acct_00000000000/management-key"],
    ["GET", "/catalog"],
    ["PUT", "/catalog"],
    ["GET", "/catalog/versions"],
    ["POST", "/catalog/rollback"],
    ["GET", "/origins"],
    ["GET", "/audit"],
    ["DELETE", "/accounts/acct_00000000000"],
  ] as const;

  test.each(DOORS)("%s %s opens to nothing else", async (method, path) => {
    const wrong = [server.demo.management_key, `${server.demo.admin_token}x`, "x"];
    const call = { baseUrl: server.baseUrl, path: `/api/v1/admin${path}`, method };
    const body = method === "GET" ? {} : { body: {} };
    for (const key of wrong) expectRefusal(await ask({ ...call, ...body, key }), { code: "invalid_api_key" });
    expectRefusal(await ask({ ...call, ...body }), { code: "missing_api_key" });
  });
});

describe("accounts", () => {
  test("are opened with a management key that has every scope", async () => {
    const opened = await op("POST", "/accounts", { name: "Ada & Söhne", plan: "team", jurisdiction: "eu" });
    expect(opened.status).toBe(201);
    expect(opened.headers.get("cache-control")).toBe("no-store");
    expect(opened.json).toEqual({
      account_id: expect.stringMatching(/^acct_[0-9A-Za-z]{11}$/),
      slug: expect.stringMatching(/^ada-sohne/),
      management_key: expect.stringMatching(/^inf_/),
    });
    const key = String(opened.json.management_key);
    const own = await ask({ baseUrl: server.baseUrl, path: "/api/v1/inference/key", key });
    expect(own.json).toMatchObject({ limits: { plan: "team", rpm: 5_000 } });
    expect(own.json.scopes).toHaveLength(7);
    expectRefusal(await infer(key), { code: "insufficient_credits" });
  });

  test.each([
    ["no name", { name: undefined }, "missing_required_parameter", "name"],
    ["a long name", { name: "x".repeat(101) }, "invalid_value", "name"],
    ["an unknown plan", { plan: "gold" }, "invalid_value", "plan"],
    ["an unknown jurisdiction", { jurisdiction: "moon" }, "invalid_value", "jurisdiction"],
    ["an unknown field", { credits: 5 }, "invalid_value", "credits"],
  ] as const)("are not opened with %s", async (_, change, code, param) => {
    expectRefusal(await op("POST", "/accounts", { name: "x", plan: "free", ...change }), { code, param });
  });

  test("two of one name have two slugs; one subject has one account", async () => {
    const body = { name: "Twin", plan: "free" };
    const twins = await Promise.all([op("POST", "/accounts", body), op("POST", "/accounts", body)]);
    expect(new Set(twins.map(({ json }) => json.slug)).size).toBe(2);
    const subject = { ...body, subject: "auth0|7" };
    expect((await op("POST", "/accounts", subject)).status).toBe(201);
    expectRefusal(await op("POST", "/accounts", subject), { code: "invalid_value", param: "subject" });
  });

  test("are listed in pages", async () => {
    for (let i = 0; i < 3; i++) await op("POST", "/accounts", { name: `Listed ${i}`, plan: "free" });
    const whole = (await op("GET", "/accounts?limit=200")).json.data as { account_id: string }[]; // rows of accounts
    expect(whole[0]).toEqual({
      account_id: expect.any(String),
      slug: expect.any(String),
      name: expect.any(String),
      plan: expect.any(String),
      status: "active",
      rpm: expect.toBeOneOf([100, 5_000, null]),
      tpm: expect.toBeOneOf([200_000, 10_000_000, null]),
      concurrency: expect.toBeOneOf([20, 1_000, null]),
      gpu_hours: expect.toBeOneOf([10, 500, null]),
      jurisdiction: expect.any(String),
      created_at: TIME,
    });
    const ids: string[] = [];
    let query = "?limit=2";
    for (let turns = 0; query !== "" && turns < 20; turns++) {
      const { data, next_cursor } = (await op("GET", `/accounts${query}`)).json;
      ids.push(...(data as typeof whole).map(({ account_id }) => account_id)); // rows of accounts
      query = next_cursor === null ? "" : `?limit=2&cursor=${next_cursor}`;
    }
    expect(ids).toEqual(whole.map(({ account_id }) => account_id));
    expectRefusal(await op("GET", "/accounts?limit=0"), { code: "invalid_value", param: "limit" });
  });

  test("are changed: plan and limits count from the next request on", async () => {
    const { accountId, apiKey } = await openAccount(server.demo, { plan: "pro" });
    const limit = async () => (await infer(apiKey)).headers.get("x-ratelimit-limit-requests");
    expect(await limit()).toBe("1000");
    const changed = await op("PATCH", `/accounts/${accountId}`, { plan: "free" });
    expect([changed.status, changed.json.plan, changed.json.rpm]).toEqual([200, "free", 100]);
    expect(await limit()).toBe("100");
    await op("PATCH", `/accounts/${accountId}`, { rpm: 7 });
    expect(await limit()).toBe("7");
    await op("PATCH", `/accounts/${accountId}`, { rpm: null });
    expect(await limit()).toBeNull();
    expectRefusal(await op("PATCH", `/accounts/${accountId}`, { plan: "gold" }), {
      code: "invalid_value",
      param: "plan",
    });
  });

  test("that do not exist → 404", async () => {
    for (const id of ["acct_00000000000", "nonsense", "__proto__"]) {
      expectRefusal(await op("PATCH", `/accounts/${id}`, { plan: "pro" }), { code: "not_found" });
      const deposit = { amount_usd: 1, reference: "r" };
      expectRefusal(await op("POST", `/accounts/${id}/credits`, deposit), { code: "not_found" });
      expectRefusal(await op("POST", `/accounts/${id}/management-key`), { code: "not_found" });
    }
  });

  test("get another management key when theirs is lost", async () => {
    const { accountId, managementKey } = await openAccount(server.demo);
    const made = await op("POST", `/accounts/${accountId}/management-key`);
    expect([made.status, made.headers.get("cache-control")]).toEqual([201, "no-store"]);
    expect(made.json).toMatchObject({ account_id: accountId, key_id: expect.stringMatching(/^key_/) });
    for (const key of [managementKey, String(made.json.management_key)]) {
      expect((await ask({ baseUrl: server.baseUrl, path: "/api/v1/inference/keys", key })).status).toBe(200);
    }
  });
});

describe("credits", () => {
  test("are given once a reference, however often and at once it is sent", async () => {
    const { accountId, managementKey } = await openAccount(server.demo, { creditsUsd: 0 });
    const give = (amount_usd: number, reference: string) =>
      op("POST", `/accounts/${accountId}/credits`, { amount_usd, reference });
    const answers = await Promise.all(Array.from({ length: 10 }, () => give(2.5, "invoice 1")));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(9).fill(200), 201]);
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(answers[0]?.json).toEqual({
      id: expect.any(String),
      kind: "deposit",
      amount_usd: 2.5,
      balance_after_usd: 2.5,
      reference: "invoice 1",
      request_id: null,
      created_at: TIME,
    });
    // The same reference is the same deposit, whatever else it says.
    expect((await give(9, "invoice 1")).json.amount_usd).toBe(2.5);
    expect((await give(0.000001, "invoice 2")).status).toBe(201);
    expect(await creditsOf(server.demo, managementKey)).toEqual({
      balance_usd: 2.500001,
      pending_usd: 0,
      available_usd: 2.500001,
    });
  });

  test.each([
    ["nothing", { amount_usd: 0 }, "amount_usd"],
    ["less than nothing", { amount_usd: -1 }, "amount_usd"],
    ["a fraction of a micro-dollar", { amount_usd: 0.0000001 }, "amount_usd"],
    ["text", { amount_usd: "5" }, "amount_usd"],
    ["a fortune", { amount_usd: 1e12 }, "amount_usd"],
    ["a debt", { amount_usd: -1e12 }, "amount_usd"],
    ["an empty reference", { reference: "" }, "reference"],
  ])("are not given: %s", async (_, change, param) => {
    const { account_id } = server.demo;
    const body = { amount_usd: 1, reference: "x", ...change };
    expectRefusal(await op("POST", `/accounts/${account_id}/credits`, body), {
      code: "invalid_value",
      param,
    });
  });
});

describe("the catalog", () => {
  interface Catalog {
    readonly models: readonly { readonly id: string }[];
    readonly origins: readonly { readonly id: string; readonly serves: readonly object[] }[];
  }
  // The operators' form of the catalog file.
  const shown = async () => (await op("GET", "/catalog")).json as unknown as Catalog;
  const listed = async () => {
    const { json } = await ask({ baseUrl: server.baseUrl, path: "/v1/models" });
    return (json.data as readonly { id: string }[]).map(({ id }) => id); // OpenAI's list
  };
  const untilListed = async (id: string, isListed: boolean) =>
    await expect
      .poll(async () => (await listed()).includes(id), { timeout: 10_000, interval: 100 })
      .toBe(isListed);

  test("what is shown can be put back; a change is seen within seconds; a rollback undoes it", async () => {
    const before = await shown();
    const first = Number((await op("GET", "/catalog")).headers.get("etag")?.replaceAll('"', ""));
    const same = await op("PUT", "/catalog", before);
    expect([same.status, same.json]).toEqual([200, { version: first + 1, created_at: TIME }]);
    expect(await shown()).toEqual(before);

    const model = {
      id: "new/model",
      task: "text-generation",
      price: { input_per_mtok: 1, output_per_mtok: 1 },
    };
    const origins = before.origins.map((origin) =>
      origin.id === "us-east-1"
        ? { ...origin, serves: [...origin.serves, { model: model.id, as: "qwen3-4b" }] }
        : origin,
    );
    const put = await op("PUT", "/catalog", { ...before, models: [...before.models, model], origins });
    expect(put.json.version).toBe(first + 2);
    await untilListed(model.id, true);

    const rolledBack = await op("POST", "/catalog/rollback", { version: first });
    expect(rolledBack.json.version).toBe(first + 3);
    expect(await shown()).toEqual(before);
    await untilListed(model.id, false);

    const versions = (await op("GET", "/catalog/versions?limit=2")).json;
    expect(versions.data).toEqual([
      { version: first + 3, created_at: TIME, actor: "operator" },
      { version: first + 2, created_at: TIME, actor: "operator" },
    ]);
    const older = (await op("GET", `/catalog/versions?cursor=${versions.next_cursor}`)).json;
    expect(older.data).toMatchObject([{ version: first + 1 }, { version: first }]);
  });

  test("is refused whole, with every fault and its place", async () => {
    const before = await shown();
    const answer = await op("PUT", "/catalog", {
      regions: [{ id: "here", moon: 1 }],
      models: [{ id: "health", task: "cooking", price: {} }],
      origins: [{ id: "o", region: "nowhere", kind: "openai-compatible", base_url: "ftp://x", serves: [] }],
    });
    expect(answer.status).toBe(400);
    const { error } = answer.json as { error: { faults: readonly { path: string; message: string }[] } }; // the form under test
    expect(error).toMatchObject({ code: "invalid_value", type: "invalid_request_error" });
    const paths = error.faults.map(({ path }) => path);
    for (const place of ["regions[0].moon", "models[0].task", "origins[0].base_url"])
      expect(paths).toContain(place);
    for (const { message } of error.faults) expect(message).toMatch(/\S/);
    expect(await shown()).toEqual(before);
    expect((await infer(server.demo.api_key)).status).toBe(200);
  });

  test.each([
    ["a version that never was", { version: 999_999 }, "not_found", "version"],
    ["no version", {}, "missing_required_parameter", "version"],
    ["text", { version: "1" }, "invalid_value", "version"],
  ] as const)("does not roll back to %s", async (_, body, code, param) => {
    expectRefusal(await op("POST", "/catalog/rollback", body), { code, param });
  });
});

describe("origins", () => {
  test("show health and nothing that leads to them", async () => {
    // Of a whole answer nobody can tell when its first token was ready.
    const asked = { routing: { region: "us-east" }, stream: true };
    expect((await infer(server.demo.api_key, asked)).status).toBe(200);
    const answer = await op("GET", "/origins");
    const rows = answer.json.data as readonly { id: string; models: readonly object[] }[]; // the form under test
    const row = rows.find(({ id }) => id === "us-east-1");
    expect(row).toMatchObject({ object: "origin", region: "us-east", kind: "openai-compatible" });
    expect(row?.models).toContainEqual(
      expect.objectContaining({ model: SMALL, status: "ok", ttft_ms: expect.any(Number), in_flight: 0 }),
    );
    const [seen] = (await simulators(server.demo, ["us-east"]).requests()).filter(
      ({ method }) => method === "POST",
    );
    const secret = String(seen?.headers.authorization).replace("Bearer ", "");
    expect(secret.length).toBeGreaterThan(10);
    for (const word of ["127.0.0.1", "http", "base_url", "secret", "ORIGIN_KEY", secret]) {
      expect(answer.text).not.toContain(word);
    }
  });

  test("a region that fails is shown to", async () => {
    await simulators(server.demo, ["eu-west"]).fault({ kind: "status_500" });
    for (let turn = 0; turn < 2; turn++) await infer(server.demo.api_key, { routing: { region: "eu-west" } });
    const rows = (await op("GET", "/origins")).json.data as readonly {
      id: string;
      models: readonly object[];
    }[]; // as above
    expect(rows.find(({ id }) => id === "eu-west-1")?.models).toContainEqual(
      expect.objectContaining({ model: SMALL, status: "suspect" }),
    );
  });
});
