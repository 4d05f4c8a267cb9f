import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Answer } from "../../src/domain/account-commands.ts";
import type { AccountId, RequestId, ReservationId } from "../../src/domain/ids.ts";
import { packRow, unpackRow } from "../../src/domain/packed-row.ts";
import { settle } from "../../src/usage/settle.ts";
import { sampleRow } from "../domain/sample-row.ts";
import { type FakePorts, fakePorts } from "../support/fake-ports.ts";

const ROW = sampleRow({ user: "tab\there", tags: { line: "one\ntwo" } });
const SETTLING = {
  account: { accountId: "acct_00000000001" as AccountId, jurisdiction: "eu" },
  reservationId: 7 as ReservationId,
  requestId: "req_1" as RequestId,
  row: ROW,
} as const;
const settlement = (applied: "posted" | "repeated" | "late"): Answer => ({
  ok: true,
  applied,
  postedMicroUsd: applied === "posted" ? 25 : 0,
});

async function settled(answer: Answer, settling: Partial<typeof SETTLING> = {}): Promise<FakePorts> {
  const fake = fakePorts({ apply: async () => [answer] });
  settle(fake.ports, { ...SETTLING, ...settling });
  await vi.runAllTimersAsync();
  return fake;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("settle", () => {
  it("posts what the row says: its cost, its tokens, its GPU time, and the row itself", async () => {
    const fake = await settled(settlement("posted"));
    expect(fake.accountCalls).toEqual([
      {
        ref: SETTLING.account,
        commands: [
          {
            kind: "settle",
            reservationId: 7,
            requestId: "req_1",
            keyId: "key_00000001",
            microUsd: 25,
            tokens: 15,
            gpuMs: 40,
            rowJson: packRow(ROW),
          },
        ],
      },
    ]);
    expect(fake.logs).toEqual([]);
  });

  it("sends the row on one line without tabs, whatever a caller put in: the journal separates by them", async () => {
    const [call] = (await settled(settlement("posted"))).accountCalls;
    const [command] = call?.commands ?? [];
    const rowJson = command?.kind === "settle" ? command.rowJson : "";
    expect(rowJson).not.toMatch(/[\t\n]/);
    expect(unpackRow(rowJson)).toEqual(ROW);
  });

  it("gives everything back where nothing was used, and still leaves a row", async () => {
    const row = sampleRow({ cost_micro_usd: 0, input_tokens: 0, output_tokens: 0, gpu_ms: 0, status: 502 });
    const fake = await settled(settlement("posted"), { row } as object);
    expect(fake.accountCalls[0]?.commands).toMatchObject([
      { kind: "settle", microUsd: 0, tokens: 0, gpuMs: 0, rowJson: packRow(row) },
    ]);
  });

  it("returns at once: nobody waits for it", async () => {
    const fake = fakePorts({ apply: async () => [settlement("posted")] });
    expect(settle(fake.ports, SETTLING)).toBeUndefined();
    expect(fake.stubs).toHaveLength(0);
    await vi.runAllTimersAsync();
    expect(fake.stubs).toHaveLength(1);
  });

  it("says when it came late: what was used is not paid", async () => {
    const fake = await settled(settlement("late"));
    expect(fake.stubs).toHaveLength(1);
    expect(fake.logs).toEqual([
      { event: "settlement-late", level: "warn", request_id: "req_1", cost_micro_usd: 25 },
    ]);
  });

  it("says nothing of a repeat: it was paid", async () => {
    expect((await settled(settlement("repeated"))).logs).toEqual([]);
  });
});
