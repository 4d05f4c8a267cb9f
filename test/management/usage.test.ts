import { describe, expect, it } from "vitest";
import { mountUsage } from "../../src/management/usage.ts";
import { ACCOUNT, fakePorts, mounted, type Script } from "./fake-ports.ts";
import { type FakeMonths, fakeUsageLog } from "./fake-usage-log.ts";
import { shownRow } from "./usage-rows.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function open(months: FakeMonths = {}, script: Script = {}) {
  const ports = fakePorts(script, { usageLog: fakeUsageLog(months) });
  return { ports, ask: mounted(ports, (http) => mountUsage(http, "")) };
}

const idsOf = (body: { data: readonly { request_id: string }[] }) => body.data.map((row) => row.request_id);

describe("a usage row", () => {
  it("has the form of the wire", async () => {
    const { ask } = open({ rows: [shownRow(1, MINUTE_MS)] });
    expect((await ask("GET", "/usage/req_1")).body).toEqual({
      request_id: "req_1",
      decision_id: null,
      created_at: "2026-10-01T11:59:00.000Z",
      key_id: "key_00000001",
      account_id: "acct_00000000001",
      endpoint: "/v1/chat/completions",
      dialect: "openai",
      model_requested: "auto",
      model: "A/x",
      origin: "us-1",
      region: "us-east",
      task: "chat",
      complexity: "simple",
      status: 200,
      outcome: "ok",
      stream: true,
      input_tokens: 10,
      cached_input_tokens: 4,
      output_tokens: 5,
      gpu_ms: 0,
      estimated: false,
      cost_usd: 0.001234,
      latency_ms: 100,
      ttft_ms: 20,
      queue_ms: 0,
      overhead_ms: 1,
      attempts: [
        {
          model: "A/x",
          origin: "us-1",
          region: "us-east",
          status: 200,
          error: null,
          ms: 90,
          ttft_ms: 19,
          input_tokens: 10,
          output_tokens: 5,
        },
      ],
      cache: null,
      user: "u",
      tags: { team: "a" },
    });
  });

  it("costs what the ledger took", async () => {
    const { ask } = open({ rows: [shownRow(1, MINUTE_MS, { charged_micro_usd: 1_000 })] });
    expect((await ask("GET", "/usage/req_1")).body.cost_usd).toBe(0.001);
  });

  it("of an isolate that died says null for what nobody knows", async () => {
    const { ask } = open({ rows: [shownRow(1, MINUTE_MS, { key_id: "", model: "", account_id: "" })] });
    const { body } = await ask("GET", "/usage/req_1");
    expect(body).toMatchObject({ key_id: null, model: null, account_id: null, region: "us-east" });
  });

  it("is found in the months before, and no further back than 90 days", async () => {
    const rows = [shownRow(1, 60 * DAY_MS), shownRow(2, 89 * DAY_MS), shownRow(3, 91 * DAY_MS)];
    const { ask } = open({ rows });
    expect((await ask("GET", "/usage/req_1")).status).toBe(200);
    expect((await ask("GET", "/usage/req_2")).status).toBe(200);
    expect((await ask("GET", "/usage/req_3")).status).toBe(404);
  });

  it.each(["req_unknown", "a.b", "%00", "x".repeat(65)])("named %s is not found", async (id) => {
    const { ask } = open({ rows: [shownRow(1, 0)] });
    expect((await ask("GET", `/usage/${encodeURIComponent(id)}`)).status).toBe(404);
  });

  it("is looked for in the caller's own account alone, newest month first", async () => {
    const opened: NonNullable<FakeMonths["opened"]> = [];
    const { ask, ports } = open({ opened });
    await ask("GET", "/usage/req_1");
    expect(opened.map(({ month }) => month)).toEqual(["2026-10", "2026-09", "2026-08", "2026-07"]);
    expect(opened.every(({ account }) => account.accountId === ACCOUNT.accountId)).toBe(true);
    expect(ports.asked[0]?.commands).toMatchObject([{ kind: "authorize", scope: "usage:read" }]);
  });
});

