// One of three regions is lost under load, and comes back: callers notice nothing once the breaker has opened, and
// nobody has to do anything.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openAccount, operate, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { catalogFile, withModels } from "../support/catalog-file.ts";
import { readEvents, terminalOf } from "../support/events.ts";
import { originIn } from "../support/origin-rows.ts";
import { expectRefusal, expectRetryAfter } from "../support/refusals.ts";
import { SMALL } from "../support/router.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type Simulators, simulators } from "../support/simulators.ts";
import { type Outcome, report, reportLine, type SteadyLoad, steadyLoad } from "../support/steady-load.ts";
import { untilAnswered } from "../support/until-answered.ts";

let server: TestServer;
let account: TestAccount;
let sims: Simulators;
let load: SteadyLoad | null = null;

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
});
afterEach(async () => {
  await load?.stop();
  load = null;
});

const CALLERS = 6;
const PAUSE_MS = 25;

function begin(stream: boolean, change: object = {}): SteadyLoad {
  load = steadyLoad({
    baseUrl: server.baseUrl,
    key: account.apiKey,
    callers: CALLERS,
    pauseMs: PAUSE_MS,
    // Different openings are different conversations: they spread over the regions.
    bodyOf: (n) => ({
      model: SMALL,
      stream,
      max_tokens: 8,
      messages: [{ role: "user", content: `Question ${n}` }],
      ...change,
    }),
  });
  return load;
}

function isGood({ status, text }: Outcome, stream: boolean): boolean {
  return status === 200 && (!stream || terminalOf(readEvents(text)) === "done");
}

const between = (outcomes: readonly Outcome[], fromMs: number, toMs: number) =>
  outcomes.filter(({ startedAtMs }) => startedAtMs >= fromMs && startedAtMs < toMs);

const regionsOf = (outcomes: readonly Outcome[]) => new Set(outcomes.map(({ region }) => region));

/** Polled as operators would: when breakers of the region let nobody pass, or everybody. */
async function untilState(region: string, state: "open" | "closed"): Promise<number> {
  let sinceMs = 0;
  const seen = async () => {
    sinceMs = performance.now();
    const { breaker, models } = await originIn(server.demo, region);
    const ofModel = models.find(({ model }) => model === HASTY)?.breaker ?? "closed";
    if (breaker === ofModel) return breaker;
    return [breaker, ofModel].includes("open") ? "open" : "half-open";
  };
  await expect.poll(seen, { timeout: RECOVERY_MS, interval: 50 }).toBe(state);
  return sinceMs;
}

/** The breaker's 10 s, its tenth of jitter, two active checks, and a slow machine. */
const RECOVERY_MS = 25_000;
const LOST = "us-east";
/** Its origins have 0.7 s to begin. */
const HASTY = "Qwen/Qwen2.5-7B-Instruct";
const catalog = catalogFile(
  withModels({ [HASTY]: { timeouts: { ttft_ms: 700, idle_ms: 5_000, total_ms: 20_000 } } }),
);

