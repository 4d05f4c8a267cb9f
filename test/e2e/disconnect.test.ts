// The disconnect table of the wire: whoever leaves frees the GPU, in every window, streamed and whole.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RawCaller, rawCall } from "../support/raw-caller.ts";
import { SMALL } from "../support/router.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type RequestEntry, type Simulators, simulators } from "../support/simulators.ts";

let server: TestServer;
let sims: Simulators;

beforeAll(async () => {
  server = await startServer();
  sims = simulators(server.demo);
});
afterAll(async () => void (await server.stop()));
beforeEach(async () => await sims.reset());

interface Call {
  readonly stream: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

async function call({ stream, headers = {} }: Call): Promise<RawCaller> {
  return await rawCall({
    baseUrl: server.baseUrl,
    path: "/v1/chat/completions",
    apiKey: server.demo.api_key,
    body: {
      model: SMALL,
      stream,
      max_tokens: 400,
      messages: [{ role: "user", content: "Tell a long story" }],
    },
    headers,
  });
}

async function untilRunning(): Promise<void> {
  await waitFor(async () => (await chats()).some((entry) => entry.outcome === "running"));
}

async function chats(): Promise<readonly RequestEntry[]> {
  return (await sims.requests()).filter((entry) => entry.path.endsWith("/chat/completions"));
}

/** Milliseconds from leaving until the origin saw its connection end. */
async function untilClosed(leftAt: number, withinMs: number): Promise<number> {
  await waitFor(async () => (await chats()).every((entry) => entry.outcome !== "running"), withinMs);
  const entries = await chats();
  expect(entries.map((entry) => entry.outcome)).toContain("aborted");
  expect(entries).toHaveLength(1);
  return Math.max(...entries.map((entry) => entry.ended_at ?? 0)) - leftAt;
}

async function waitFor(isTrue: () => Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms`);
    await sleep(20);
  }
}

/** One log line a request, and nothing held any more. */
async function expectCancelled(): Promise<void> {
  await waitFor(async () => (await pendingUsd()) === 0);
  const lines = server.logs().split("\n");
  const last = lines.findLast((line) => line.includes('"event":"re'));
  expect(last).toMatch(/"status":499/);
}

async function pendingUsd(): Promise<number> {
  const answer = await fetch(`${server.baseUrl}/api/v1/inference/credits`, {
    headers: { authorization: `Bearer ${server.demo.management_key}` },
  });
  return ((await answer.json()) as { pending_usd: number }).pending_usd;
}

describe("RST reaches the origin within a second", () => {
  test.each([true, false])("before the origin's headers (stream: %s)", async (stream) => {
    await sims.fault({ kind: "hang" });
    const caller = await call({ stream });
    await untilRunning();
    expect(await untilClosed(caller.leave("RST"), 2_000)).toBeLessThan(1_000);
    await expectCancelled();
  });

  test("after the origin's headers, before its first token", async () => {
    await sims.fault({ kind: "hang_after_headers" });
    const caller = await call({ stream: true });
    await untilRunning();
    await sleep(300);
    expect(await untilClosed(caller.leave("RST"), 2_000)).toBeLessThan(1_000);
    await expectCancelled();
  });

  test("while silence is kept after the timed commit", async () => {
    await sims.fault({ kind: "hang" });
    const caller = await call({ stream: true });
    await caller.until(/HTTP\/1.1 200/);
    expect(await untilClosed(caller.leave("RST"), 2_000)).toBeLessThan(1_000);
    await expectCancelled();
  });

  test("mid-stream, and what was produced is paid", async () => {
    const caller = await call({ stream: true });
    await caller.until(/(data: [^\n]+\n\n[\s\S]*){5}/);
    expect(await untilClosed(caller.leave("RST"), 2_000)).toBeLessThan(1_000);
    await expectCancelled();
    const line = server
      .logs()
      .split("\n")
      .findLast((text) => text.includes('"event":"request"'));
    expect(line).toMatch(/"outcome":"cancelled"/);
    expect(Number(/"output_tokens":(\d+)/.exec(line ?? "")?.[1])).toBeGreaterThanOrEqual(4);
  });
});

describe("FIN", () => {
  test("mid-stream reaches the origin within a second", async () => {
    const caller = await call({ stream: true });
    await caller.until(/(data: [^\n]+\n\n[\s\S]*){5}/);
    expect(await untilClosed(caller.leave("FIN"), 2_000)).toBeLessThan(1_000);
    await expectCancelled();
  });

  test("on silence after the commit is seen within one heartbeat", async () => {
    await sims.fault({ kind: "hang" });
    const caller = await call({ stream: true });
    await caller.until(/HTTP\/1.1 200/);
    expect(await untilClosed(caller.leave("FIN"), 12_000)).toBeLessThan(11_500);
    await expectCancelled();
  });

  test.each([true, false])("before the commit is bounded by the timeouts (stream: %s)", async (stream) => {
    await sims.fault({ kind: "hang" });
    const caller = await call({ stream, headers: { "x-timeout-ms": "2000" } });
    await untilRunning();
    expect(await untilClosed(caller.leave("FIN"), 4_000)).toBeLessThan(3_000);
    await waitFor(async () => (await pendingUsd()) === 0);
  });
});
