import { describe, expect, it } from "vitest";
import { mountCredits } from "../../src/management/credits.ts";
import { fakePorts, mounted, NOW_MS, TRANSACTION } from "./fake-ports.ts";

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
});
