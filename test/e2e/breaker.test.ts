// What each fault of an origin, and each fault of a caller, does to the breakers, as operators see them. Every case
// has a model of its own, for breakers remember.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openAccount, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { catalogFile, defaultCatalog } from "../support/catalog-file.ts";
import { modelIn, originIn } from "../support/origin-rows.ts";
import { rawCall } from "../support/raw-caller.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type Simulators, simulators } from "../support/simulators.ts";

const REGION = "us-east";
const FAILURES_IN_ROW = 5;

interface Case {
  readonly fault: { readonly kind: string; readonly after_bytes?: number; readonly retry_after?: string };
  readonly breaker: "open" | "closed";
  readonly status?: string;
  readonly streams: readonly boolean[];
}

const BOTH = [true, false];
const CASES: readonly Case[] = [
  { fault: { kind: "status_500" }, breaker: "open", streams: BOTH },
  { fault: { kind: "status_503" }, breaker: "open", streams: BOTH },
  { fault: { kind: "garbage" }, breaker: "open", streams: BOTH },
  { fault: { kind: "hang" }, breaker: "open", streams: BOTH },
  { fault: { kind: "hang_after_headers" }, breaker: "open", streams: BOTH },
  { fault: { kind: "error_event", after_bytes: 0 }, breaker: "open", streams: [true] },
  { fault: { kind: "garbage_frame", after_bytes: 0 }, breaker: "open", streams: [true] },
  { fault: { kind: "end", after_bytes: 0 }, breaker: "open", streams: [true] },
  // Each began well: what broke is counted by itself.
  { fault: { kind: "die", after_bytes: 900 }, breaker: "open", streams: [true] },
  { fault: { kind: "end", after_bytes: 900 }, breaker: "open", streams: [true] },
  { fault: { kind: "error_event", after_bytes: 900 }, breaker: "open", streams: [true] },
  // Load and cold models are no faults of health.
  { fault: { kind: "status_429", retry_after: "1" }, breaker: "closed", streams: BOTH },
  { fault: { kind: "loading" }, breaker: "closed", status: "loading", streams: BOTH },
  // What is tolerated is no fault at all.
  { fault: { kind: "no_done" }, breaker: "closed", streams: [true] },
  { fault: { kind: "crlf" }, breaker: "closed", streams: [true] },
  { fault: { kind: "absurd_usage" }, breaker: "closed", streams: BOTH },
];
const ROWS = CASES.flatMap(({ streams, ...one }) => streams.map((stream) => ({ ...one, stream })));

/** The text model of the built-in catalog, again and again under other names. */
const ALIAS_OF = "Qwen/Qwen3-4B";
const modelOf = (n: number) => `test/case-${n}`;
const CALLER_CASE = modelOf(ROWS.length);

function manyModels() {
  const { models, origins, regions } = defaultCatalog();
  const ids = Array.from({ length: ROWS.length + 1 }, (_, n) => modelOf(n));
  const like = models.find(({ id }) => id === ALIAS_OF);
  const serves = ids.map((model, n) => ({ model, as: `case-${n}` }));
  return {
    regions,
    models: [...models, ...ids.map((id) => ({ ...like, id, aliases: [], ...timeoutsOf(id) }))],
    origins: origins.map((origin) => {
      if (origin.kind !== "openai-compatible") return origin;
      return { ...origin, serves: [...(origin.serves as object[]), ...serves] }; // rows as the file has them
    }),
  };
}

/** Those that hang are given up soon; nobody is who is only waited for. */
function timeoutsOf(id: string) {
  return id === CALLER_CASE ? {} : { timeouts: { ttft_ms: 300, idle_ms: 2_000, total_ms: 10_000 } };
}

const catalog = catalogFile(manyModels());
let server: TestServer;
let account: TestAccount;
let sims: Simulators;

beforeAll(async () => {
  server = await startServer({ env: { CATALOG_FILE: catalog.path } });
  sims = simulators(server.demo, [REGION]);
  account = await openAccount(server.demo);
});
afterAll(async () => {
  await server.stop();
  catalog.remove();
});
beforeEach(async () => {
  await simulators(server.demo).reset();
  await simulators(server.demo).timing({ scale: 0 });
});

