import { describe, expect, test } from "vitest";
import type { Feedback } from "../../../src/domain/feedback.ts";
import { openLog } from "./usage-log-door.ts";
import { logged, MONTH_MS, usageRow } from "./usage-rows.ts";

const DAY_MS = 86_400_000;

const feedback = (n: number, changes: Partial<Feedback> = {}): Feedback => ({
  decision_id: `rt_${n}`,
  created_at_ms: MONTH_MS + n,
  model: "A/x",
  task: null,
  rating: 0.5,
  correct: null,
  preferred_model: null,
  prompt: null,
  ...changes,
});

async function openMonth() {
  const { log } = openLog();
  await log.append("b", { rows: [logged(1, usageRow(1))], refused: [] });
  return log;
}

describe("feedback", () => {
  test("comes back as it was given, oldest first, each on exactly one page", async () => {
    const log = await openMonth();
    const given = [
      feedback(3, { correct: false, rating: null }),
      feedback(1, { prompt: "why?", task: "open_qa", correct: true }),
      feedback(2, { created_at_ms: MONTH_MS + 1, preferred_model: "B/y" }),
    ];
    for (const one of given) expect(await log.putFeedback(one)).toBe(true);
    const first = await log.feedback(2, null);
    expect(first).toEqual([given[1], given[2]]);
    const after = { createdAtMs: MONTH_MS + 1, decisionId: "rt_2" };
    expect(await log.feedback(2, after)).toEqual([given[0]]);
  });

  test("of one decision is one: the later takes the place of the earlier", async () => {
    const log = await openMonth();
    await log.putFeedback(feedback(1, { prompt: "forget me" }));
    expect(await log.putFeedback(feedback(1, { rating: -1 }))).toBe(false);
    expect(await log.feedback(10, null)).toEqual([feedback(1, { rating: -1 })]);
  });

  test("can be taken back, with its prompt", async () => {
    const log = await openMonth();
    await log.putFeedback(feedback(1, { prompt: "secret" }));
    expect(await log.deleteFeedback("rt_1")).toBe(true);
    expect(await log.deleteFeedback("rt_1")).toBe(false);
    expect(await log.feedback(10, null)).toEqual([]);
  });

  test("needs a month that has rows: without any there is no decision", async () => {
    const { log } = openLog();
    expect(await log.putFeedback(feedback(1))).toBe(false);
    expect(await log.feedback(10, null)).toEqual([]);
  });
});

describe("savings", () => {
  const routed = (n: number, atMs: number, baseline: number | null) =>
    usageRow(n, { decision_id: `rt_${n}`, created_at_ms: atMs, baseline_micro_usd: baseline });

  test("are what routed requests paid against the best model, by whole days", async () => {
    const { log } = openLog();
    const rows = [
      logged(1, routed(1, MONTH_MS, 100), { charged_micro_usd: 10 }),
      logged(2, routed(2, MONTH_MS + DAY_MS - 1, 50), { charged_micro_usd: 20 }),
      logged(3, routed(3, MONTH_MS + DAY_MS, 7), { charged_micro_usd: 7 }),
      logged(4, routed(4, MONTH_MS, null), { charged_micro_usd: 1_000 }),
    ];
    await log.append("b", { rows, refused: [] });
    expect(await log.savings(MONTH_MS, MONTH_MS + DAY_MS)).toEqual({
      requests: 2,
      paid_micro_usd: 30,
      baseline_micro_usd: 150,
    });
    expect((await log.savings(MONTH_MS, MONTH_MS + 2 * DAY_MS)).requests).toBe(3);
  });

  test("count a request once, however often its batch comes, and no failure", async () => {
    const { log } = openLog();
    const failed = { ...routed(2, MONTH_MS, 9), outcome: "error" as const };
    const batch = { rows: [logged(1, routed(1, MONTH_MS, 100)), logged(2, failed)], refused: [] };
    await log.append("b", batch);
    await log.append("b", batch);
    expect((await log.savings(0, MONTH_MS + DAY_MS)).requests).toBe(1);
  });
});