describe("a region is lost under load", () => {
  test.each([
    ["refuse", true],
    ["refuse", false],
    // A network that swallows everything: nothing but time tells.
    ["hang", true],
  ] as const)(
    "%s: no request fails behind the breaker, and it is used again (stream: %s)",
    async (kind, stream) => {
      await getToKnow(HASTY);
      const { outcomes } = begin(stream, { model: HASTY });
      await sleep(2_000);
      expect(regionsOf(outcomes)).toContain(LOST);

      const lostAtMs = performance.now();
      await simulators(server.demo, [LOST]).fault({ kind });
      const openAtMs = await untilState(LOST, "open");
      await sleep(6_000);
      const mendedAtMs = performance.now();
      await simulators(server.demo, [LOST]).clearFaults();
      const closedAtMs = await untilState(LOST, "closed");
      await sleep(2_000);
      await load?.stop();

      const during = between(outcomes, openAtMs, mendedAtMs);
      report(`a region lost under load by ${kind} (stream: ${stream})`, {
        before: between(outcomes, 0, lostAtMs),
        "until the breaker opened": between(outcomes, lostAtMs, openAtMs),
        "behind the breaker": during,
        after: between(outcomes, closedAtMs, Number.POSITIVE_INFINITY),
      });
      reportLine(`opened ${Math.round(openAtMs - lostAtMs)} ms after the loss`);
      reportLine(`closed ${Math.round(closedAtMs - mendedAtMs)} ms after the region was back`);

      expect(during.length).toBeGreaterThan(100);
      // Nor before it: whoever meets the dead region is answered by another one.
      expect(outcomes.filter((one) => !isGood(one, stream))).toEqual([]);
      expect(regionsOf(during)).not.toContain(LOST);
      // A try now and then, once its time is over; nobody else is sent there first.
      expect(during.filter(({ attempts }) => attempts > 1).length).toBeLessThanOrEqual(2);
      expect(regionsOf(between(outcomes, closedAtMs, Number.POSITIVE_INFINITY))).toContain(LOST);
    },
    90_000,
  );

  test("streams that its loss cuts short say so or go on elsewhere; the next ones are whole", async () => {
    await sims.timing({ scale: 1 });
    const { outcomes } = begin(true, { max_tokens: 150, ignore_eos: true });
    await sleep(1_500);
    await simulators(server.demo, [LOST]).fault({ kind: "die", after_bytes: 2_000, count: 5 });
    await sleep(3_000);
    await load?.stop();
    expect(outcomes.length).toBeGreaterThan(20);
    for (const { status, text } of outcomes) {
      expect(status).toBe(200);
      expect(terminalOf(readEvents(text))).toBeOneOf(["done", "error"]);
    }
  }, 30_000);
});

/** A first answer comes late on a busy machine: a region that is known by it alone would not be asked again. */
async function getToKnow(model: string): Promise<void> {
  for (const { region } of server.demo.simulators) {
    for (let turn = 0; turn < 8; turn++) await pinned(region, { model, stream: true });
  }
}

async function pinned(region: string, change: object = {}): Promise<Answer> {
  const messages = [{ role: "user", content: "Where are you?" }];
  const body = { model: SMALL, max_tokens: 4, messages, routing: { region, ...change } };
  const { apiKey: key } = account;
  const headers = { origin: "https://page.example" };
  return await ask({ baseUrl: server.baseUrl, path: "/v1/chat/completions", key, headers, body });
}

describe("a request pinned to the lost region", () => {
  test("is told so by name for as long as it lasts, stays inside, and is answered as soon as it is back", async () => {
    const { fault, clearFaults } = simulators(server.demo, [LOST]);
    // What the cases before left open.
    await untilAnswered(() => pinned(LOST));
    await sims.reset();
    await fault({ kind: "refuse" });
    // Far more than open a breaker: the region is tried each time, and its caller told the same.
    for (let turn = 0; turn < 12; turn++) {
      const answer = await pinned(LOST);
      expectRefusal(answer, { code: "region_unavailable" });
      expectRetryAfter(answer);
      expect(answer.text).toContain(LOST);
    }
    expect((await originIn(server.demo, LOST)).breaker).toBe("open");
    const elsewhere = (await sims.requests()).filter(({ fault: met }) => met !== "refuse");
    expect(elsewhere).toEqual([]);
    await clearFaults();
    // The last origin of a pinned region is asked however long its breaker is open.
    const back = await pinned(LOST);
    expect([back.status, back.headers.get("x-inferroute-region")]).toEqual([200, LOST]);
    expect((await originIn(server.demo, LOST)).breaker).toBe("closed");
  });
});

describe("a drained region", () => {
  const act = (what: "drain" | "undrain") => operate(server.demo, "POST", `/origins/${LOST}-1/${what}`);

  test("takes no request until it is undrained, over a restart too; whoever is pinned to it is told", async () => {
    expect((await act("drain")).json).toMatchObject({ drained: true });
    const { outcomes } = begin(false);
    await sleep(1_000);
    await load?.stop();
    expect(regionsOf(outcomes)).not.toContain(LOST);
    expect(outcomes.filter((one) => !isGood(one, false))).toEqual([]);
    expectRefusal(await pinned(LOST), { code: "region_unavailable" });

    server = await server.restart();
    expect((await originIn(server.demo, LOST)).drained).toBe(true);
    expectRefusal(await pinned(LOST), { code: "region_unavailable" });
    expect((await act("undrain")).json).toMatchObject({ drained: false });
    expect((await pinned(LOST)).status).toBe(200);
  }, 60_000);
});