async function send(model: string, stream: boolean, change: object = {}): Promise<Answer> {
  const messages = [{ role: "user", content: "Tell a story" }];
  const routing = { region: REGION, fallback: false };
  const body = { model, stream, max_tokens: 20, ignore_eos: true, messages, routing, ...change };
  return await ask({
    baseUrl: server.baseUrl,
    path: "/v1/chat/completions",
    key: account.apiKey,
    headers: { "x-timeout-ms": "5000" },
    body,
  });
}

describe(`after ${FAILURES_IN_ROW} in a row, each request tried once`, () => {
  test.each(ROWS.map((row, n) => ({ ...row, n })))(
    "$fault (stream: $stream) → $breaker, for the model alone",
    async ({ n, fault, stream, breaker, status }) => {
      const model = modelOf(n);
      await sims.fault({ ...fault, model: `case-${n}` });
      let last: Answer | null = null;
      for (let turn = 0; turn < FAILURES_IN_ROW; turn++) {
        const before = await modelIn(server.demo, REGION, model);
        expect(before.breaker, `before turn ${turn}`).toBe("closed");
        last = await send(model, stream);
      }
      const row = await modelIn(server.demo, REGION, model);
      expect(row, last?.text).toMatchObject({
        breaker,
        in_flight: 0,
        ...(status === undefined ? {} : { status }),
      });
      expect(row.reopens_at === null).toBe(breaker === "closed");
      expect((await originIn(server.demo, REGION)).breaker).toBe("closed");
      await sims.clearFaults();
      // It is the last of its pinned region: tried, answered, closed.
      const good = await send(model, stream);
      expect(good.status, good.text).toBe(200);
      expect(await modelIn(server.demo, REGION, model)).toMatchObject({ status: "ok", breaker: "closed" });
    },
  );
});

describe("what callers do", () => {
  test("nonsense and their own haste open nothing", async () => {
    for (let turn = 0; turn < 2 * FAILURES_IN_ROW; turn++) await send(CALLER_CASE, false, { top_p: 77 });
    expect(await modelIn(server.demo, REGION, CALLER_CASE)).toMatchObject({
      breaker: "closed",
      in_flight: 0,
    });
  });

  test("leaving opens nothing, and leaves nothing in flight", async () => {
    await sims.hold(true);
    for (let turn = 0; turn < 2 * FAILURES_IN_ROW; turn++) await leave(turn % 2 === 0);
    const row = () => modelIn(server.demo, REGION, CALLER_CASE);
    await expect.poll(async () => (await row()).in_flight, { timeout: 5_000 }).toBe(0);
    expect((await row()).breaker).toBe("closed");
  });
});

async function leave(stream: boolean): Promise<void> {
  const messages = [{ role: "user", content: "Never mind" }];
  const caller = await rawCall({
    baseUrl: server.baseUrl,
    path: "/v1/chat/completions",
    apiKey: account.apiKey,
    body: { model: CALLER_CASE, stream, max_tokens: 20, messages, routing: { region: REGION } },
  });
  const arrived = async () => (await sims.requests()).some(({ outcome }) => outcome === "running");
  await expect.poll(arrived, { interval: 10 }).toBe(true);
  caller.leave("RST");
}

describe("refused connections", () => {
  test("shut the origin for all its models, and one answer opens it for all", async () => {
    await sims.fault({ kind: "refuse", count: FAILURES_IN_ROW });
    for (let turn = 0; turn < FAILURES_IN_ROW; turn++) await send(modelOf(turn), false);
    const origin = await originIn(server.demo, REGION);
    expect(origin.breaker).toBe("open");
    expect(new Set(origin.models.map(({ status }) => status))).toEqual(new Set(["suspect"]));
    expect(new Set(origin.models.map(({ breaker }) => breaker))).toEqual(new Set(["closed"]));
    expect((await send(ALIAS_OF, false)).status).toBe(200);
    expect((await originIn(server.demo, REGION)).breaker).toBe("closed");
  });
});
