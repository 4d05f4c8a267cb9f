import { describe, expect, it } from "vitest";
import { mountFeedback } from "../../src/management/feedback.ts";
import { fakePorts, mounted } from "./fake-ports.ts";
import { type FakeMonths, fakeUsageLog } from "./fake-usage-log.ts";
import { shownRow } from "./usage-rows.ts";

const DAY_MS = 86_400_000;
const PREFERRED = "Qwen/Qwen3-14B";
const PATH = "/decisions/rt_1/feedback";

function open(months: FakeMonths = {}) {
  const rows = months.rows ?? [shownRow(1, DAY_MS, { decision_id: "rt_1" }), shownRow(2, 40 * DAY_MS)];
  const ports = fakePorts({}, { usageLog: fakeUsageLog({ ...months, rows }) });
  return mounted(ports, (http) => mountFeedback(http, ""));
}

describe("feedback on a decision", () => {
  it("is taken, and replaced by what is said later", async () => {
    const ask = open();
    const first = await ask("POST", PATH, { body: { rating: 1, prompt: "why is the sky blue?" } });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      object: "feedback",
      decision_id: "rt_1",
      model: "A/x",
      task: "chat",
      rating: 1,
      correct: null,
      prompt: "why is the sky blue?",
    });
    const second = await ask("POST", PATH, { body: { correct: false } });
    expect(second.status).toBe(200);
    expect((await ask("GET", "/decisions/feedback")).body.data).toEqual([second.body]);
    expect(second.body).not.toHaveProperty("prompt");
  });

  it("is exported line by line, as training reads it", async () => {
    const ask = open();
    await ask("POST", PATH, { body: { preferred_model: "qwen", prompt: "hello" } });
    const { body, headers } = await ask("GET", "/decisions/feedback?format=jsonl");
    expect(headers.get("content-type")).toBe("application/jsonl");
    const scores = { "A/x": 0, [PREFERRED]: 1 };
    expect(body).toEqual({ decision_id: "rt_1", model: "A/x", task: "chat", scores, prompt: "hello" });
  });

  it("can be taken back", async () => {
    const ask = open();
    await ask("POST", PATH, { body: { rating: 0 } });
    expect((await ask("DELETE", PATH)).body).toMatchObject({ deleted: true });
    expect((await ask("DELETE", PATH)).body).toMatchObject({ deleted: false });
    expect((await ask("GET", "/decisions/feedback")).body).toEqual({
      object: "list",
      data: [],
      next_cursor: null,
    });
  });

  it.each([
    [{}, "rating"],
    [{ prompt: "only this" }, "rating"],
    [{ rating: 1.5 }, "rating"],
    [{ rating: "good" }, "rating"],
    [{ correct: 1 }, "correct"],
    [{ preferred_model: "no/such" }, "preferred_model"],
    [{ rating: 1, prompt: "x".repeat(32_001) }, "prompt"],
    [{ rating: 1, mood: "fine" }, "mood"],
  ])("%j is refused with its field named", async (body, param) => {
    const refused = await open()("POST", PATH, { body });
    expect(refused.status).toBe(400);
    expect(refused.body.error.param).toBe(param);
  });

  it.each(["/decisions/rt_9/feedback", "/decisions/rt_2/feedback", "/decisions/req_1/feedback"])(
    "%s: no decision of this account is a 404",
    async (path) => {
      expect((await open()("POST", path, { body: { rating: 1 } })).status).toBe(404);
    },
  );
});
