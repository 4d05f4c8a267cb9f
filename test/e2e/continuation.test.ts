// Streams whose origin dies behind its first words: another one goes on, and the caller sees and pays one unbroken
// stream; where nobody may go on, one error event. A thousand of them at random tokens: `npm run chaos`.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openAccount, settledCredits, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { choicesOf, readEvents, terminalOf, textOf } from "../support/events.ts";
import { SMALL, WEATHER_TOOL } from "../support/router.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type RequestEntry, type Simulators, simulators } from "../support/simulators.ts";
import { usageOf } from "../support/usage.ts";

let server: TestServer;
let sims: Simulators;
let account: TestAccount;

beforeAll(async () => {
  server = await startServer();
  sims = simulators(server.demo);
  account = await openAccount(server.demo);
});
afterAll(async () => void (await server.stop()));
beforeEach(async () => {
  await sims.reset();
  await sims.timing({ scale: 0 });
});

const CHAT = {
  model: SMALL,
  stream: true,
  stream_options: { include_usage: true },
  max_tokens: 40,
  ignore_eos: true,
  seed: 3,
  messages: [{ role: "user", content: "Write a Python function to sort a list" }],
};

interface Call {
  readonly change?: object;
  readonly path?: string;
}

const send = ({ change = {}, path = "/v1/chat/completions" }: Call): Promise<Answer> =>
  ask({ baseUrl: server.baseUrl, path, key: account.apiKey, body: { ...CHAT, ...change } });

async function attemptsOf(answer: Answer): Promise<readonly RequestEntry[]> {
  const id = answer.headers.get("x-request-id");
  return (await sims.requests()).filter(({ headers }) => headers["x-request-id"] === id);
}

/** Only the first origin of this stream meets the fault: held until it has it, the others never do. */
async function killed(fault: object, call: Call = {}): Promise<Answer> {
  await sims.reset();
  await sims.fault({ ...fault, count: 1 });
  await sims.hold(true);
  const answer = send(call);
  const isThere = async () => (await sims.requests()).some(({ method }) => method === "POST");
  await expect.poll(isThere, { timeout: 5_000, interval: 10 }).toBe(true);
  await sims.clearFaults();
  await sims.hold(false);
  return await answer;
}

const rowOf = (answer: Answer) =>
  usageOf(server.demo, {
    managementKey: account.managementKey,
    requestId: answer.headers.get("x-request-id") ?? "",
  });

/** Frames of 40 tokens take about 10,000 bytes. */
const AFTER = { after_bytes: 4_000 };

