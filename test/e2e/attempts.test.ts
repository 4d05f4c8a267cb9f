// Tries, waits and what bounds them, through the running router: an origin's own wait in both forms, the caller's
// time, fallbacks by name, requests asked twice, and an isolate that is full.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openAccount, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { expectRefusal, expectRetryAfter } from "../support/refusals.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type RequestEntry, type Simulators, simulators } from "../support/simulators.ts";

const MODEL = "Qwen/Qwen3-4B";
const OTHER = "Qwen/Qwen3-14B";
const PIN = "eu-west";

let server: TestServer;
let sims: Simulators;
let account: TestAccount;

beforeAll(async () => {
  server = await startServer({ env: { HEDGE_SHARE: "0.05" } });
  sims = simulators(server.demo);
  account = await openAccount(server.demo);
});
afterAll(async () => void (await server.stop()));
beforeEach(async () => {
  await sims.reset();
  await sims.timing({ scale: 0 });
});

interface Call {
  readonly stream?: boolean;
  readonly change?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send({ stream = false, change = {}, headers = {} }: Call = {}): Promise<Answer> {
  const messages = [{ role: "user", content: "Say a word" }];
  return await ask({
    baseUrl: server.baseUrl,
    path: "/v1/chat/completions",
    key: account.apiKey,
    headers: { origin: "https://page.example", ...headers },
    body: { model: MODEL, stream, max_tokens: 4, messages, ...change },
  });
}

const pinned = { "x-region": PIN };
const pinnedSims = () => simulators(server.demo, [PIN]);
const tookMs = (answer: Answer) => answer.headersAtMs - answer.startedAtMs;
const attemptsOf = (answer: Answer) => Number(answer.headers.get("x-inferroute-attempts"));

async function asked(answer: Answer): Promise<readonly RequestEntry[]> {
  const id = answer.headers.get("x-request-id");
  return (await sims.requests()).filter(({ headers }) => headers["x-request-id"] === id);
}

describe("an origin that is busy and alone", () => {
  test.each([true, false])("is asked again after the second it names (stream: %s)", async (stream) => {
    await pinnedSims().fault({ kind: "status_429", retry_after: "1", count: 1 });
    const answer = await send({ stream, headers: pinned });
    expect(answer.status, answer.text).toBe(200);
    expect(attemptsOf(answer)).toBe(2);
    expect(tookMs(answer)).toBeGreaterThan(1_000);
    expect(tookMs(answer)).toBeLessThan(1_800);
  });

  test("is asked again at the date it names", async () => {
    const date = new Date(Math.floor(Date.now() / 1_000 + 1) * 1_000).toUTCString();
    await pinnedSims().fault({ kind: "status_503", retry_after: date, count: 1 });
    const answer = await send({ headers: pinned });
    expect(answer.status, answer.text).toBe(200);
    expect(attemptsOf(answer)).toBe(2);
    expect(tookMs(answer)).toBeLessThan(1_800);
  });

  test.each(["3", "86400"])("is not waited for for %s seconds: the caller is told", async (wait) => {
    await pinnedSims().fault({ kind: "status_429", retry_after: wait });
    const answer = await send({ headers: pinned });
    expectRefusal(answer, { code: "overloaded" });
    expect(expectRetryAfter(answer)).toBe(Number(wait) * 1_000);
    expect(tookMs(answer)).toBeLessThan(500);
    expect(await asked(answer)).toHaveLength(1);
  });

  test.each(["soon", "-5", "2030-01-01"])("that says '%s' is asked again after a second", async (wait) => {
    await pinnedSims().fault({ kind: "status_429", retry_after: wait, count: 1 });
    const answer = await send({ headers: pinned });
    expect(answer.status, answer.text).toBe(200);
    expect(attemptsOf(answer)).toBe(2);
  });

  test("is not waited for beyond the caller's own time", async () => {
    await pinnedSims().fault({ kind: "status_429", retry_after: "1" });
    const answer = await send({ headers: { ...pinned, "x-timeout-ms": "900" } });
    expectRefusal(answer, { code: "overloaded" });
    expect(tookMs(answer)).toBeLessThan(500);
  });

  test("is asked once without fallback", async () => {
    await pinnedSims().fault({ kind: "status_429", retry_after: "1" });
    const answer = await send({ headers: pinned, change: { routing: { fallback: false } } });
    expectRefusal(answer, { code: "overloaded" });
    expect(await asked(answer)).toHaveLength(1);
  });
});

describe("fallbacks by name", () => {
  test.each([true, false])(
    "are reached although three regions serve the first (stream: %s)",
    async (stream) => {
      await sims.fault({ kind: "status_500", model: MODEL });
      const answer = await send({ stream, change: { models: [OTHER] } });
      expect(answer.status, answer.text).toBe(200);
      expect(answer.headers.get("x-inferroute-model")).toBe(OTHER);
      expect(attemptsOf(answer)).toBe(3);
    },
  );

  test("are not, without fallback", async () => {
    await sims.fault({ kind: "status_500", model: MODEL });
    const answer = await send({ change: { models: [OTHER], routing: { fallback: false } } });
    expectRefusal(answer, { code: "upstream_failed" });
    expect(await asked(answer)).toHaveLength(1);
  });
});

describe("a short whole request whose origin is late", () => {
  test("is answered by another one, and paid once", async () => {
    let region = "";
    for (let request = 0; request < 30; request++) {
      const answer = await send();
      region = answer.headers.get("x-inferroute-region") ?? "";
    }
    await simulators(server.demo, [region]).hold(true);
    const answer = await send();
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers.get("x-inferroute-region")).not.toBe(region);
    expect(tookMs(answer)).toBeLessThan(2_000);
    expect(await asked(answer)).toHaveLength(2);
    const over = async () => (await asked(answer)).every(({ outcome }) => outcome !== "running");
    await expect.poll(over, { timeout: 1_000 }).toBe(true);
    await simulators(server.demo, [region]).hold(false);
  });
});

describe("an isolate that is full", () => {
  const LARGE = "x".repeat(20 * 1024 * 1024);
  const running = async () => (await sims.requests()).some(({ outcome }) => outcome === "running");

  test("refuses another large body, takes small ones, and has room again when the first is answered", async () => {
    await sims.hold(true);
    const first = send({ change: { notes: LARGE } });
    await expect.poll(running, { timeout: 10_000 }).toBe(true);
    const second = await send({ change: { notes: LARGE } });
    expectRefusal(second, { code: "overloaded" });
    expectRetryAfter(second);
    expect(await asked(second)).toEqual([]);
    const small = send();
    await sims.hold(false);
    expect((await small).status).toBe(200);
    expect((await first).status).toBe(200);
    expect((await send({ change: { notes: LARGE } })).status).toBe(200);
  });

  test("has room again when the caller of a large stream has read it to its end", async () => {
    for (let turn = 0; turn < 3; turn++) {
      const answer = await send({ stream: true, change: { notes: LARGE } });
      expect(answer.status, answer.text).toBe(200);
    }
  });
});
