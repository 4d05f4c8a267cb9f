import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  MAX_TAGGED_REQUESTS,
  monthOf,
  USAGE_RETENTION_MS,
  type UsageLogDoor,
} from "../../src/domain/usage-log.ts";
import { ids, lines, openLog, walk } from "./usage-log/usage-log-door.ts";
import { ALL, HOUR_MS, logged, MONTH_MS, usageRow } from "./usage-log/usage-rows.ts";

const DAY_MS = 24 * HOUR_MS;

const alarmOf = (stub: DurableObjectStub) =>
  runInDurableObject(stub, (_object, { storage }) => storage.getAlarm());

/** Behind the door: lists hide what is past retention by themselves. */
const idsOf = (stub: DurableObjectStub) =>
  runInDurableObject(stub, (_object, { storage }) =>
    storage.sql
      .exec("SELECT request_id FROM request ORDER BY seq")
      .toArray()
      .map((row) => String(row.request_id)),
  );

describe("a month nobody wrote to", () => {
  test("answers every question with nothing, and stores nothing", async () => {
    const { stub, log } = openLog();
    expect(await log.rows(ALL, 10, null)).toEqual({ rows: [], resumeAt: null });
    expect(await log.row("req_1")).toBeNull();
    expect(await lines(log)).toEqual([]);
    expect(await log.charges(10, null)).toEqual({ charges: [], resumeBefore: null });
    expect(await log.exportRows(10, null)).toEqual([]);
    await runInDurableObject(stub, (_object, state) => {
      const tables = state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'request'");
      expect(tables.toArray()).toEqual([]);
    });
  });
});

describe("what comes twice", () => {
  test("a request counts once, whatever batch it comes in", async () => {
    const { log } = openLog();
    const rows = [logged(1, usageRow(1)), logged(2, usageRow(2))];
    await log.append("b1", { rows, refused: [] });
    await log.append("b1", { rows, refused: [] });
    await log.append("b2", { rows: [...rows, logged(3, usageRow(3)), logged(3, usageRow(3))], refused: [] });
    expect(ids(await log.rows(ALL, 10, null))).toEqual(["req_3", "req_2", "req_1"]);
    expect(await lines(log)).toMatchObject([{ requests: 3, input_tokens: 30, cost_micro_usd: 21 }]);
  });

  test("the refusals of a batch count once, those of two batches twice", async () => {
    const { log } = openLog();
    const refused = [{ hour_ms: MONTH_MS, key_id: "key_1", code: "rate_limit_exceeded", count: 4 }];
    await log.append("b1", { rows: [], refused });
    await log.append("b1", { rows: [], refused });
    await log.append("b2", { rows: [], refused });
    expect(await lines(log)).toMatchObject([{ start_ms: MONTH_MS, requests: 0, refused: 8 }]);
  });

  test("the ids of batches are forgotten after a day", async () => {
    const { stub, log } = openLog();
    const refused = [{ hour_ms: MONTH_MS, key_id: "key_1", code: "x", count: 1 }];
    for (const id of ["b1", "b2", "b3"]) await log.append(id, { rows: [], refused });
    await runInDurableObject(stub, (_object, state) => {
      state.storage.sql.exec("UPDATE batch SET at_ms = at_ms - ? WHERE id <> 'b3'", 25 * HOUR_MS);
    });
    await log.append("b4", { rows: [], refused });
    await runInDurableObject(stub, (_object, state) => {
      const kept = state.storage.sql.exec("SELECT id FROM batch ORDER BY n").toArray();
      expect(kept).toEqual([{ id: "b3" }, { id: "b4" }]);
    });
  });

  test("a sequence number given to two requests is a fault that nobody can miss", async () => {
    const { stub, log } = openLog();
    await log.append("b", { rows: [logged(1, usageRow(1))], refused: [] });
    const batch = { rows: [logged(2, usageRow(3)), logged(1, usageRow(2))], refused: [] };
    const failure = await runInDurableObject(stub, async (object) => {
      const appended = (object as unknown as UsageLogDoor).append("b2", batch);
      return await appended.then(() => null).catch(String);
    });
    expect(failure).toContain("sequence number 1");
    expect(ids(await log.rows(ALL, 10, null))).toEqual(["req_1"]);
    expect(await lines(log)).toMatchObject([{ requests: 1 }]);
  });
});

