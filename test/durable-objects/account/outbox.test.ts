import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { UsageLog } from "../../../durable-objects/usage-log.ts";
import type { AccountDoor } from "../../../src/domain/account-commands.ts";
import type { RequestId } from "../../../src/domain/ids.ts";
import { packRow } from "../../../src/domain/packed-row.ts";
import type { ShownRow, UsageFilter } from "../../../src/domain/usage-log.ts";
import { sampleRow } from "../../domain/sample-row.ts";
import {
  admission,
  CLAIM,
  crash,
  LEASE_MS,
  type OpenAccount,
  openAccount,
  reservationOf,
  settlement,
} from "./account-door.ts";

const ALL: UsageFilter = {
  fromMs: 0,
  toMs: Number.MAX_SAFE_INTEGER,
  model: null,
  key: null,
  region: null,
  status: null,
  task: null,
  tag: null,
};
/** Rows are in the log within two seconds of the end of their request. */
const IN_TIME = { timeout: 2_000, interval: 20 };

afterEach(() => void vi.restoreAllMocks());

async function rowsOf(account: OpenAccount, month?: string): Promise<readonly ShownRow[]> {
  return (await account.log(month).rows(ALL, 200, null)).rows;
}

const idsOf = async (account: OpenAccount) =>
  (await rowsOf(account)).map(({ request_id }) => request_id).sort();

/** Admits and settles so many, in one save. */
async function spend(account: OpenAccount, count: number, from = 1): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, n) => `req_${from + n}` as RequestId);
  const answers = await account.apply(...ids.map((_, n) => admission(from + n)));
  await account.apply(
    ...answers.map((answer, n) =>
      settlement(reservationOf(answer), { requestId: ids[n] ?? ("" as RequestId), microUsd: 10 + n }),
    ),
  );
  return [...ids].sort();
}

/** The log takes a batch and its answer is lost, or it takes nothing at all; so many times. */
function failingLog(times: number, mode: "answer-lost" | "refused") {
  const append = UsageLog.prototype.append;
  let left = times;
  return vi.spyOn(UsageLog.prototype, "append").mockImplementation(async function (
    this: UsageLog,
    id,
    batch,
  ) {
    const fails = left-- > 0;
    if (!fails || mode === "answer-lost") await append.call(this, id, batch);
    if (fails) throw new Error("the log broke");
  });
}

/** Asked from inside, so that the failure is seen where it belongs. */
function drainOf(account: OpenAccount): Promise<string> {
  return runInDurableObject(account.stub(), (object) =>
    (object as unknown as AccountDoor).drain().then(
      () => "delivered",
      (error: Error) => error.message,
    ),
  );
}

