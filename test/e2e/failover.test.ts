// Origins that fail: another one answers where it may, and where it may not the caller gets one true error and
// pays nothing.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeKey, openAccount, settledCredits, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { catalogFile, withModels } from "../support/catalog-file.ts";
import { choicesOf, readEvents, terminalOf, textOf } from "../support/events.ts";
import { ENDS_BOTH_WAYS, FAULTS_BOTH_WAYS } from "../support/origin-faults.ts";
import { expectRefusal, expectRetryAfter } from "../support/refusals.ts";
import { SMALL } from "../support/router.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type RequestEntry, type Simulators, simulators } from "../support/simulators.ts";
import { untilAnswered } from "../support/until-answered.ts";

/** Its origins have 0.7 s to begin, and between two frames. */
const HASTY = "Qwen/Qwen2.5-7B-Instruct";
/** Its origins may begin after the status of a stream has gone out. */
const PATIENT = "Qwen/Qwen3-14B";
const COLD = "meta-llama/Meta-Llama-3-8B-Instruct";

const catalog = catalogFile(
  withModels({
    [HASTY]: { timeouts: { ttft_ms: 700, idle_ms: 700, total_ms: 20_000 } },
    [PATIENT]: { timeouts: { ttft_ms: 6_000, idle_ms: 6_000, total_ms: 20_000 } },
  }),
);

let server: TestServer;
let sims: Simulators;
let account: TestAccount;

beforeAll(async () => {
  server = await startServer({ env: { CATALOG_FILE: catalog.path } });
  sims = simulators(server.demo);
  account = await openAccount(server.demo);
});
afterAll(async () => {
  await server.stop();
  catalog.remove();
});
beforeEach(async () => {
  await sims.reset();
  await sims.timing({ scale: 0 });
  for (const region of ["us-east", "eu-west", "ap-south"])
    await untilAnswered(() => send({ stream: false, change: { routing: { region } } }));
  await sims.reset();
});

interface Call {
  readonly stream: boolean;
  readonly model?: string;
  readonly base?: string;
  readonly key?: string;
  readonly change?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send({
  stream,
  model = SMALL,
  base = "/v1",
  key,
  change = {},
  headers = {},
}: Call): Promise<Answer> {
  const messages = [{ role: "user", content: "Tell a story" }];
  return await ask({
    baseUrl: server.baseUrl,
    path: `${base}/chat/completions`,
    key: key ?? account.apiKey,
    headers,
    body: { model, stream, max_tokens: 10, ignore_eos: true, messages, ...change },
  });
}

const creditsOf = () => settledCredits(server.demo, account.managementKey);
const regionOf = (answer: Answer) => answer.headers.get("x-inferroute-region") ?? "";

async function attemptsOf(answer: Answer, regions?: readonly string[]): Promise<readonly RequestEntry[]> {
  const id = answer.headers.get("x-request-id");
  const seen = await simulators(server.demo, regions).requests();
  return seen.filter(({ headers }) => headers["x-request-id"] === id);
}

/** The answer of a call whose first origin had this fault. */
async function sendIntoFault(fault: object, call: Call) {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    await sims.reset();
    const faulty = regionOf(await send(call));
    await simulators(server.demo, [faulty]).fault(fault);
    const { balance_usd: balanceBefore } = await creditsOf();
    const answer = await send(call);
    if ((await attemptsOf(answer, [faulty])).length > 0) return { answer, faulty, balanceBefore };
  }
  throw new Error("the faulty region was never asked");
}

/** Routing may change its mind between two calls, but not for ever. */
const MAX_TURNS = 10;

function expectWhole(answer: Answer, stream: boolean): void {
  expect(answer.status, answer.text).toBe(200);
  if (!stream) {
    expect(answer.json).toMatchObject({
      choices: [{ finish_reason: "length" }],
      usage: { completion_tokens: 10 },
    });
    return;
  }
  const events = readEvents(answer.text);
  expect(terminalOf(events)).toBe("done");
  expect(events.flatMap(choicesOf).map(({ finish_reason }) => finish_reason)).toContain("length");
}