describe("retention", () => {
  test("a month is dropped whole when its last day is 90 days old", async () => {
    const { log } = openLog();
    const created_at_ms = Date.now() - USAGE_RETENTION_MS - 40 * 24 * HOUR_MS;
    await log.append("b", { rows: [logged(1, usageRow(1, { created_at_ms }))], refused: [] });
    await vi.waitFor(async () => expect(await log.row("req_1")).toBeNull(), 5_000);
    await log.append("b", { rows: [logged(2, usageRow(2))], refused: [] });
    expect(await log.row("req_2")).not.toBeNull();
  });

  test("an alarm that comes early drops nothing and is set again", async () => {
    const { stub, log } = openLog();
    const row = usageRow(1);
    await log.append("b", { rows: [logged(1, row)], refused: [] });
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await log.row("req_1")).not.toBeNull();
    expect(await alarmOf(stub)).toBe(row.created_at_ms + USAGE_RETENTION_MS + DAY_MS);
  });

  describe("of a month that is not over", () => {
    /** In the middle of a month, and far ahead of the runtime's own clock: no alarm rings by itself. */
    const newMonth = new Date(MONTH_MS);
    const NOW_MS = Date.UTC(newMonth.getUTCFullYear() + 1, newMonth.getUTCMonth(), 20);
    const OLD_MS = NOW_MS - USAGE_RETENTION_MS;
    beforeEach(() => void vi.spyOn(Date, "now").mockImplementation(() => NOW_MS));
    afterEach(() => void vi.restoreAllMocks());

    const rowsAt = (...times: readonly number[]) =>
      times.map((created_at_ms, n) => logged(n, usageRow(n, { created_at_ms })));

    test("what is older than 90 days is deleted by the alarm, and what is not stays", async () => {
      const { stub, log } = openLog();
      const rows = rowsAt(OLD_MS - 2 * HOUR_MS, OLD_MS - 1, OLD_MS, OLD_MS + HOUR_MS);
      await log.append("b", { rows, refused: [] });
      expect(await runDurableObjectAlarm(stub)).toBe(true);
      expect(await idsOf(stub)).toEqual(["req_2", "req_3"]);
      expect(await log.row("req_1")).toBeNull();
      // Rows go by the day, or every one of them would wake the object.
      expect(await alarmOf(stub)).toBe(OLD_MS + USAGE_RETENTION_MS + DAY_MS);
    });

    test("sums stay until the month is dropped whole", async () => {
      const { stub, log } = openLog();
      const filter = { ...ALL, fromMs: OLD_MS - 3 * DAY_MS, toMs: NOW_MS };
      await log.append("b", { rows: rowsAt(OLD_MS - HOUR_MS), refused: [] });
      await runDurableObjectAlarm(stub);
      expect(await idsOf(stub)).toEqual([]);
      expect(await lines(log, { filter })).toMatchObject([{ requests: 1, cost_micro_usd: 7 }]);
      const [year = 0, month = 0] = monthOf(OLD_MS).split("-").map(Number);
      expect(await alarmOf(stub)).toBe(Date.UTC(year, month) + USAGE_RETENTION_MS);
    });

    test("one run deletes a bounded number, and the next comes soon", async () => {
      const { stub, log } = openLog();
      const times = Array.from({ length: 5_002 }, (_, n) => OLD_MS - 10_000 + n);
      await log.append("b", { rows: rowsAt(...times), refused: [] });
      expect(await alarmOf(stub)).toBe(NOW_MS + 1_000);
      await runDurableObjectAlarm(stub);
      expect(await idsOf(stub)).toEqual(["req_5000", "req_5001"]);
      expect(await alarmOf(stub)).toBe(NOW_MS + 1_000);
      await runDurableObjectAlarm(stub);
      expect(await idsOf(stub)).toEqual([]);
    });

    test("feedback is deleted in the day after its own 90 days, whether or not rows are left", async () => {
      const { stub, log } = openLog();
      await log.append("b", { rows: rowsAt(OLD_MS - HOUR_MS), refused: [] });
      await log.putFeedback({
        decision_id: "rt_1",
        created_at_ms: OLD_MS + 3 * DAY_MS,
        model: "A/x",
        task: null,
        rating: 1,
        correct: null,
        preferred_model: null,
        prompt: "why?",
      });
      await runDurableObjectAlarm(stub);
      expect(await idsOf(stub)).toEqual([]);
      expect(await log.feedback(10, null)).toHaveLength(1);
      expect(await alarmOf(stub)).toBe(NOW_MS + 4 * DAY_MS);
      vi.mocked(Date.now).mockImplementation(() => NOW_MS + 4 * DAY_MS);
      await runDurableObjectAlarm(stub);
      expect(await log.feedback(10, null)).toEqual([]);
    });

    test("an alarm set for later, as it once was, is brought forward by what comes", async () => {
      const { stub, log } = openLog();
      await log.append("b1", { rows: rowsAt(OLD_MS + DAY_MS), refused: [] });
      await runInDurableObject(stub, (_object, { storage }) => storage.setAlarm(NOW_MS + 90 * DAY_MS));
      await log.append("b2", { rows: [logged(1, usageRow(1, { created_at_ms: NOW_MS }))], refused: [] });
      expect(await alarmOf(stub)).toBe(NOW_MS + 2 * DAY_MS);
    });
  });

  test("erasure leaves nothing", async () => {
    const { stub, log } = openLog();
    await log.append("b", { rows: [logged(1, usageRow(1))], refused: [] });
    await log.erase();
    expect(await log.rows(ALL, 10, null)).toEqual({ rows: [], resumeAt: null });
    expect(await runDurableObjectAlarm(stub)).toBe(false);
  });
});