describe("usage rows", () => {
  test("are in the log within two seconds, each once, with what the ledger made of them", async () => {
    const account = await openAccount();
    const ids = await spend(account, 5);
    await vi.waitFor(async () => expect(await idsOf(account)).toEqual(ids), IN_TIME);
    const rows = (await rowsOf(account)).toSorted((left, right) => left.seq - right.seq);
    expect(rows.map(({ charged_micro_usd }) => charged_micro_usd)).toEqual([10, 11, 12, 13, 14]);
    expect(rows.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6]);
    const { charges } = await account.log().charges(10, null);
    expect(charges.map(({ balance_after_micro_usd }) => balance_after_micro_usd)).toEqual([
      999_940, 999_954, 999_967, 999_979, 999_990,
    ]);
  });

  test("of a request that cost nothing are there too", async () => {
    const account = await openAccount();
    const [answer] = await account.apply(admission(1));
    await account.apply(settlement(reservationOf(answer), { microUsd: 0 }));
    await vi.waitFor(async () => expect(await rowsOf(account)).toHaveLength(1), IN_TIME);
    expect((await account.log().charges(10, null)).charges).toEqual([]);
  });

  test("survive a crash between the save and the delivery, and arrive without anybody calling", async () => {
    const account = await openAccount();
    const ids = await spend(account, 3);
    await crash();
    expect(await idsOf(account)).toEqual([]);
    expect(await runDurableObjectAlarm(account.stub())).toBe(true);
    expect(await idsOf(account)).toEqual(ids);
  });

  test.each(["answer-lost", "refused"] as const)(
    "are sent again when the log broke (%s), and are there once",
    async (mode) => {
      const account = await openAccount();
      const log = failingLog(2, mode);
      const ids = await spend(account, 3);
      expect([await drainOf(account), await drainOf(account)]).toEqual(["the log broke", "the log broke"]);
      await account.door().drain();
      expect(await idsOf(account)).toEqual(ids);
      expect(log.mock.calls.length).toBeGreaterThanOrEqual(3);
      const { charges } = await account.log().charges(10, null);
      expect(charges).toHaveLength(3);
    },
  );

  test("that arrived and were not yet forgotten when the object crashed are not counted twice", async () => {
    const account = await openAccount();
    failingLog(1, "answer-lost");
    const ids = await spend(account, 3);
    expect(await drainOf(account)).toBe("the log broke");
    await crash();
    await spend(account, 1, 4);
    await account.door().drain();
    expect(await idsOf(account)).toEqual([...ids, "req_4"]);
    const answer = await account.log().summary({ filter: ALL, bucket: "day", group: null, limit: 10 });
    expect(answer).toMatchObject({ ok: true, lines: [{ requests: 4, cost_micro_usd: 10 + 11 + 12 + 10 }] });
  });

  test("whose isolate died are what the ledger knows: the lease's end, and what was proved until then", async () => {
    const account = await openAccount();
    const reservationId = reservationOf((await account.apply(admission(1)))[0]);
    await account.apply({ kind: "touch", reservationId, microUsd: 300 });
    await vi.waitFor(async () => expect(await rowsOf(account)).toHaveLength(1), {
      timeout: LEASE_MS + 4_000,
      interval: 50,
    });
    expect(await rowsOf(account)).toMatchObject([
      { request_id: "req_1", charged_micro_usd: 300, status: 500, outcome: "error" },
    ]);
  }, 10_000);

  test("lie in the month in which their request began", async () => {
    const account = await openAccount();
    const answers = await account.apply(admission(1), admission(2));
    const october = Date.UTC(2026, 9, 31, 23, 59, 59);
    await account.apply(
      ...answers.map((answer, n) => {
        const request_id = `req_${n + 1}` as RequestId;
        const row = sampleRow({ request_id, created_at_ms: n === 0 ? october : october + 1_000 });
        return settlement(reservationOf(answer), { requestId: request_id, rowJson: packRow(row) });
      }),
    );
    await account.door().drain();
    const months = await Promise.all(["2026-10", "2026-11"].map((month) => rowsOf(account, month)));
    expect(months.map((rows) => rows.map(({ request_id }) => request_id))).toEqual([["req_1"], ["req_2"]]);
  });

  test("of many saves arrive in their order and in several calls", async () => {
    const account = await openAccount();
    for (let n = 0; n < 15; n++) await spend(account, 1, n);
    await account.door().drain();
    const rows = (await rowsOf(account)).toSorted((left, right) => left.seq - right.seq);
    expect(rows.map(({ request_id }) => request_id)).toEqual(
      Array.from({ length: 15 }, (_, n) => `req_${n}`),
    );
    const undelivered = await account.inside(
      ({ sql }) => sql.exec("SELECT count(*) AS n FROM journal WHERE rows IS NOT NULL").one().n,
    );
    expect(undelivered).toBe(0);
  }, 15_000);
});

describe("the journal", () => {
  test("forgets what arrived when no repeat can come any more", async () => {
    const account = await openAccount();
    await spend(account, 2);
    await account.door().drain();
    const rows = () => account.inside(({ sql }) => sql.exec("SELECT count(*) AS n FROM journal").one().n);
    expect(await rows()).toBe(1);
    const nowMs = Date.now() + 4 * LEASE_MS;
    vi.spyOn(Date, "now").mockReturnValue(nowMs);
    await account.apply({ kind: "deposit", reference: "r", microUsd: 1, entry: "grant" });
    expect(await rows()).toBe(0);
  });

  test("keeps what did not arrive, however long it takes", async () => {
    const account = await openAccount();
    failingLog(99, "refused");
    await spend(account, 2);
    const nowMs = Date.now() + 100 * LEASE_MS;
    vi.spyOn(Date, "now").mockReturnValue(nowMs);
    await account.apply({ kind: "deposit", reference: "r", microUsd: 1, entry: "grant" });
    vi.restoreAllMocks();
    await account.door().drain();
    expect(await rowsOf(account)).toHaveLength(2);
  });
});

