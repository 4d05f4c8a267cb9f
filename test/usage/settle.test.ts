import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Answer } from "../../src/domain/account-commands.ts";
import type { AccountId, RequestId, ReservationId } from "../../src/domain/ids.ts";
import { settle } from "../../src/usage/settle.ts";
import { type FakeApply, type FakePorts, fakePorts } from "../support/fake-ports.ts";

const SETTLING = {
  account: { accountId: "acct_00000000001" as AccountId, jurisdiction: "eu" },
  reservationId: 7 as ReservationId,
  requestId: "req_1" as RequestId,
  microUsd: 25,
} as const;
const POSTED: Answer = { ok: true, applied: "posted", postedMicroUsd: 25 };
const LATE: Answer = { ok: true, applied: "late", postedMicroUsd: 0 };

/** Rejects so often, then answers. */
function failing(times: number, answers: readonly Answer[]): FakeApply {
  let left = times;
  return () => (left-- > 0 ? Promise.reject(new Error("the object broke")) : Promise.resolve(answers));
}

async function settled(fake: FakePorts, microUsd: number = SETTLING.microUsd): Promise<FakePorts> {
  const done = settle(fake.ports, { ...SETTLING, microUsd });
  await vi.runAllTimersAsync();
  expect(await done).toBeUndefined();
  return fake;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("settle", () => {
  it("posts what the request cost, at the account that held it", async () => {
    const fake = await settled(fakePorts({ apply: failing(0, [POSTED]) }));
    expect(fake.accountCalls).toEqual([
      {
        ref: SETTLING.account,
        commands: [{ kind: "settle", reservationId: 7, requestId: "req_1", microUsd: 25 }],
      },
    ]);
    expect(fake.logs).toEqual([]);
  });

  it("gives everything back where nothing was used", async () => {
    const fake = await settled(fakePorts({ apply: failing(0, [POSTED]) }), 0);
    expect(fake.accountCalls[0]?.commands).toEqual([{ kind: "void", reservationId: 7 }]);
  });

  it.each([1, 2, 3])(
    "asks again after %d failures, through a new stub, with the same command",
    async (times) => {
      const fake = await settled(fakePorts({ apply: failing(times, [POSTED]) }));
      expect(fake.stubs).toHaveLength(times + 1);
      expect(new Set(fake.accountCalls.map((call) => JSON.stringify(call.commands))).size).toBe(1);
      expect(fake.logs).toEqual([]);
    },
  );

  it("gives up within the 30 s that a Worker has left, and says what was lost", async () => {
    const startedAtMs = Date.now();
    const fake = await settled(fakePorts({ apply: failing(99, []) }));
    expect(Date.now() - startedAtMs).toBeLessThan(20_000);
    expect(fake.stubs).toHaveLength(4);
    expect(fake.logs).toEqual([
      { event: "settlement-lost", level: "error", request_id: "req_1", micro_usd: 25 },
    ]);
  });

  it("says when it came late, and does not ask again", async () => {
    const fake = await settled(fakePorts({ apply: failing(0, [LATE]) }));
    expect(fake.stubs).toHaveLength(1);
    expect(fake.logs).toMatchObject([{ event: "settlement-late", request_id: "req_1" }]);
  });

  it("takes a refusal for late", async () => {
    const refusal: Answer = { ok: false, code: "internal_error", message: "" };
    const fake = await settled(fakePorts({ apply: failing(0, [refusal]) }));
    expect(fake.logs).toMatchObject([{ event: "settlement-late" }]);
  });

  it("does not throw when the object answers nothing", async () => {
    const fake = await settled(fakePorts({ apply: failing(0, []) }));
    expect(fake.logs).toMatchObject([{ event: "settlement-lost" }]);
  });

  it("does not throw when there is no stub to be had", async () => {
    const fake = fakePorts();
    const account = () => {
      throw new Error("jurisdictions are not implemented");
    };
    await settled({ ...fake, ports: { ...fake.ports, account } });
    expect(fake.logs).toMatchObject([{ event: "settlement-lost" }]);
  });
});