describe("another origin goes on", () => {
  test.each(["die", "end", "garbage_frame", "error_event", "long_line"])(
    "%s: the text, the counts and the price of an unbroken run",
    async (kind) => {
      const unbroken = readEvents((await send({})).text);
      const answer = await killed({ kind, ...AFTER });
      const events = readEvents(answer.text);
      expect(terminalOf(events)).toBe("done");
      expect(textOf(events)).toBe(textOf(unbroken));
      const reasons = events.flatMap(choicesOf).flatMap((choice) => choice.finish_reason ?? []);
      expect(reasons).toEqual(["length"]);
      const frames = events.slice(0, -1).map(({ json }) => `${json?.id} ${json?.model} ${json?.created}`);
      expect(new Set(frames).size).toBe(1);
      expect(events.at(-2)?.json?.usage).toEqual(unbroken.at(-2)?.json?.usage);
      expect(await attemptsOf(answer)).toHaveLength(2);
      const row = await rowOf(answer);
      expect(row).toMatchObject({ outcome: "ok", status: 200, output_tokens: 40, estimated: true });
      const [first, second] = row.attempts as Record<string, unknown>[];
      expect(first).toMatchObject({ error: "upstream_disconnected" });
      expect(second).toMatchObject({ error: null });
      expect(Number(second?.input_tokens)).toBe(Number(row.input_tokens) + Number(first?.output_tokens));
      expect(Number(first?.output_tokens) + Number(second?.output_tokens)).toBeGreaterThanOrEqual(40);
      // The headers name who was asked when they went out.
      expect(answer.headers.get("x-inferroute-origin")).toBe(first?.origin);
      expect(row.origin).toBe(second?.origin);
      expect(row.origin).not.toBe(first?.origin);
    },
  );

  test("behind a routing event, of which there is one", async () => {
    const path = "/api/v1/inference/chat/completions";
    const change = { model: "auto" };
    const answer = await killed({ kind: "die", ...AFTER }, { path, change });
    const events = readEvents(answer.text);
    expect(terminalOf(events)).toBe("done");
    expect(events.filter(({ json }) => json?.object === "routing")).toEqual([events[0]]);
    expect(await attemptsOf(answer)).toHaveLength(2);
  });

  test("before the first word the same request goes elsewhere, whatever it asks", async () => {
    const change = { n: 2, logprobs: true };
    const answer = await killed({ kind: "die", after_bytes: 400 }, { change });
    const events = readEvents(answer.text);
    expect(terminalOf(events)).toBe("done");
    const reasons = events.flatMap(choicesOf).flatMap((choice) => choice.finish_reason ?? []);
    expect(reasons).toEqual(["length", "length"]);
    expect(await rowOf(answer)).toMatchObject({ output_tokens: 80 });
  });

  test("what was delivered is paid once", async () => {
    const before = await settledCredits(server.demo, account.managementKey);
    const change = { max_tokens: 400 };
    const [row] = [await rowOf(await killed({ kind: "die", after_bytes: 50_000 }, { change }))];
    const after = await settledCredits(server.demo, account.managementKey);
    expect(row).toMatchObject({ output_tokens: 400 });
    expect(before.balance_usd - after.balance_usd).toBeCloseTo(Number(row.cost_usd), 6);
  });
});

describe("nobody goes on", () => {
  const json = { response_format: { type: "json_object" } };
  const call = { tools: [WEATHER_TOOL], tool_choice: "required", ignore_eos: false, max_tokens: 200 };
  test.each<readonly [string, object, object]>([
    ["without fallback", { routing: { fallback: false } }, AFTER],
    ["outside the pin", { routing: { region: "eu-west" } }, AFTER],
    ["with several choices", { n: 2 }, AFTER],
    ["with log probabilities", { logprobs: true }, AFTER],
    ["in JSON mode", json, { after_bytes: 1_000 }],
    ["within a call", call, { after_bytes: 900 }],
  ])("%s: what came, one error event, no other attempt, and the words are paid", async (_, change, fault) => {
    const answer = await killed({ kind: "die", ...fault }, { change });
    const events = readEvents(answer.text);
    expect(terminalOf(events)).toBe("error");
    expect(events.at(-1)?.json?.error).toMatchObject({ code: "upstream_disconnected" });
    expect(await attemptsOf(answer)).toHaveLength(1);
    const row = await rowOf(answer);
    expect(row).toMatchObject({ outcome: "error", status: 200 });
    expect(Number(row.output_tokens)).toBeGreaterThan(0);
    const [attempt] = row.attempts as Record<string, unknown>[];
    expect(attempt).toMatchObject({ error: "upstream_disconnected", output_tokens: row.output_tokens });
  });

  test("where every origin dies: three of them, and one error event", async () => {
    const unbroken = textOf(readEvents((await send({})).text));
    await sims.fault({ kind: "die", after_bytes: 2_000 });
    const answer = await send({});
    const events = readEvents(answer.text);
    expect(terminalOf(events)).toBe("error");
    expect(unbroken.startsWith(textOf(events))).toBe(true);
    expect(new Set((await attemptsOf(answer)).map(({ headers }) => headers.host)).size).toBe(3);
    expect(await attemptsOf(answer)).toHaveLength(3);
  });
});
