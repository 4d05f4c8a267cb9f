import { describe, expect, it } from "vitest";
import type { Answer, Command } from "../../src/domain/account-commands.ts";
import { mountRouteQuestion } from "../../src/management/route-question.ts";
import { fakePorts, mounted } from "./fake-ports.ts";

const VIEW = { version: 3, modelPool: null, optimizeMode: "cost", region: null } as const;
const LIMITS = { requests: { limit: 10, remaining: 9, resetMs: 1_000 } };

function admit(command: Extract<Command, { kind: "admit" }>): Answer {
  if (command.viewVersion !== VIEW.version) return { ok: true, verdict: "stale", view: VIEW };
  return { ok: true, verdict: "admitted", reservation: null, limits: LIMITS };
}

function app() {
  const ports = fakePorts({ admit });
  return { ports, ask: mounted(ports, (http) => mountRouteQuestion(http, "/api/v1/inference")) };
}

const MESSAGES = [{ role: "user", content: "Write a function that sorts a list in Python." }];

describe("POST /route", () => {
  it("says where a request would go, counts it once and calls no origin", async () => {
    const { ports, ask } = app();
    const reply = await ask("POST", "/api/v1/inference/route", {
      body: { model: "auto", messages: MESSAGES },
    });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      object: "route",
      decision_id: "rt_0000000000000000000001",
      optimize: "cost",
      chosen: { region: expect.any(String), excluded_by: null },
    });
    expect(reply.body).not.toHaveProperty("refusal");
    expect(reply.headers.get("x-ratelimit-remaining-requests")).toBe("9");
    const intents = ports.asked.flatMap(({ commands }) =>
      commands.map((one) => "intent" in one && one.intent),
    );
    expect(new Set(intents)).toEqual(new Set(["count-request"]));
    expect(intents).toHaveLength(2);
  });

  it.each([
    ["a model nobody knows", { model: "nobody/nothing" }, "model_not_found"],
    ["a price nobody offers", { model: "auto", routing: { max_cost_usd: 0 } }, "invalid_value"],
    ["a model that nobody serves", { model: "dslim/ner" }, "invalid_value"],
  ])("answers 200 with nothing chosen for %s", async (_what, body, code) => {
    const { ask } = app();
    const reply = await ask("POST", "/api/v1/inference/route", { body: { ...body, messages: MESSAGES } });
    expect(reply).toMatchObject({ status: 200, body: { chosen: null, refusal: { code } } });
  });

  it("refuses a body with a fault", async () => {
    const { ask } = app();
    const path = "/api/v1/inference/route";
    const schema = await ask("POST", path, { body: { model: "auto" } });
    expect(schema).toMatchObject({ status: 400, body: { error: { param: "messages" } } });
    const routing = { region: "mars" };
    const region = await ask("POST", path, { body: { model: "auto", messages: MESSAGES, routing } });
    expect(region).toMatchObject({ status: 400, body: { error: { param: "routing.region" } } });
  });

  it("needs a key", async () => {
    const { ask } = app();
    expect((await ask("POST", "/api/v1/inference/route", { bearer: null })).status).toBe(401);
  });
});