describe("another region answers", () => {
  test.each(FAULTS_BOTH_WAYS)("$kind (stream: $stream)", async ({ stream, ...fault }) => {
    const { answer, faulty } = await sendIntoFault(fault, { stream });
    expectWhole(answer, stream);
    expect(answer.headers.get("x-inferroute-attempts")).toBe("2");
    expect(regionOf(answer)).not.toBe(faulty);
    expect(await attemptsOf(answer, [faulty])).toHaveLength(1);
  });

  test.each([true, false])("an origin that does not begin in its time (stream: %s)", async (stream) => {
    const change = { max_tokens: 1 };
    const { answer, faulty } = await sendIntoFault({ kind: "hang" }, { stream, model: HASTY, change });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-inferroute-attempts")).toBe("2");
    expect(regionOf(answer)).not.toBe(faulty);
  });

  test("behind a timed commit, where no content was sent yet", async () => {
    const call = { stream: true, model: PATIENT };
    const { answer, faulty } = await sendIntoFault({ kind: "hang_after_headers" }, call);
    expectWhole(answer, true);
    // The headers name who was asked when they went out.
    expect(regionOf(answer)).toBe(faulty);
    expect((answer.headersAtMs - answer.startedAtMs) / 1_000).toBeCloseTo(5, 0);
    expect(await attemptsOf(answer)).toHaveLength(2);
    const models = new Set(
      readEvents(answer.text).flatMap(({ json }) => (json === null ? [] : [json.model])),
    );
    expect([...models]).toEqual([PATIENT]);
  });

  test("what answered is paid, once", async () => {
    const call = { stream: false, change: { max_tokens: 400 } };
    const { answer, balanceBefore } = await sendIntoFault({ kind: "status_500" }, call);
    const cost = Number(answer.headers.get("x-inferroute-cost-usd"));
    expect(cost).toBeGreaterThan(0.00001);
    expect(balanceBefore - (await creditsOf()).balance_usd).toBeCloseTo(cost, 6);
  });
});

describe("nobody answers: one error, and nothing is paid", () => {
  test.each(ENDS_BOTH_WAYS)(
    "$fault everywhere (stream: $stream) → $code",
    async ({ fault, stream, code }) => {
      await sims.fault(fault);
      const before = await creditsOf();
      const answer = await send({ stream });
      expectRefusal(answer, { code });
      if (code === "overloaded") expectRetryAfter(answer);
      expect((await attemptsOf(answer)).length).toBeGreaterThanOrEqual(2);
      expect((await attemptsOf(answer)).length).toBeLessThanOrEqual(3);
      expect(await creditsOf()).toEqual(before);
    },
  );

  test.each(ENDS_BOTH_WAYS)(
    "$fault without fallback (stream: $stream) → $code after one attempt",
    async ({ fault, stream, code }) => {
      await sims.fault(fault);
      const before = await creditsOf();
      const answer = await send({ stream, change: { routing: { fallback: false } } });
      expectRefusal(answer, { code });
      expect(await attemptsOf(answer)).toHaveLength(1);
      expect(await creditsOf()).toEqual(before);
    },
  );

  test.each([true, false])("an origin's own wait is passed on (stream: %s)", async (stream) => {
    await sims.fault({ kind: "status_429", retry_after: "7" });
    const answer = await send({ stream });
    expect(expectRetryAfter(answer)).toBe(7_000);
  });

  test.each([
    ["/api/v1/inference", 502],
    ["/v1", 503],
    ["/v1/openai", 503],
  ] as const)("a cold model on %s → %i with a wait", async (base, status) => {
    await sims.fault({ kind: "loading" });
    const before = await creditsOf();
    for (const stream of [true, false]) {
      const answer = await send({ stream, base, model: COLD });
      expectRefusal(answer, { code: "model_loading", status });
      expect(expectRetryAfter(answer)).toBeGreaterThan(0);
    }
    expect(await creditsOf()).toEqual(before);
  });

  test.each([
    ["hang", true],
    ["hang", false],
    ["hang_after_headers", true],
    ["hang_after_headers", false],
  ] as const)("%s until the caller's own time is over (stream: %s) → 504", async (kind, stream) => {
    await sims.fault({ kind });
    const before = await creditsOf();
    const answer = await send({ stream, headers: { "x-timeout-ms": "700" } });
    expectRefusal(answer, { code: "upstream_timeout" });
    const tookMs = answer.headersAtMs - answer.startedAtMs;
    expect(tookMs).toBeGreaterThan(690);
    expect(tookMs).toBeLessThan(1_700);
    expect(await creditsOf()).toEqual(before);
    // And the origins were let go.
    const isOver = async () => (await attemptsOf(answer)).every(({ outcome }) => outcome !== "running");
    await expect.poll(isOver, { timeout: 2_000 }).toBe(true);
  });
});

