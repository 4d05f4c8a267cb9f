import { describe, expect, it } from "vitest";
import { mountCredits } from "../../src/management/credits.ts";
import { fakePorts, mounted, NOW_MS, TRANSACTION } from "./fake-ports.ts";
import { type FakeMonths, fakeUsageLog } from "./fake-usage-log.ts";
import { shownRow } from "./usage-rows.ts";

/** Number 4 cost nothing; 11 was settled after requests of the next month; 3 and 8 are deposits. */
const IDS = [12, 11, 10, 9, 8, 7, 6, 5, 3, 2, 1].map((seq) => `txn_${seq}`);

function withCharges(months: FakeMonths) {
  const rows = [1, 2, 4, 5, 6, 7, 9, 10, 11, 12].map((seq) =>
    shownRow(seq, (seq === 11 ? 20 : 12 - seq) * 86_400_000, seq === 4 ? { charged_micro_usd: 0 } : {}),
  );
  const entries = [8, 3].map((seq) => ({ ...TRANSACTION, seq, id: `txn_${seq}` }));
  return fakePorts(
    {
      transactions: ({ limit, beforeSeq }) => ({
        ok: true,
        rows: entries.filter(({ seq }) => seq < (beforeSeq ?? 99)).slice(0, limit),
      }),
    },
    { usageLog: fakeUsageLog({ ...months, rows }) },
  );
}

describe("credits", () => {
  it("are told in USD, with what is held and what is free", async () => {
    const ports = fakePorts({
      credits: {
        ok: true,
        balanceMicroUsd: 1_234_567,
        pendingMicroUsd: 1,
        availableMicroUsd: 1_234_566,
        updatedAtMs: NOW_MS,
      },
    });
    const ask = mounted(ports, (http) => mountCredits(http, ""));
    expect((await ask("GET", "/credits")).body).toEqual({
      balance_usd: 1.234567,
      pending_usd: 0.000001,
      available_usd: 1.234566,
      currency: "USD",
      updated_at: "2026-10-01T12:00:00.000Z",
    });
    expect(ports.asked[0]?.commands[0]).toMatchObject({ scope: "billing:read" });
  });

  it("come with their transactions, page by page, newest first", async () => {
    const entries = [3, 2, 1].map((seq) => ({ ...TRANSACTION, seq, id: `txn_${seq}` }));
    const ports = fakePorts({
      transactions: ({ limit, beforeSeq }) => ({
        ok: true,
        rows: entries.filter(({ seq }) => seq < (beforeSeq ?? 99)).slice(0, limit),
      }),
    });
    const ask = mounted(ports, (http) => mountCredits(http, ""));
    const first = await ask("GET", "/credits/transactions?limit=2");
    expect(first.body.data.map((row: { id: string }) => row.id)).toEqual(["txn_3", "txn_2"]);
    expect(first.body.data[0]).toEqual({
      id: "txn_3",
      kind: "deposit",
      amount_usd: 2.5,
      balance_after_usd: 3.000001,
      reference: "invoice-1",
      request_id: null,
      created_at: "2026-10-01T12:00:00.000Z",
    });
    const next = await ask("GET", `/credits/transactions?limit=2&cursor=${first.body.next_cursor}`);
    expect(next.body).toMatchObject({ data: [{ id: "txn_1" }], next_cursor: null });
  });

  it("are merged with the charges of every month, in one sequence", async () => {
    const ask = mounted(withCharges({}), (http) => mountCredits(http, ""));
    const { body } = await ask("GET", "/credits/transactions");
    expect(body.data.map((row: { id: string }) => row.id)).toEqual(IDS);
    expect(body.data[0]).toEqual({
      id: "txn_12",
      kind: "charge",
      amount_usd: -0.001234,
      balance_after_usd: 0.999988,
      reference: null,
      request_id: "req_12",
      created_at: "2026-10-01T12:00:00.100Z",
    });
  });

  it.each([1, 3, 5])(
    "are each on one page of %i, also where the log reads a little at a time",
    async (limit) => {
      const ask = mounted(withCharges({ most: 2 }), (http) => mountCredits(http, ""));
      const seen: string[] = [];
      let cursor: string | null = "";
      for (let turn = 0; turn < 30 && cursor !== null; turn++) {
        const at: string = cursor === "" ? "" : `&cursor=${cursor}`;
        const { body } = await ask("GET", `/credits/transactions?limit=${limit}${at}`);
        seen.push(...body.data.map((row: { id: string }) => row.id));
        cursor = body.next_cursor;
      }
      expect(seen).toEqual(IDS);
    },
  );
});