describe("100,000 rows", () => {
  const COUNT = 100_001;
  const BATCH = 10_000;
  /** One in fifty thousand is of the rare model and tag, the oldest row among them; the rest costs nothing. */
  const isRare = (n: number) => n % 50_000 === 0;

  async function filled() {
    const { log } = openLog();
    for (let start = 0; start < COUNT; start += BATCH) {
      const rows = Array.from({ length: Math.min(BATCH, COUNT - start) }, (_, index) => {
        const n = start + index;
        const rare = isRare(n) ? { model: "rare/one", tags: { rare: "yes" } } : { cost_micro_usd: 0 };
        return logged(
          n,
          usageRow(n, { created_at_ms: MONTH_MS + n * 10_000, tags: { rare: "no" }, ...rare }),
        );
      });
      await log.append(`b${start}`, { rows, refused: [] });
    }
    return log;
  }

  test("answer within bounds, and nothing is missed behind them", { timeout: 120_000 }, async () => {
    const log = await filled();
    const rare = ["req_100000", "req_50000", "req_0"];
    expect(ids(await log.rows({ ...ALL, model: "rare/one" }, 51, null))).toEqual(rare);

    const tagged = await log.rows({ ...ALL, tag: "rare:yes" }, 51, null);
    expect(ids(tagged)).toEqual(rare.slice(0, 2));
    expect(tagged.resumeAt).toEqual({ createdAtMs: MONTH_MS + 10_000, seq: 1 });
    expect(await walk(log, { ...ALL, tag: "rare:yes" }, 51)).toEqual(rare);

    const first = await log.charges(10, null);
    expect(first).toMatchObject({ charges: [{ seq: 100_000 }], resumeBefore: 80_001 });

    expect(await lines(log, { filter: { ...ALL, model: "rare/one" } })).toHaveLength(3);
    const all = await lines(log);
    expect(all.reduce((sum, line) => sum + line.requests, 0)).toBe(COUNT);

    const query = { filter: { ...ALL, tag: "rare:yes" }, bucket: "day", group: null, limit: 50 } as const;
    expect(await log.summary(query)).toEqual({ ok: false, requests: COUNT });
    const toMs = MONTH_MS + 5 * 24 * HOUR_MS;
    const within = await log.summary({ ...query, filter: { ...query.filter, toMs } });
    expect(within).toMatchObject({ ok: true, lines: [{ start_ms: MONTH_MS, requests: 1 }] });
    expect(5 * 24 * 360).toBeLessThan(MAX_TAGGED_REQUESTS);
  });
});
