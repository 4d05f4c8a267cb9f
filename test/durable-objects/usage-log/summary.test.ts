import { describe, expect, test } from "vitest";
import { lines, openLog } from "./usage-log-door.ts";
import { ALL, HOUR_MS, logged, MONTH_MS, usageRow } from "./usage-rows.ts";

describe("a summary", () => {
  const rows = [
    logged(1, usageRow(1, { latency_ms: 10, queue_depth: 3 })),
    logged(2, usageRow(2, { model: "B/y", key_id: "key_2", latency_ms: 20 })),
    logged(3, usageRow(3, { created_at_ms: MONTH_MS + HOUR_MS, outcome: "error", status: 502 })),
    logged(4, usageRow(4, { created_at_ms: MONTH_MS + 24 * HOUR_MS, outcome: "cancelled", status: 499 })),
  ];
  const refused = [{ hour_ms: MONTH_MS, key_id: "key_2", code: "insufficient_credits", count: 2 }];

  async function filled() {
    const { log } = openLog();
    await log.append("b", { rows, refused });
    return log;
  }

  test("by day and by hour holds whole buckets, oldest first", async () => {
    const log = await filled();
    expect(await lines(log)).toMatchObject([
      { start_ms: MONTH_MS, group: null, requests: 3, errors: 1, refused: 2, queue_depth_max: 3 },
      { start_ms: MONTH_MS + 24 * HOUR_MS, requests: 1, errors: 0, refused: 0, cost_micro_usd: 7 },
    ]);
    const filter = { ...ALL, fromMs: MONTH_MS + 30 * 60_000, toMs: MONTH_MS + HOUR_MS };
    const first = await lines(log, { bucket: "hour", filter });
    expect(first).toMatchObject([
      { start_ms: MONTH_MS, requests: 2, latency_p50_ms: 10, latency_p95_ms: 20 },
    ]);
  });

  test("by key puts refusals where they belong; by model they are of none", async () => {
    const log = await filled();
    const filter = { ...ALL, toMs: MONTH_MS + 1 };
    expect(await lines(log, { group: "key", filter })).toMatchObject([
      { group: "key_1", requests: 2, refused: 0 },
      { group: "key_2", requests: 1, refused: 2 },
    ]);
    expect(await lines(log, { group: "model", filter })).toMatchObject([
      { group: null, requests: 0, refused: 2, latency_p50_ms: null },
      { group: "A/x", requests: 2, refused: 0 },
      { group: "B/y", requests: 1, refused: 0 },
    ]);
    expect(await lines(log, { filter: { ...filter, model: "B/y" } })).toMatchObject([
      { requests: 1, refused: 0 },
    ]);
  });

  test("stops at its limit, and a later `from` goes on from there", async () => {
    const { log } = openLog();
    const hourly = Array.from({ length: 40 }, (_, n) =>
      logged(n, usageRow(n, { created_at_ms: MONTH_MS + n * HOUR_MS })),
    );
    await log.append("b", { rows: hourly, refused: [] });
    const first = await lines(log, { bucket: "hour", limit: 11 });
    expect(first.map((line) => line.start_ms)).toEqual(
      hourly.slice(0, 11).map((_, n) => MONTH_MS + n * HOUR_MS),
    );
    const filter = { ...ALL, fromMs: MONTH_MS + 11 * HOUR_MS };
    expect(await lines(log, { bucket: "hour", filter })).toHaveLength(29);
  });

  test("of a tag is read from the rows", async () => {
    const { log } = openLog();
    const tagged = [1, 2, 3, 4].map((n) =>
      logged(n, usageRow(n, { tags: { team: n % 2 ? "odd" : "even" }, model: n > 2 ? "B/y" : "A/x" })),
    );
    await log.append("b", { rows: tagged, refused });
    const filter = { ...ALL, tag: "team:odd" };
    expect(await lines(log, { filter })).toMatchObject([{ requests: 2, refused: 0, latency_p95_ms: 100 }]);
    expect(await lines(log, { filter, group: "model" })).toMatchObject([
      { group: "A/x", requests: 1 },
      { group: "B/y", requests: 1 },
    ]);
    expect(await lines(log, { filter: { ...filter, model: "B/y" } })).toMatchObject([{ requests: 1 }]);
  });
});
