import { describe, expect, test } from "vitest";
import { ids, lines, openLog, walk } from "./usage-log-door.ts";
import { ALL, logged, MONTH_MS, usageRow } from "./usage-rows.ts";

describe("rows", () => {
  test("come back as they were logged, with what the ledger took", async () => {
    const { log } = openLog();
    const row = usageRow(1, { tags: { team: "a" }, user: "u", task: "chat" });
    await log.append("b", { rows: [logged(1, row, { charged_micro_usd: 3 })], refused: [] });
    expect(await log.row("req_1")).toEqual({ ...row, seq: 1, charged_micro_usd: 3 });
    expect(await log.row("req_2")).toBeNull();
  });

  test("come newest first by the time of the request, however late they arrived", async () => {
    const { log } = openLog();
    const at = (n: number, ms: number) => usageRow(n, { created_at_ms: MONTH_MS + ms });
    const rows = [logged(5, at(1, 300)), logged(6, at(2, 100)), logged(7, at(3, 200)), logged(8, at(4, 200))];
    await log.append("b", { rows, refused: [] });
    expect(ids(await log.rows(ALL, 10, null))).toEqual(["req_1", "req_4", "req_3", "req_2"]);
  });

  test("are each on exactly one page, also where many share a millisecond", async () => {
    const { log } = openLog();
    const rows = Array.from({ length: 50 }, (_, n) =>
      logged(n + 1, usageRow(n, { created_at_ms: MONTH_MS + Math.floor(n / 20) })),
    );
    await log.append("b", { rows, refused: [] });
    const seen = await walk(log, ALL, 7);
    expect(seen).toEqual(rows.map((row) => row.request_id).reverse());
  });

  test("are those from `from` on and before `to`", async () => {
    const { log } = openLog();
    await log.append("b", { rows: [1, 2, 3, 4].map((n) => logged(n, usageRow(n))), refused: [] });
    const filter = { ...ALL, fromMs: MONTH_MS + 2, toMs: MONTH_MS + 4 };
    expect(ids(await log.rows(filter, 10, null))).toEqual(["req_3", "req_2"]);
  });

  test.each([
    ["model", "B/y", { model: "B/y" }],
    ["key", "key_2", { key_id: "key_2" }],
    ["region", "eu-west", { region: "eu-west" }],
    ["task", "chat", { task: "chat" }],
    ["status", 429, { status: 429 }],
    ["tag", "team:a:b", { tags: { team: "a:b", other: "x" } }],
  ])("are filtered by %s", async (name, value, changes) => {
    const { log } = openLog();
    const rows = [logged(1, usageRow(1)), logged(2, usageRow(2, changes)), logged(3, usageRow(3))];
    await log.append("b", { rows, refused: [] });
    expect(ids(await log.rows({ ...ALL, [name]: value }, 10, null))).toEqual(["req_2"]);
    expect(ids(await log.rows({ ...ALL, [name]: value, region: "nowhere" }, 10, null))).toEqual([]);
  });

  test("with a tag like another's, quoted or joined, are told apart", async () => {
    const { log } = openLog();
    const tagged = [{ ":": ",", b: "v" }, { a: '","b":"v' }, { b: "v" }, { "b:v": "" }];
    const rows = tagged.map((tags, n) => logged(n, usageRow(n, { tags: tags as Record<string, string> })));
    await log.append("b", { rows, refused: [] });
    expect(ids(await log.rows({ ...ALL, tag: "b:v" }, 10, null))).toEqual(["req_2", "req_0"]);
  });

  test("whose isolate died are shown with what the ledger knows", async () => {
    const { log } = openLog();
    const lost = logged(1, usageRow(1), { row_json: null, charged_micro_usd: 9, at_ms: MONTH_MS + 5 });
    const broken = logged(2, usageRow(2), { row_json: "{", charged_micro_usd: 1, at_ms: MONTH_MS + 6 });
    await log.append("b", { rows: [lost, broken], refused: [] });
    expect(await log.row("req_1")).toMatchObject({
      created_at_ms: MONTH_MS + 5,
      charged_micro_usd: 9,
      outcome: "error",
      model: "",
    });
    expect(ids(await log.rows({ ...ALL, status: 500 }, 10, null))).toEqual(["req_2", "req_1"]);
    expect(await lines(log)).toMatchObject([
      { requests: 2, errors: 2, cost_micro_usd: 10, latency_p50_ms: null },
    ]);
  });

  test("are exported whole, in the ledger's order, page by page", async () => {
    const { log } = openLog();
    await log.append("b", { rows: [3, 1, 2].map((n) => logged(n, usageRow(9 - n))), refused: [] });
    const first = await log.exportRows(2, null);
    expect(first.map((row) => row.seq)).toEqual([1, 2]);
    expect((await log.exportRows(2, 2)).map((row) => row.seq)).toEqual([3]);
  });
});

describe("charges", () => {
  test("are what was taken, newest first, page by page", async () => {
    const { log } = openLog();
    const rows = [1, 2, 3, 4].map((seq) =>
      logged(seq, usageRow(seq), { charged_micro_usd: seq === 2 ? 0 : seq, at_ms: MONTH_MS + 9 }),
    );
    await log.append("b", { rows, refused: [] });
    const { charges } = await log.charges(2, null);
    expect(charges.map((charge) => charge.seq)).toEqual([4, 3]);
    expect((await log.charges(2, 3)).charges).toEqual([
      {
        seq: 1,
        request_id: "req_1",
        micro_usd: 1,
        balance_after_micro_usd: 999_999,
        at_ms: MONTH_MS + 9,
      },
    ]);
  });
});
