// Models that must be loaded first: told as the dialect says, waited for by callers who want to wait, and woken
// before they are needed.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openAccount, settledCredits, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { readEvents, terminalOf } from "../support/events.ts";
import { rawCall } from "../support/raw-caller.ts";
import { expectRefusal, expectRetryAfter } from "../support/refusals.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type RequestEntry, type Simulators, simulators } from "../support/simulators.ts";
import { usageOf } from "../support/usage.ts";

const MODEL = "Qwen/Qwen3-4B";
/** Nobody asks it but whoever wakes it. */
const SLEEPER = "Qwen/Qwen2.5-7B-Instruct";

let server: TestServer;
let sims: Simulators;
let account: TestAccount;

beforeAll(async () => {
  server = await startServer();
  sims = simulators(server.demo);
  account = await openAccount(server.demo);
});
afterAll(async () => void (await server.stop()));
beforeEach(async () => await sims.reset());

/** Every model of every region is cold again, and takes this long from its first question on. */
const freeze = (coldStartMs: number) => sims.timing({ scale: 1, coldStartMs });

interface Call {
  readonly stream: boolean;
  readonly waitS?: number | string;
  readonly model?: string;
  readonly base?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const body = (stream: boolean) => ({
  model: MODEL,
  stream,
  max_tokens: 4,
  messages: [{ role: "user", content: "Say a word" }],
});

async function send({ stream, waitS, model = MODEL, base = "/v1", headers = {} }: Call): Promise<Answer> {
  const wait: Record<string, string> = waitS === undefined ? {} : { "x-wait": String(waitS) };
  return await ask({
    baseUrl: server.baseUrl,
    path: `${base}/chat/completions`,
    key: account.apiKey,
    headers: { origin: "https://page.example", ...wait, ...headers },
    body: { ...body(stream), model },
  });
}

const chats = async (): Promise<readonly RequestEntry[]> =>
  (await sims.requests()).filter(({ path }) => path.endsWith("/chat/completions"));
/** One entry a question. */
async function wokenRegions(): Promise<readonly string[]> {
  const asked = server.demo.simulators.map(async ({ region }) =>
    (await simulators(server.demo, [region]).requests())
      .filter(({ path }) => path.endsWith("/chat/completions"))
      .map(() => region),
  );
  return (await Promise.all(asked)).flat();
}

const tookMs = (answer: Answer) => answer.headersAtMs - answer.startedAtMs;

async function health(query: string, key: string | undefined = account.apiKey) {
  const path = `/v1/models/${SLEEPER}/health${query}`;
  return await ask({ baseUrl: server.baseUrl, path, ...(key === "" ? {} : { key }) });
}

describe("a cold model, to a caller who does not wait", () => {
  test.each([
    ["/api/v1/inference", 502],
    ["/v1", 503],
  ] as const)("on %s: %i with the origin's own estimate, and nothing is paid", async (base, status) => {
    await freeze(20_000);
    const before = await settledCredits(server.demo, account.managementKey);
    const answer = await send({ stream: true, base });
    expectRefusal(answer, { code: "model_loading", status });
    expect(expectRetryAfter(answer)).toBeGreaterThan(15_000);
    expect(tookMs(answer)).toBeLessThan(1_000);
    expect(await settledCredits(server.demo, account.managementKey)).toEqual(before);
  });

  test.each(["0", "121", "soon", "-1", ""])("a wait of '%s' is no wait: 400", async (waitS) => {
    expectRefusal(await send({ stream: false, waitS }), { code: "invalid_value", param: "x-wait" });
  });
});

describe("a cold model, to a caller who waits", () => {
  test("is answered whole when it is ready, and pays for one answer", async () => {
    await freeze(3_000);
    const answer = await send({ stream: false, waitS: 20 });
    expect(answer.status, answer.text).toBe(200);
    expect(tookMs(answer)).toBeGreaterThan(2_900);
    expect(tookMs(answer)).toBeLessThan(6_000);
    const requestId = answer.headers.get("x-request-id") ?? "";
    const row = await usageOf(server.demo, { managementKey: account.managementKey, requestId });
    // One row a region that was cold, however often each was asked, and one that answered.
    const { attempts } = row as { attempts: readonly { error: string | null; output_tokens: number }[] };
    expect(attempts.length).toBeLessThanOrEqual(4);
    expect(attempts.map(({ error }) => error).filter((error) => error === null)).toHaveLength(1);
    expect(row).toMatchObject({ outcome: "ok", output_tokens: 4 });
  });

  test("gets the status after five seconds, a heartbeat after ten more, and then the answer", async () => {
    await freeze(16_500);
    const answer = await send({ stream: true, waitS: 60 });
    expect(answer.status).toBe(200);
    expect(tookMs(answer)).toBeGreaterThan(4_500);
    expect(tookMs(answer)).toBeLessThan(6_000);
    expect(answer.pieces[0]?.text).toBe("\n\n");
    const silentMs = (answer.pieces[0]?.atMs ?? 0) - answer.headersAtMs;
    expect(silentMs).toBeGreaterThan(9_500);
    expect(silentMs).toBeLessThan(11_000);
    expect(terminalOf(readEvents(answer.text))).toBe("done");
  });

  test("hears that it is still loading when the wait is over: as a status, or in the stream", async () => {
    await freeze(60_000);
    const whole = await send({ stream: false, waitS: 2 });
    expectRefusal(whole, { code: "model_loading" });
    expectRetryAfter(whole);
    expect(tookMs(whole)).toBeGreaterThan(1_900);
    expect(tookMs(whole)).toBeLessThan(3_500);
    const streamed = await send({ stream: true, waitS: 7 });
    expect(streamed.status).toBe(200);
    const events = readEvents(streamed.text);
    expect(terminalOf(events)).toBe("error");
    expect(events.at(-1)?.json?.error).toMatchObject({ code: "model_loading", type: "upstream_error" });
  });

  test("never waits beyond x-timeout-ms: what is told is why, not that time is over", async () => {
    await freeze(60_000);
    const answer = await send({ stream: false, waitS: 30, headers: { "x-timeout-ms": "1500" } });
    expectRefusal(answer, { code: "model_loading" });
    expect(tookMs(answer)).toBeLessThan(2_000);
  });

  test("asks nobody any more once the caller has left", async () => {
    await freeze(60_000);
    const caller = await rawCall({
      baseUrl: server.baseUrl,
      path: "/v1/chat/completions",
      apiKey: account.apiKey,
      body: body(true),
      headers: { "x-wait": "60" },
    });
    await expect.poll(async () => (await chats()).length, { timeout: 5_000 }).toBeGreaterThan(3);
    caller.leave("RST");
    await sleep(300);
    const asked = (await chats()).length;
    await sleep(4_000);
    expect(await chats()).toHaveLength(asked);
    const { pending_usd } = await settledCredits(server.demo, account.managementKey);
    expect(pending_usd).toBe(0);
  });
});

describe("a model that sleeps", () => {
  test("is woken by its health with a key, and answers at once when it is ready", async () => {
    await freeze(3_000);
    expect((await health("", "")).status).toBe(200);
    expect(await chats()).toHaveLength(0);
    const waking = await health("?wake=true");
    expect(waking.status, waking.text).toBe(200);
    // One question to one region: waking is not buying three GPUs.
    const woken = await wokenRegions();
    expect(woken).toHaveLength(1);
    expect(Object.values(waking.json.regions as Record<string, string>)).toContain("loading");
    await sleep(3_500);
    const answer = await send({ stream: false, model: SLEEPER, headers: { "x-region": woken[0] ?? "" } });
    expect(answer.status, answer.text).toBe(200);
  });

  test("is not woken without a key, nor by who only asks", async () => {
    await freeze(3_000);
    expectRefusal(await health("?wake=true", ""), { code: "missing_api_key" });
    await health("");
    expect(await chats()).toHaveLength(0);
  });
});
