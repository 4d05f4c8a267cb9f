import { describe, expect, it } from "vitest";
import type { SummaryQuery } from "../../src/domain/usage-log.ts";
import { mountUsage } from "../../src/management/usage.ts";
import { fakePorts, mounted, NOW_MS } from "./fake-ports.ts";
import { type FakeMonths, fakeUsageLog } from "./fake-usage-log.ts";
import { SUMMARY_LINE } from "./usage-rows.ts";

const DAY_MS = 86_400_000;

function open(months: FakeMonths = {}) {
  return { ask: mounted(fakePorts({}, { usageLog: fakeUsageLog(months) }), (http) => mountUsage(http, "")) };
}

describe("a summary", () => {
  /** Answers with a line for each of the days given, and keeps what it was asked. */
  function summing(days: readonly string[], groups: readonly (string | null)[] = [null]) {
    const asked: SummaryQuery[] = [];
    const summary = (query: SummaryQuery, month: string) => {
      asked.push(query);
      const lines = days
        .filter((day) => day.startsWith(month) && Date.parse(day) >= query.filter.fromMs - DAY_MS + 1)
        .flatMap((day) => groups.map((group) => ({ ...SUMMARY_LINE, start_ms: Date.parse(day), group })));
      return { ok: true, lines: lines.slice(0, query.limit) } as const;
    };
    return { asked, ...open({ summary }) };
  }

  it("has the form of the wire", async () => {
    const { ask } = summing(["2026-09-30"]);
    expect((await ask("GET", "/usage/summary")).body).toEqual({
      object: "list",
      data: [
        {
          start: "2026-09-30T00:00:00.000Z",
          requests: 3,
          errors: 1,
          refused: 2,
          input_tokens: 10,
          output_tokens: 5,
          cost_usd: 2.5,
          latency_p50_ms: 100,
          latency_p95_ms: null,
          queue_depth_max: 4,
        },
      ],
      next_cursor: null,
    });
  });

  it("names the group by what it is grouped by", async () => {
    const { ask } = summing(["2026-09-30"], ["A/x", null]);
    const { body } = await ask("GET", "/usage/summary?group=model");
    expect(body.data.map((line: { model: string | null }) => line.model)).toEqual(["A/x", null]);
  });

  it("covers 30 days by day and 24 hours by hour unless asked otherwise", async () => {
    const { ask, asked } = summing([]);
    await ask("GET", "/usage/summary");
    await ask("GET", "/usage/summary?bucket=hour");
    const ranges = asked.map(({ bucket, filter }) => [bucket, NOW_MS - filter.fromMs]);
    expect(new Set(ranges.map(String))).toEqual(new Set([`day,${30 * DAY_MS}`, `hour,${DAY_MS}`]));
  });

  it("hands every filter on", async () => {
    const { ask, asked } = summing([]);
    await ask("GET", "/usage/summary?model=A/x&key=key_1&region=us-east&status=200&task=chat&tag=team:a:b");
    expect(asked[0]?.filter).toMatchObject({
      model: "A/x",
      key: "key_1",
      region: "us-east",
      status: 200,
      task: "chat",
      tag: "team:a:b",
    });
  });

  it("comes oldest first across months, every line once, whatever the page", async () => {
    const days = ["2026-08-30", "2026-08-31", "2026-09-01", "2026-09-30"];
    const groups = ["a", "b", "c", "d", "e"];
    const { ask } = summing(days, groups);
    const seen: string[] = [];
    let cursor: string | null = "";
    for (let turn = 0; turn < 20 && cursor !== null; turn++) {
      const at = cursor === "" ? "" : `&cursor=${cursor}`;
      const path = `/usage/summary?group=key&from=2026-08-01T00:00:00Z&limit=3${at}`;
      const { body } = await ask("GET", path);
      seen.push(
        ...body.data.map((line: { start: string; key: string }) => `${line.start.slice(0, 10)} ${line.key}`),
      );
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(days.flatMap((day) => groups.map((group) => `${day} ${group}`)));
  });

  it("by a tag of too many requests is refused", async () => {
    const { ask } = open({ summary: () => ({ ok: false, requests: 60_000 }) });
    const reply = await ask("GET", "/usage/summary?tag=team:a");
    expect(reply).toMatchObject({ status: 400, body: { error: { param: "tag" } } });
  });

  it.each([
    ["bucket", "bucket=week"],
    ["group", "group=origin"],
    ["group", "group="],
    ["cursor", "cursor=Nw"],
  ])("refuses a wrong %s: %s", async (param, query) => {
    const reply = await open().ask("GET", `/usage/summary?${query}`);
    expect(reply).toMatchObject({ status: 400, body: { error: { param } } });
  });
});
