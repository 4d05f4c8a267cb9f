// Idempotency-Key on inference: the same request gets the same answer, once paid, however often it comes.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openAccount, settledCredits, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { rawCall } from "../support/raw-caller.ts";
import { expectRefusal, expectRetryAfter } from "../support/refusals.ts";
import { SMALL } from "../support/router.ts";
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
  account = await openAccount(server.demo);
});

const PATH = "/v1/chat/completions";
const BODY = { model: SMALL, max_tokens: 20, messages: [{ role: "user", content: "Tell a story" }] };

interface Sending {
  readonly key?: string;
  readonly change?: object;
  readonly path?: string;
  readonly apiKey?: string;
}

async function send({ key = "k-1", change = {}, path = PATH, apiKey }: Sending = {}): Promise<Answer> {
  return await ask({
    baseUrl: server.baseUrl,
    path,
    key: apiKey ?? account.apiKey,
    headers: { "idempotency-key": key },
    body: { ...BODY, ...change },
  });
}

const idOf = (answer: Answer) => answer.headers.get("x-request-id");

async function originCalls(): Promise<number> {
  return (await sims.requests()).filter(({ method, path }) => method === "POST" && path.includes("/chat/"))
    .length;
}

interface Entry {
  readonly kind: string;
  readonly amount_usd: number;
  readonly request_id: string | null;
}

/** When all is settled, newest first. */
async function charges(): Promise<readonly Entry[]> {
  await settledCredits(server.demo, account.managementKey);
  return await chargesByNow();
}

async function chargesByNow(): Promise<readonly Entry[]> {
  const path = "/api/v1/inference/credits/transactions?limit=200";
  const { json } = await ask({ baseUrl: server.baseUrl, path, key: account.managementKey });
  // Rows of the form under test.
  return (json.data as readonly Entry[]).filter(({ kind }) => kind === "charge");
}

