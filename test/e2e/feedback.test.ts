// What callers say of decisions, and what routing saved them, as a caller meets both: from the answer's own
// decision id to the export that training reads.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openAccount, type TestAccount } from "../support/accounts.ts";
import { type Answer, ask } from "../support/ask.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { simulators } from "../support/simulators.ts";

const BASE = "/api/v1/inference";

let server: TestServer;
let account: TestAccount;
beforeAll(async () => {
  server = await startServer();
  await simulators(server.demo).timing({ scale: 0 });
  account = await openAccount(server.demo);
});
afterAll(async () => void (await server.stop()));

const call = (method: string, path: string, body?: object): Promise<Answer> =>
  ask({
    baseUrl: server.baseUrl,
    path: BASE + path,
    method,
    key: account.apiKey,
    ...(body === undefined ? {} : { body }),
  });

async function decide(): Promise<string> {
  const messages = [{ role: "user", content: "What is the capital of Mongolia?" }];
  const answer = await call("POST", "/chat/completions", { model: "auto", max_tokens: 20, messages });
  return answer.headers.get("x-inferroute-decision-id") ?? "";
}

test("feedback is taken at once, though the row comes behind, and exported for training", async () => {
  const id = await decide();
  const given = await call("POST", `/decisions/${id}/feedback`, { rating: 0.5, prompt: "capital?" });
  expect(given.status).toBe(201);
  expect(given.json).toMatchObject({ decision_id: id, rating: 0.5, prompt: "capital?" });
  const exported = await call("GET", "/decisions/feedback?format=jsonl");
  const lines = exported.text.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      decision_id: id,
      model: given.json.model,
      task: given.json.task,
      scores: { [String(given.json.model)]: 0.75 },
      prompt: "capital?",
    },
  ]);
  expect((await call("DELETE", `/decisions/${id}/feedback`)).json).toMatchObject({ deleted: true });
  expect((await call("GET", "/decisions/feedback")).json).toMatchObject({ data: [], next_cursor: null });
});

test("savings count what auto cost against the best model of the pool", async () => {
  await decide();
  await expect
    .poll(async () => (await call("GET", "/savings")).json, { timeout: 5_000 })
    .toMatchObject({ object: "savings", requests: 2 });
  const { paid_usd, baseline_usd, saved_usd } = (await call("GET", "/savings")).json;
  expect(Number(paid_usd)).toBeGreaterThan(0);
  expect(Number(saved_usd)).toBeCloseTo(Number(baseline_usd) - Number(paid_usd), 6);
});

test("a conversation stays with its model through a turn that another model would get", async () => {
  const hard = "Prove that every finite group of odd order is solvable, with all details of each reduction.";
  const easy = [{ role: "user", content: "thanks!" }];
  const modelOf = async (body: object) =>
    (await call("POST", "/chat/completions", { model: "auto", max_tokens: 5, ...body })).headers.get(
      "x-inferroute-model",
    );
  const routing = { optimize: "quality" };
  const best = await modelOf({ messages: [{ role: "user", content: hard }], routing, session_id: "s-1" });
  const cheap = await modelOf({ messages: easy, routing: { optimize: "cost" } });
  expect(cheap).not.toBe(best);
  const kept = await modelOf({ messages: easy, routing: { optimize: "cost" }, session_id: "s-1" });
  expect(kept).toBe(best);
});
