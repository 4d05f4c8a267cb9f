// What stands before any field is read: content types, sizes and the JSON text itself.
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { openAccount, settledCredits, type TestAccount } from "../../support/accounts.ts";
import { type Answer, type Ask, ask } from "../../support/ask.ts";
import { GOOD_BODY } from "../../support/bad-inputs.ts";
import { exchangeBytes } from "../../support/raw-bytes.ts";
import { BASES, expectNoOriginCalled, expectNothingPaid, expectRefusal } from "../../support/refusals.ts";
import { SMALL } from "../../support/router.ts";
import { simulators } from "../../support/simulators.ts";

const demo = inject("demo");
const CREDITS_USD = 5;
const MIB = 1024 * 1024;
const GOOD = GOOD_BODY["/chat/completions"];
const JSON_TYPE = { "content-type": "application/json" };

/** One that is only ever refused, and one whose requests are answered. */
let account: TestAccount;
let payer: TestAccount;
beforeAll(async () => {
  account = await openAccount(demo, { creditsUsd: CREDITS_USD });
  payer = await openAccount(demo, { creditsUsd: CREDITS_USD });
});

const at = (path: string, more: Partial<Ask> = {}) => ask({ baseUrl: demo.base_url, path, ...more });
const chat = (more: Partial<Ask> = {}, base = "/v1") =>
  at(`${base}/chat/completions`, { key: account.apiKey, method: "POST", ...more });
const paidChat = (more: Partial<Ask>) => chat({ key: payer.apiKey, ...more });

async function expectRefusedAndForgotten(answers: readonly Answer[]): Promise<void> {
  await expectNoOriginCalled(demo, answers);
  await expectNothingPaid(demo, account, CREDITS_USD);
}

describe("content types and encodings", () => {
  const text = JSON.stringify(GOOD);
  test.each([
    ["no content type", {}],
    ["text/plain", { "content-type": "text/plain" }],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }],
    ["UTF-16", { "content-type": "application/json; charset=utf-16" }],
    ["a longer type", { "content-type": "application/jsonlines" }],
    ["gzip", { ...JSON_TYPE, "content-encoding": "gzip" }],
    ["two encodings", { ...JSON_TYPE, "content-encoding": "identity, gzip" }],
  ])("%s → 415", async (name, headers) => {
    const body = name === "gzip" ? gzipSync(text) : text;
    const answers = await Promise.all(BASES.map((base) => chat({ headers, body }, base)));
    for (const answer of answers) expectRefusal(answer, { code: "unsupported_media_type" });
    await expectRefusedAndForgotten(answers);
  });

  test.each([
    "application/json",
    "APPLICATION/JSON",
    "application/json;charset=UTF-8",
    'application/json; charset="utf-8"',
  ])("%s is JSON", async (type) => {
    const answer = await paidChat({ headers: { "content-type": type }, body: text });
    expect(answer.status).toBe(200);
  });
});

