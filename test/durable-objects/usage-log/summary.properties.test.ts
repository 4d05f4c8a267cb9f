// The law of the sums: whatever was logged, in whatever batches, they say what counting the rows would say.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { SummaryGroup, SummaryLine, UsageFilter } from "../../../src/domain/usage-log.ts";
import type { UsageRow } from "../../../src/domain/usage-row.ts";
import { openLog } from "./usage-log-door.ts";
import { ALL, HOUR_MS, logged, MONTH_MS, usageRow } from "./usage-rows.ts";

const model = fc.constantFrom("A/x", "B/y", "C/z");
const key = fc.constantFrom("key_1", "key_2");
const region = fc.constantFrom("us-east", "eu-west");
const task = fc.constantFrom("chat", "code");
const status = fc.constantFrom(200, 429, 502);

const changes = fc.record({
  created_at_ms: fc.integer({ min: MONTH_MS, max: MONTH_MS + 3 * 24 * HOUR_MS }),
  model,
  key_id: key,
  region,
  task: fc.option(task),
  status,
  outcome: fc.constantFrom("ok", "error", "cancelled"),
  input_tokens: fc.nat(5_000),
  output_tokens: fc.nat(5_000),
  cost_micro_usd: fc.nat(100_000),
  latency_ms: fc.nat(600_000),
  queue_depth: fc.nat(500),
});

const filter = fc.record({
  fromMs: fc.integer({ min: 0, max: 72 }).map((hour) => MONTH_MS + hour * HOUR_MS),
  model: fc.option(model),
  key: fc.option(key),
  region: fc.option(region),
  task: fc.option(task),
  status: fc.option(status),
});

const group = fc.option(fc.constantFrom<SummaryGroup>("model", "key", "region", "task"));

function matches(row: UsageRow, filter: UsageFilter): boolean {
  const pairs = [
    [filter.model, row.model],
    [filter.key, row.key_id],
    [filter.region, row.region],
    [filter.task, row.task],
    [filter.status, row.status],
  ];
  return row.created_at_ms >= filter.fromMs && pairs.every(([asked, has]) => asked === null || asked === has);
}

function groupOf(row: UsageRow, group: SummaryGroup | null): string | null {
  if (group === null) return null;
  return group === "key" ? row.key_id : row[group];
}

function exact(rows: readonly UsageRow[], share: number): number {
  const sorted = rows.map((row) => row.latency_ms).sort((left, right) => left - right);
  return sorted[Math.max(1, Math.ceil(sorted.length * share)) - 1] ?? Number.NaN;
}

function expectSumsOf(line: SummaryLine, rows: readonly UsageRow[]): void {
  const sum = (of: (row: UsageRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  expect(line).toMatchObject({
    requests: rows.length,
    errors: sum((row) => (row.outcome === "error" ? 1 : 0)),
    input_tokens: sum((row) => row.input_tokens),
    output_tokens: sum((row) => row.output_tokens),
    cost_micro_usd: sum((row) => row.cost_micro_usd),
    queue_depth_max: Math.max(...rows.map((row) => row.queue_depth)),
  });
  for (const [told, share] of [
    [line.latency_p50_ms, 0.5],
    [line.latency_p95_ms, 0.95],
  ] as const) {
    expect(Math.abs((told ?? Number.NaN) - exact(rows, share))).toBeLessThanOrEqual(
      exact(rows, share) * 0.05,
    );
  }
}

test("sums equal the sums over the rows, for any rows, batches, filter, bucket and group", async () => {
  const property = fc.asyncProperty(
    fc.array(fc.array(changes, { maxLength: 25 }), { minLength: 1, maxLength: 3 }),
    filter,
    fc.constantFrom("hour", "day"),
    group,
    async (batches, asked, bucket, group) => {
      const { log } = openLog();
      const rows: UsageRow[] = [];
      for (const [place, batch] of batches.entries()) {
        const added = batch.map((change, index) => usageRow(rows.length + index, change));
        const first = rows.length;
        rows.push(...added);
        await log.append(`b${place}`, { rows: added.map((row, n) => logged(first + n, row)), refused: [] });
      }
      const spanMs = bucket === "hour" ? HOUR_MS : 24 * HOUR_MS;
      const fromMs = asked.fromMs - ((asked.fromMs - MONTH_MS) % spanMs);
      const wanted: UsageFilter = { ...ALL, ...asked, fromMs };
      const answer = await log.summary({ filter: { ...ALL, ...asked }, bucket, group, limit: 1_000 });
      const lines = answer.ok ? answer.lines : [];
      const startOf = (row: UsageRow) => row.created_at_ms - ((row.created_at_ms - MONTH_MS) % spanMs);
      const expected = Map.groupBy(
        rows.filter((row) => matches(row, wanted)),
        (row) => `${startOf(row)} ${groupOf(row, group)}`,
      );
      expect(lines.map((line) => `${line.start_ms} ${line.group}`).sort()).toEqual(
        [...expected.keys()].sort(),
      );
      for (const line of lines) {
        expectSumsOf(line, expected.get(`${line.start_ms} ${line.group}`) ?? []);
      }
    },
  );
  await fc.assert(property, { numRuns: 40 });
}, 60_000);
