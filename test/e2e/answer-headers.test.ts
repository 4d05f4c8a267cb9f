// What the headers of a good answer say: whose it is, where it was made, what it cost, what is left.
import { beforeAll, describe, expect, inject, test } from "vitest";
import { openAccount, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { GOOD_BODY } from "../support/bad-inputs.ts";
import { SMALL } from "../support/router.ts";

const demo = inject("demo");
const REGIONS = demo.simulators.map(({ region }) => region);

let pro: TestAccount;
beforeAll(async () => {
  pro = await openAccount(demo, { plan: "pro" });
});

interface Call {
  readonly path?: string;
  readonly key?: string;
  readonly change?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

async function call({ path = "/v1/chat/completions", key = pro.apiKey, change = {}, headers = {} }: Call) {
  const good = path.endsWith("/embeddings") ? GOOD_BODY["/embeddings"] : GOOD_BODY["/chat/completions"];
  const answer = await ask({ baseUrl: demo.base_url, path, key, headers, body: { ...good, ...change } });
  expect(answer.status, answer.text).toBe(200);
  return answer;
}

const headersOf = (answer: Answer) => Object.fromEntries(answer.headers);
const USD = /^\d+\.\d{6}$/;

describe("every answer", () => {
  test.each([
    ["whole chat", {}],
    ["streamed chat", { change: { stream: true } }],
    ["whole smart chat", { change: { model: "auto" } }],
    ["embeddings", { path: "/v1/embeddings" }],
  ] as const)("%s names request, model, place, attempts and hold", async (_, what) => {
    const answer = await call(what);
    expect(headersOf(answer)).toMatchObject({
      "x-request-id": expect.stringMatching(/^req_[0-9A-Za-z]{22}$/),
      "x-inferroute-model": expect.stringMatching(/^[\w.-]+\/[\w.-]+$/),
      "x-inferroute-region": expect.toBeOneOf(REGIONS),
      "x-inferroute-origin": expect.stringMatching(/^[\w-]+$/),
      "x-inferroute-attempts": "1",
      "x-inferroute-reserved-usd": expect.stringMatching(USD),
      "x-inferroute-overhead-ms": expect.stringMatching(/^\d+$/),
      "server-timing": expect.stringMatching(/(^|, )admit;dur=\d+, origin;dur=\d+, total;dur=\d+$/),
      "x-ratelimit-limit-requests": "1000",
      "x-ratelimit-remaining-requests": expect.stringMatching(/^9\d\d$/),
      "x-ratelimit-reset-requests": expect.stringMatching(/^(1m)?[\d.]+m?s$/),
      "x-ratelimit-limit-tokens": "2000000",
      "x-ratelimit-remaining-tokens": expect.stringMatching(/^19\d{5}$/),
      "x-ratelimit-reset-tokens": expect.stringMatching(/^(1m)?[\d.]+m?s$/),
      "ratelimit-policy": '"rpm";q=1000;w=60, "tpm";q=2000000;w=60',
      ratelimit: expect.stringMatching(/^"rpm";r=9\d\d;t=\d+, "tpm";r=19\d{5};t=\d+$/),
      "access-control-allow-origin": "*",
      "access-control-expose-headers": "*",
    });
    // Nothing of the origin's own headers.
    expect(answer.headers.get("server")).toBeNull();
  });

  test("remaining requests count down", async () => {
    const first = await call({});
    const second = await call({});
    const left = [first, second].map(({ headers }) => Number(headers.get("x-ratelimit-remaining-requests")));
    expect(left[1]).toBe((left[0] ?? 0) - 1);
  });

  test("an unlimited account is told no limits", async () => {
    const names = [...(await call({ key: demo.api_key })).headers.keys()];
    expect(names.filter((name) => name.includes("ratelimit"))).toEqual([]);
  });
});

describe("whole and streamed", () => {
  test("a whole answer says what it cost; a stream cannot know yet", async () => {
    const whole = await call({});
    expect(headersOf(whole)).toMatchObject({
      "x-inferroute-cost-usd": expect.stringMatching(USD),
      "content-type": "application/json",
    });
    const cost = Number(whole.headers.get("x-inferroute-cost-usd"));
    expect(cost).toBeGreaterThan(0);
    expect(cost).toBeLessThanOrEqual(Number(whole.headers.get("x-inferroute-reserved-usd")));
    expect((await call({ change: { stream: true } })).headers.has("x-inferroute-cost-usd")).toBe(false);
  });

  test("a stream is one that no proxy keeps or changes", async () => {
    expect(headersOf(await call({ change: { stream: true } }))).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
    });
  });
});

describe("routing", () => {
  const ROUTING = ["task", "complexity", "confidence", "reason", "decision-id"];
  const routing = ({ headers }: Answer) => ROUTING.map((name) => headers.get(`x-inferroute-${name}`));

  test.each([true, false])("a smart-routed call says why (stream: %s)", async (stream) => {
    const answer = await call({
      change: {
        model: "auto",
        stream,
        messages: [{ role: "user", content: "Write a Python function to sort a list" }],
      },
    });
    expect(routing(answer)).toEqual([
      "code_generation",
      expect.toBeOneOf(["simple", "medium", "complex"]),
      expect.stringMatching(/^(0\.\d\d|1\.00)$/),
      expect.stringMatching(/^[\x20-\x7e]+$/),
      answer.headers.get("x-request-id")?.replace("req_", "rt_"),
    ]);
  });

  test("a call that names its model says nothing of it", async () => {
    const answer = await call({});
    expect(routing(answer)).toEqual([null, null, null, null, null]);
    expect(answer.headers.get("x-inferroute-model")).toBe(SMALL);
  });

  test("an alias is answered under the model's own name", async () => {
    const answer = await call({ change: { model: "qwen3-4b" } });
    expect(answer.headers.get("x-inferroute-model")).toBe(SMALL);
    expect(answer.json.model).toBe(SMALL);
  });
});

describe("the caller's own request id", () => {
  test.each(["abc", "A_b-9", "x".repeat(64)])("%s comes back", async (id) => {
    const { headers } = await call({ headers: { "x-client-request-id": id } });
    expect(headers.get("x-client-request-id")).toBe(id);
    expect(headers.get("x-request-id")).not.toBe(id);
  });

  test.each(["", "a b", "a;b", "a.b", "x".repeat(65)])("%s does not", async (id) => {
    const { headers } = await call({ headers: { "x-client-request-id": id } });
    expect(headers.has("x-client-request-id")).toBe(false);
  });
});
