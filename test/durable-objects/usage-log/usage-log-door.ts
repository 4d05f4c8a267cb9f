// Doors for tests of the UsageLog object: a month of its own per test, and its answers as callers gather them.
import { env } from "cloudflare:test";
import type {
  SummaryLine,
  SummaryQuery,
  UsageFilter,
  UsageLogDoor,
  UsagePage,
  UsagePlace,
} from "../../../src/domain/usage-log.ts";
import { ALL } from "./usage-rows.ts";

/** Objects of one name are the same within a file of tests, and forgotten behind it. */
let objects = 0;

/** A month of its own per test. */
export function openLog() {
  const namespace = (env as unknown as { USAGE_LOG: DurableObjectNamespace }).USAGE_LOG;
  const stub = namespace.get(namespace.idFromName(`log-${objects++}`));
  return { stub, log: stub as unknown as UsageLogDoor };
}

export async function lines(
  log: UsageLogDoor,
  query: Partial<SummaryQuery> = {},
): Promise<readonly SummaryLine[]> {
  const answer = await log.summary({ filter: ALL, bucket: "day", group: null, limit: 200, ...query });
  if (!answer.ok) throw new Error(`${answer.requests} requests are too many`);
  return answer.lines;
}

/** Every page in turn, as callers walk them. */
export async function walk(
  log: UsageLogDoor,
  filter: UsageFilter,
  limit: number,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let before: UsagePlace | null = null;
  for (let turn = 0; turn < 1_000; turn++) {
    const page: UsagePage = await log.rows(filter, limit, before);
    ids.push(...page.rows.map((row) => row.request_id));
    const last = page.rows.at(-1);
    if (page.rows.length === limit && last !== undefined) {
      before = { createdAtMs: last.created_at_ms, seq: last.seq };
    } else if (page.resumeAt === null) {
      return ids;
    } else before = page.resumeAt;
  }
  throw new Error("pages without end");
}

export const ids = (page: UsagePage) => page.rows.map((row) => row.request_id);