describe("usage", () => {
  it("comes newest first across months, every row once, whatever the page", async () => {
    const rows = Array.from({ length: 25 }, (_, n) => shownRow(25 - n, n * 2.5 * DAY_MS));
    const { ask } = open({ rows });
    const seen: string[] = [];
    let cursor: string | null = "";
    for (let turn = 0; turn < 30 && cursor !== null; turn++) {
      const at = cursor === "" ? "" : `&cursor=${cursor}`;
      const { body } = await ask("GET", `/usage?limit=4&from=2026-01-01T00:00:00Z${at}`);
      seen.push(...idsOf(body));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(rows.map((row) => row.request_id));
  });

  it("of the last 30 days is told unless asked otherwise", async () => {
    const { ask } = open({ rows: [shownRow(2, 29 * DAY_MS), shownRow(1, 31 * DAY_MS)] });
    expect(idsOf((await ask("GET", "/usage")).body)).toEqual(["req_2"]);
    const older = "/usage?from=2026-08-01T02:00:00%2B02:00&to=2026-09-01T00:00:00Z";
    expect(idsOf((await ask("GET", older)).body)).toEqual(["req_1"]);
  });

  it("older than 90 days is not told, whatever is asked", async () => {
    const { ask } = open({ rows: [shownRow(2, 89 * DAY_MS), shownRow(1, 91 * DAY_MS)] });
    expect(idsOf((await ask("GET", "/usage?from=2020-01-01T00:00:00Z")).body)).toEqual(["req_2"]);
    const { body } = await ask("GET", "/usage?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z");
    expect(body).toEqual({ object: "list", data: [], next_cursor: null });
  });

  it("comes in partial pages where a month had read enough, and nothing is missed", async () => {
    const rows = Array.from({ length: 40 }, (_, n) =>
      shownRow(40 - n, n * MINUTE_MS, n % 13 === 12 ? { model: "B/y" } : {}),
    );
    const { ask } = open({ rows, most: 10 });
    const first = (await ask("GET", "/usage?model=B/y")).body;
    expect(first.data).toEqual([]);
    const seen: string[] = [];
    let cursor = first.next_cursor;
    for (let turn = 0; turn < 10 && cursor !== null; turn++) {
      const { body } = await ask("GET", `/usage?model=B/y&cursor=${cursor}`);
      seen.push(...idsOf(body));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(["req_28", "req_15", "req_2"]);
  });

  it.each([
    ["from", "from=yesterday"],
    ["from", "from=2026-10-01"],
    ["from", "from=2026-10-01T12:00:00"],
    ["from", "from=2026-13-01T12:00:00Z"],
    ["from", "from=2026-09-02T00:00:00Z&to=2026-09-01T00:00:00Z"],
    ["to", "to=1790000000"],
    ["to", "to=2026-10-01T12:00:00+02:00"],
    ["status", "status=4xx"],
    ["status", "status=200.0"],
    ["model", "model="],
    ["key", `key=${"k".repeat(257)}`],
    ["tag", "tag=team"],
    ["tag", "tag=:a"],
    ["model", "model=a&model=b"],
    ["bucket", "bucket=day"],
    ["limit", "limit=201"],
    ["cursor", "cursor=Nw"],
    ["origin", "origin=us-1"],
  ])("refuses a wrong %s: %s", async (param, query) => {
    const { ask, ports } = open();
    const reply = await ask("GET", `/usage?${query}`);
    expect(reply).toMatchObject({ status: 400, body: { error: { code: "invalid_value", param } } });
    expect(ports.asked).toEqual([]);
  });

  it("is for keys that may read it", async () => {
    const refusal = { ok: false, code: "scope_missing", message: "no" } as const;
    const opened: NonNullable<FakeMonths["opened"]> = [];
    const { ask } = open({ opened }, { authorize: refusal });
    for (const path of ["/usage", "/usage/summary", "/usage/req_1"]) {
      expect((await ask("GET", path)).status).toBe(403);
      expect((await ask("GET", path, { bearer: null })).status).toBe(401);
    }
    expect(opened).toEqual([]);
  });

  it("asks a month again that can be asked again, and says so when it cannot", async () => {
    let failures = 1;
    const onCall = () => {
      if (failures-- > 0) throw Object.assign(new Error("gone"), { retryable: true });
    };
    const { ask } = open({ rows: [shownRow(1, 0)], onCall });
    expect((await ask("GET", "/usage/req_1")).status).toBe(200);
    failures = 99;
    expect(await ask("GET", "/usage")).toMatchObject({
      status: 503,
      body: { error: { code: "overloaded" } },
    });
  });
});