describe("sizes", () => {
  const filler = (bytes: number) => JSON.stringify({ ...GOOD, model: SMALL, prompt: "x".repeat(bytes) });

  test.each([
    ["/completions", 5 * MIB, "4 MiB"],
    ["/embeddings", 5 * MIB, "4 MiB"],
    ["/chat/completions", 25 * MIB, "24 MiB"],
  ])("%s with %i bytes, announced or not → 413 that names %s", async (path, bytes, limit) => {
    const what = { key: account.apiKey, headers: JSON_TYPE, body: filler(bytes) };
    const answers = await Promise.all([
      at(`/v1${path}`, what),
      at(`/v1${path}`, { ...what, framing: "chunked" }),
    ]);
    for (const answer of answers) {
      expectRefusal(answer, { code: "request_too_large" });
      expect(answer.text).toContain(limit);
    }
    await expectRefusedAndForgotten(answers);
  });

  test.each([
    ["/v1/completions", 5 * MIB, 413],
    ["/v1/chat/completions", 25 * MIB, 413],
    ["/v1/nope", 5 * MIB, 404],
    ["/v1/models", 5 * MIB, 405],
    ["/v1/chat/completions", 5 * MIB, 401],
  ])("%s: who writes %i bytes before reading is heard out and told %i", async (path, bytes, status) => {
    const key = status === 401 ? "inf_wrong" : account.apiKey;
    const body = filler(bytes);
    const lines = [
      `POST ${path} HTTP/1.1`,
      "host: router",
      "connection: close",
      `authorization: Bearer ${key}`,
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    const exchange = { lines, body, ending: "wait" } as const;
    const sent = Array.from({ length: 5 }, () => exchangeBytes(demo.base_url, exchange));
    for (const received of await Promise.all(sent)) expect(received.slice(0, 13)).toBe(`HTTP/1.1 ${status} `);
  });

  test("2,049 messages: the message names the limit", async () => {
    const answer = await chat({
      body: { ...GOOD, messages: Array(2_049).fill({ role: "user", content: "x" }) },
    });
    expect(answer.text).toMatch(/2,?048/);
  });
});

describe("JSON text", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const withField = (json: string) => JSON.stringify(GOOD).replace("{", `{"x":${json},`);

  test.each([
    ["empty", ""],
    ["cut off", '{"model":'],
    ["NaN", withField("NaN")],
    ["a comment", `/* hi */ ${JSON.stringify(GOOD)}`],
    ["single quotes", "{'model':'x'}"],
    ["two values", `${JSON.stringify(GOOD)}{}`],
    ["UTF-16 of a BOM", Buffer.from(`\ufeff${JSON.stringify(GOOD)}`, "utf16le")],
    [
      "invalid UTF-8",
      Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    ],
    [
      "an overlong slash",
      Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    ],
    ["65 levels", withField(nested(64))],
    ["100,000 levels", nested(100_000)],
  ])("%s → invalid_json", async (_, body) => {
    const answers = await Promise.all(BASES.map((base) => chat({ headers: JSON_TYPE, body }, base)));
    for (const answer of answers) expectRefusal(answer, { code: "invalid_json" });
    await expectRefusedAndForgotten(answers);
  });

  test.each(["null", "[]", '"str"', "5", "true"])("%s is no request", async (body) => {
    const answers = await Promise.all(BASES.map((base) => chat({ headers: JSON_TYPE, body }, base)));
    for (const answer of answers) expectRefusal(answer, { code: "invalid_value" });
    await expectRefusedAndForgotten(answers);
  });

  test("64 levels are not too deep", async () => {
    expect((await paidChat({ headers: JSON_TYPE, body: withField(nested(63)) })).status).toBe(200);
  });

  test("a byte order mark is skipped", async () => {
    expect((await paidChat({ headers: JSON_TYPE, body: `\ufeff${JSON.stringify(GOOD)}` })).status).toBe(200);
  });

  test("a body shorter than announced is the caller's fault", async () => {
    const lines = [
      "POST /v1/chat/completions HTTP/1.1",
      "host: router",
      "connection: close",
      `authorization: Bearer ${account.apiKey}`,
      "content-type: application/json",
      "content-length: 10000",
    ];
    const received = await exchangeBytes(demo.base_url, { lines, body: JSON.stringify(GOOD), ending: "end" });
    expect(received).toContain('"invalid_json"');
    expect(received).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe("what passes as it is", () => {
  /** The body the origin saw for this answer. */
  async function seenOf(answer: Answer): Promise<Record<string, unknown>> {
    const id = answer.headers.get("x-request-id");
    const entries = await simulators(demo).requests();
    const entry = entries.find(({ headers }) => headers["x-request-id"] === id);
    // What the router sends to origins is a JSON object.
    return entry?.body as Record<string, unknown>;
  }

  test("keys named like an object's ancestors are harmless and go on", async () => {
    const body = JSON.stringify(GOOD).replace(
      "{",
      '{"__proto__":{"stream":true,"polluted":1},"constructor":{"a":1},"prototype":[1],"hasOwnProperty":false,',
    );
    const answer = await paidChat({ headers: JSON_TYPE, body });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    const seen = await seenOf(answer);
    expect(JSON.stringify(seen)).toContain('"constructor":{"a":1},"prototype":[1],"hasOwnProperty":false');
    expect(Object.hasOwn(seen, "__proto__")).toBe(true);
    const after = await paidChat({ body: GOOD });
    expect(after.text).not.toContain("polluted");
  });

  test("a lone surrogate is taken", async () => {
    const body = JSON.stringify(GOOD).replace("Hello", "Hel\\ud800lo");
    expect((await paidChat({ headers: JSON_TYPE, body })).status).toBe(200);
  });

  test("unknown fields go on, ours do not", async () => {
    const ours = { routing: { optimize: "cost" }, models: ["Qwen/Qwen3-14B"], session_id: "s" };
    const theirs = {
      top_k: 5,
      min_p: 0.1,
      seed: 7,
      chat_template_kwargs: { enable_thinking: false },
      "x-new": [null],
    };
    const seen = await seenOf(await paidChat({ body: { ...GOOD, ...ours, ...theirs } }));
    expect(seen).toEqual({ ...GOOD, ...theirs, model: expect.any(String) });
  });

  test("an assistant's content may be null beside its tool calls", async () => {
    const call = { id: "call_1", type: "function", function: { name: "f", arguments: "{}" } };
    const messages = [
      { role: "user", content: "x" },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "call_1", content: "1" },
    ];
    const answer = await paidChat({ body: { ...GOOD, messages } });
    expect(answer.status).toBe(200);
    expect((await seenOf(answer)).messages).toEqual(messages);
  });

  test("what passed was paid", async () => {
    const { balance_usd } = await settledCredits(demo, payer.managementKey);
    expect(balance_usd).toBeLessThan(CREDITS_USD);
  });
});