describe("refusals", () => {
  const refused = async (account: OpenAccount) => {
    const answer = await account.log().summary({ filter: ALL, bucket: "hour", group: "key", limit: 10 });
    const lines = answer.ok ? answer.lines : [];
    return lines.filter((line) => line.refused > 0).map((line) => [line.group, line.refused]);
  };
  const poor = { hold: { leastMicroUsd: 1e12, mostMicroUsd: 1e12 } };

  test("are counted by key, not rowed, within a few seconds", async () => {
    const account = await openAccount({ limits: { concurrency: 1 } });
    await account.apply(admission(0, { viewVersion: 2 }));
    for (let n = 1; n < 4; n++) await account.apply(admission(n, { viewVersion: 2 }));
    await account.apply(admission(9, { viewVersion: 2, intent: "check-limits" }));
    await vi.waitFor(async () => expect(await refused(account)).toEqual([[CLAIM.keyId, 4]]), {
      timeout: 4_000,
      interval: 50,
    });
  }, 10_000);

  test("that the log took without saying so are not counted twice; those it refused are not lost", async () => {
    for (const mode of ["answer-lost", "refused"] as const) {
      const account = await openAccount();
      for (let n = 0; n < 3; n++) await account.apply(admission(n, poor));
      failingLog(1, mode);
      expect(await drainOf(account)).toBe("the log broke");
      await account.apply(admission(3, poor));
      await account.door().drain();
      await account.door().drain();
      vi.restoreAllMocks();
      expect(await refused(account)).toEqual([[CLAIM.keyId, 4]]);
    }
  });

  test("of keys that are not proven are not counted: nobody fills another's log", async () => {
    const account = await openAccount();
    await account.apply(admission(1, { claim: { ...CLAIM, proofs: [] } }));
    await account.door().drain();
    expect(await refused(account)).toEqual([]);
  });
});

describe("the alarm", () => {
  const alarmOf = (account: OpenAccount) => account.inside((storage) => storage.getAlarm());

  test("is set while something is open, and found to be missing after a restart", async () => {
    const account = await openAccount();
    await account.apply(admission(1));
    expect(await alarmOf(account)).not.toBeNull();
    await account.inside((storage) => storage.deleteAlarm());
    await crash();
    await account.apply({ kind: "credits" });
    const dueMs = (await alarmOf(account)) ?? Number.POSITIVE_INFINITY;
    expect(dueMs - Date.now()).toBeLessThanOrEqual(10_000);
  });

  test("gives back what a dead object held, though nobody calls again", async () => {
    const account = await openAccount();
    await account.apply(admission(1));
    await crash();
    await account.apply({ kind: "credits" });
    const heldOf = () => account.inside(({ sql }) => sql.exec("SELECT held FROM account").one().held);
    expect(await heldOf()).toBeGreaterThan(0);
    await vi.waitFor(async () => expect(await heldOf()).toBe(0), {
      timeout: LEASE_MS + 3_000,
      interval: 100,
    });
  }, 10_000);

  test("is no more when the account rests: an idle account costs nothing", async () => {
    const account = await openAccount();
    await spend(account, 1);
    await account.door().drain();
    for (let rings = 0; rings < 3; rings++) await runDurableObjectAlarm(account.stub());
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await alarmOf(account)).toBeNull();
    const held = await account.inside(({ sql }) => sql.exec("SELECT held FROM account").one().held);
    expect(held).toBe(0);
    await evictDurableObject(account.stub());
    const [credits] = await account.apply({ kind: "credits" });
    expect(credits).toMatchObject({ pendingMicroUsd: 0, availableMicroUsd: 999_990 });
  }, 15_000);
});