describe("a whole answer", () => {
  test("is sent again to whoever asks the same again, and made and paid once", async () => {
    const first = await send();
    const second = await send();
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.text).toBe(first.text);
    expect(await originCalls()).toBe(1);
    expect((await charges()).map(({ request_id }) => request_id)).toEqual([idOf(first)]);
  });

  test("says that it is a replay, whose, and under which request it was asked for again", async () => {
    const first = await send();
    const second = await send();
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(second.headers.get("x-inferroute-original-request-id")).toBe(idOf(first));
    expect(idOf(second)).toMatch(/^req_[0-9A-Za-z]{22}$/);
    expect(idOf(second)).not.toBe(idOf(first));
    for (const name of ["content-type", "x-inferroute-model", "x-inferroute-cost-usd"]) {
      expect(second.headers.get(name)).toBe(first.headers.get(name));
    }
    expect(second.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("is the same body, however it is spaced", async () => {
    const first = await send();
    const second = await ask({
      baseUrl: server.baseUrl,
      path: PATH,
      key: account.apiKey,
      headers: { "idempotency-key": "k-1", "content-type": "application/json" },
      body: JSON.stringify(BODY, null, 4),
    });
    expect(second.text).toBe(first.text);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
  });

  test("is there although the key has no request and no credit left", async () => {
    const { apiKey } = account;
    const first = await send({ apiKey });
    await ask({
      baseUrl: server.baseUrl,
      path: `/api/v1/admin/accounts/${account.accountId}`,
      method: "PATCH",
      key: server.demo.admin_token,
      body: { rpm: 1, concurrency: 1 },
    });
    const second = await send({ apiKey });
    expect(second.text).toBe(first.text);
  });

  test("survives a restart of everything", async () => {
    const first = await send();
    const before = await charges();
    server = await server.restart("SIGKILL");
    sims = simulators(server.demo);
    const second = await send();
    expect(second.text).toBe(first.text);
    expect(await originCalls()).toBe(0);
    expect(await chargesByNow()).toEqual(before);
  });

  test("of another account, endpoint or key is not given to this one", async () => {
    const stranger = await openAccount(server.demo);
    const answers = [
      await send(),
      await send({ apiKey: stranger.apiKey }),
      await send({ path: "/v1/openai/chat/completions" }),
      await send({ key: "k-2" }),
    ];
    expect(answers.map(({ headers }) => headers.get("idempotency-replayed"))).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(await originCalls()).toBe(4);
  });
});

describe("twenty at once with one key", () => {
  test("are one call of an origin and one charge; the others are told to come back", async () => {
    await sims.hold(true);
    const sent = Array.from({ length: 20 }, () => send());
    const waiting = Promise.all(sent);
    const refused: Answer[] = [];
    for (const each of sent) void each.then((answer) => refused.push(answer));
    await expect.poll(() => refused.length, { timeout: 10_000 }).toBe(19);
    for (const answer of refused) {
      expectRefusal(answer, { code: "in_progress" });
      expect(expectRetryAfter(answer)).toBe(1_000);
    }
    await sims.hold(false);
    const good = (await waiting).filter(({ status }) => status === 200);
    expect(good).toHaveLength(1);
    const again = await Promise.all(Array.from({ length: 20 }, () => send()));
    for (const answer of again) expect(answer.text).toBe(good[0]?.text);
    expect(await originCalls()).toBe(1);
    expect(await charges()).toHaveLength(1);
  });
});

describe("another body under the same key", () => {
  test("is refused while the first runs and when it is done, and costs nothing", async () => {
    await sims.hold(true);
    const first = send();
    await expect.poll(originCalls).toBe(1);
    expectRefusal(await send({ change: { max_tokens: 21 } }), { code: "key_reused" });
    await sims.hold(false);
    await first;
    expectRefusal(await send({ change: { temperature: 0 } }), { code: "key_reused" });
    expect(await originCalls()).toBe(1);
    expect(await charges()).toHaveLength(1);
  });
});

describe("a stream", () => {
  const streamed = { change: { stream: true } };

  test("is not kept: a repeat is told where its usage is, and is not paid again", async () => {
    const first = await send(streamed);
    expect(first.text).toMatch(/\[DONE\]\n\n$/);
    const second = await send(streamed);
    expectRefusal(second, { code: "stream_not_replayable" });
    expect(second.text).toContain(String(idOf(first)));
    expect(await originCalls()).toBe(1);
    expect(await charges()).toHaveLength(1);
  });

  test("that its caller left is not made again: what it produced was paid", async () => {
    const body = { ...BODY, stream: true, max_tokens: 2_000, ignore_eos: true };
    const caller = await rawCall({
      baseUrl: server.baseUrl,
      path: PATH,
      apiKey: account.apiKey,
      headers: { "idempotency-key": "k-1" },
      body,
    });
    await caller.until(/(data: [^\n]+\n\n[\s\S]*){3}/);
    caller.leave("RST");
    await expect
      .poll(async () => codeOf(await send({ change: { ...body } })), { timeout: 5_000 })
      .toBe("stream_not_replayable");
    expect(await charges()).toHaveLength(1);
  });
});

describe("a request that failed", () => {
  test("frees its key: the same request may be tried again, and is paid once it is answered", async () => {
    await sims.fault({ kind: "status_500" });
    const first = await send();
    expectRefusal(first, { code: "upstream_failed" });
    await sims.reset();
    const second = await send();
    expect(second.status).toBe(200);
    expect(second.headers.get("idempotency-replayed")).toBeNull();
    expect((await send()).text).toBe(second.text);
    expect((await charges()).map(({ request_id }) => request_id)).toEqual([idOf(second)]);
  });

  test("before it was let in claims nothing", async () => {
    expectRefusal(await send({ change: { max_tokens: 0 } }), { code: "invalid_value", param: "max_tokens" });
    expect((await send()).status).toBe(200);
  });
});

describe("a key that is none", () => {
  test.each(["two words", "x".repeat(256), "täglich"])("%s is refused by its name", async (key) => {
    expectRefusal(await send({ key }), { code: "invalid_value", param: "idempotency-key" });
    expect(await originCalls()).toBe(0);
  });
});

function codeOf({ json }: Answer): unknown {
  const { error } = json;
  return typeof error === "object" && error !== null && "code" in error ? error.code : null;
}