describe("a region pin", () => {
  const PIN = "eu-west";
  const byKey = async () => (await makeKey(server.demo, account.managementKey, { region: PIN })).apiKey;
  const pins: readonly (readonly [string, () => Promise<Omit<Call, "stream">>])[] = [
    ["by body", async () => ({ change: { routing: { region: PIN } } })],
    ["by header", async () => ({ headers: { "x-region": PIN } })],
    ["by key", async () => ({ key: await byKey() })],
    [
      "by body over the header",
      async () => ({ headers: { "x-region": "us-east" }, change: { routing: { region: PIN } } }),
    ],
  ];

  test.each(pins)("%s: every attempt stays inside", async (_, pin) => {
    const call = await pin();
    for (const stream of [true, false]) {
      for (const model of [SMALL, "auto"]) {
        const good = await send({ stream, model, ...call });
        expect([good.status, regionOf(good)]).toEqual([200, PIN]);
      }
      const twice = { kind: "refuse", count: 2 };
      await simulators(server.demo, [PIN]).fault(twice);
      const retried = await send({ stream, ...call });
      expect(retried.status === 200 ? regionOf(retried) : retried.status).toBeOneOf([PIN, 503]);
      await sims.reset();
      await simulators(server.demo, [PIN]).fault({ kind: "status_500" });
      await send({ stream, ...call });
      const elsewhere =
        (await sims.requests()).length - (await simulators(server.demo, [PIN]).requests()).length;
      expect(elsewhere).toBe(0);
      await sims.reset();
    }
  });

  test.each(pins)("%s: a region that is down → 503 that names it", async (_, pin) => {
    const call = await pin();
    await simulators(server.demo, [PIN]).fault({ kind: "refuse" });
    const before = await creditsOf();
    for (const stream of [true, false]) {
      for (const model of [SMALL, "auto"]) {
        const answer = await send({ stream, model, ...call });
        expectRefusal(answer, { code: "region_unavailable" });
        expectRetryAfter(answer);
        expect(answer.text).toContain(PIN);
      }
    }
    const elsewhere =
      (await sims.requests()).length - (await simulators(server.demo, [PIN]).requests()).length;
    expect(elsewhere).toBe(0);
    expect(await creditsOf()).toEqual(before);
  });
});

describe("wherever a stream dies, it never ends as if it were whole", () => {
  const CUTS = [1, 60, 180, 250, 400, 700, 1_000, 1_500, 2_000, 2_200, 2_400, 2_600, 3_000];
  test.each(["die", "end"].flatMap((kind) => CUTS.map((after_bytes) => ({ kind, after_bytes }))))(
    "$kind after $after_bytes bytes",
    async (fault) => {
      const full = textOf(readEvents((await send({ stream: true })).text));
      await sims.fault(fault);
      const answer = await send({ stream: true });
      if (answer.status !== 200) {
        expectRefusal(answer, { code: "upstream_disconnected" });
        return;
      }
      const events = readEvents(answer.text);
      const isDone = terminalOf(events) === "done";
      const isFinished = events.flatMap(choicesOf).some(({ finish_reason }) => finish_reason === "length");
      expect(isDone).toBe(isFinished);
      if (isDone) expect(textOf(events)).toBe(full);
      else expect(full.startsWith(textOf(events))).toBe(true);
    },
  );

  test("falling silent is a death too", async () => {
    await sims.fault({ kind: "slow", factor: 300 });
    await sims.timing({ scale: 1 });
    const events = readEvents((await send({ stream: true, model: HASTY })).text);
    expect(terminalOf(events)).toBe("error");
    expect(events.at(-1)?.json?.error).toMatchObject({ code: "upstream_timeout" });
  });
});
