import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Answer } from "../../../src/domain/account-commands.ts";
import type { LimitOverrides } from "../../../src/domain/plan.ts";
import {
  admission,
  claimOf,
  codeOf,
  crash,
  LEASE_MS,
  newKey,
  type OpenAccount,
  openAccount,
  reservationOf,
  settlement,
} from "./account-door.ts";

const DAY_MS = 86_400_000;
/** Limits are written once a second. */
const SNAPSHOT_MS = 1_100;
const FREE_HOLD = { leastMicroUsd: 0, mostMicroUsd: 0 };

/** Far ahead of the runtime's own clock, and standing still: no lease ends unless a test says so. */
let nowMs = 0;
beforeEach(() => {
  nowMs = Date.now() + DAY_MS;
  vi.spyOn(Date, "now").mockImplementation(() => nowMs);
});
afterEach(() => void vi.restoreAllMocks());

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** An account opened with limits of its own has been changed once. */
const ask = (n: number | string, more: object = {}) =>
  admission(n, { hold: FREE_HOLD, viewVersion: 2, tokens: 0, ...more });
const many = (count: number, from = 0, more: object = {}) =>
  Array.from({ length: count }, (_, n) => ask(from + n, more));

function leftOf(answer: Answer | undefined) {
  if (answer === undefined || !("limits" in answer) || answer.limits === undefined)
    throw new Error("no limits");
  const { requests, tokens } = answer.limits;
  return [requests?.remaining, tokens?.remaining];
}

/** Counts nothing itself. */
const look = async (account: OpenAccount, more: object = {}) =>
  (await account.apply(ask("look", { intent: "prove-key", ...more })))[0];

describe("the object's limits", () => {
  test("tokens are what was asked until the request is settled, then what it used", async () => {
    const account = await openAccount({ limits: { tpm: 100 } });
    const [first, second] = await account.apply(ask(1, { tokens: 90 }), ask(2, { tokens: 20 }));
    expect(second).toMatchObject({ code: "tokens_exceeded", limits: { tokens: { remaining: 10 } } });
    await account.apply(settlement(reservationOf(first), { tokens: 30 }));
    expect(leftOf((await account.apply(ask(3, { tokens: 70 })))[0])).toEqual([undefined, 0]);
  });

  test("a place is free in the very turn in which its request is settled", async () => {
    const account = await openAccount({ limits: { concurrency: 1 } });
    const [first, refused] = await account.apply(ask(1), ask(2));
    expect(codeOf(refused)).toBe("concurrency_exceeded");
    const [, next] = await account.apply(settlement(reservationOf(first)), ask(3));
    expect(codeOf(next)).toBe("ok");
  });

  test("a place is free when the lease of its request ends, and its tokens were never used", async () => {
    const account = await openAccount({ limits: { concurrency: 1, tpm: 100 } });
    await account.apply(ask(1, { tokens: 100 }));
    nowMs += LEASE_MS;
    expect(codeOf((await account.apply(ask(2, { tokens: 100 })))[0])).toBe("ok");
  });

  test("say how many others were under way", async () => {
    const account = await openAccount({ limits: {} });
    const answers = await account.apply(...many(3));
    expect(answers.map((answer) => "queueDepth" in answer && answer.queueDepth)).toEqual([0, 1, 2]);
  });

  test("a repeat of a lost answer is let in though its own request filled the last place", async () => {
    const account = await openAccount({ limits: { concurrency: 1, rpm: 1, tpm: 10 } });
    const [first, again] = await account.apply(ask(1, { tokens: 10 }), ask(1, { tokens: 10 }));
    expect(reservationOf(again)).toBe(reservationOf(first));
    expect(leftOf(again)).toEqual([0, 0]);
  });

  test("a key's own limit refuses that key and shows it its own", async () => {
    const account = await openAccount({ limits: { rpm: 10 } });
    await account.apply({ kind: "create-key", key: newKey("key_slow", { rpm: 2 }) });
    const slow = { claim: claimOf("key_slow") };
    const [one, two] = await account.apply(...many(2, 0, slow));
    expect([one, two].map((answer) => leftOf(answer)[0])).toEqual([1, 0]);
    expect((await account.apply(ask(3, slow)))[0]).toMatchObject({
      code: "rate_limit_exceeded",
      limits: { requests: { limit: 2, remaining: 0 } },
    });
    expect(leftOf((await account.apply(ask(4)))[0])).toEqual([7, undefined]);
  });

  test("a question counts a request and takes no place", async () => {
    const account = await openAccount({ limits: { rpm: 10, concurrency: 5 } });
    const [answer] = await account.apply(ask(1, { intent: "count-request" }));
    expect(answer).toMatchObject({ reservation: null, limits: { requests: { remaining: 9 } } });
    expect((await account.apply(ask(2)))[0]).toMatchObject({ queueDepth: 0 });
  });

  test("a question is answered although tokens, places and GPU time are used up, but not beyond its minute", async () => {
    const account = await openAccount({ limits: { rpm: 3, tpm: 10, concurrency: 1, gpuHours: 0.001 } });
    await account.apply(ask(1, { tokens: 10, gpuMs: 3_600 }));
    const question = (n: number) => ask(n, { intent: "count-request", tokens: 10, gpuMs: 3_600 });
    expect(codeOf((await account.apply(ask(2, { tokens: 10, gpuMs: 3_600 })))[0])).not.toBe("ok");
    const answers = await account.apply(question(3), question(4), question(5));
    expect(answers.map(codeOf)).toEqual(["ok", "ok", "rate_limit_exceeded"]);
  });

  test("a request that no origin can take is told of limits and credits, and counts nothing", async () => {
    const account = await openAccount({ limits: { rpm: 1 }, microUsd: 5 });
    const check = { intent: "check-limits" };
    const poor = { ...check, hold: { leastMicroUsd: 6, mostMicroUsd: 6 } };
    const codes = async (more: object) => codeOf((await account.apply(ask("check", more)))[0]);
    expect([await codes(check), await codes(check), await codes(poor)]).toEqual([
      "ok",
      "ok",
      "insufficient_credits",
    ]);
    await account.apply(ask(1));
    expect(await codes(check)).toBe("rate_limit_exceeded");
  });
});

describe("a restart", () => {
  test("of an account at rest forgets nothing of the minute: no limit can be had twice by waiting", async () => {
    const account = await openAccount({ limits: { rpm: 100, tpm: 1_000 } });
    await account.apply({ kind: "create-key", key: newKey("key_slow", { rpm: 5 }) });
    const slow = { claim: claimOf("key_slow") };
    const [first] = await account.apply(...many(40, 0, { tokens: 10 }), ...many(3, 100, slow));
    await account.apply(settlement(reservationOf(first), { tokens: 4 }));
    await sleep(SNAPSHOT_MS);
    await evictDurableObject(account.stub());
    nowMs += 11_000;
    expect(leftOf(await look(account))).toEqual([57, 606]);
    expect(leftOf(await look(account, slow))).toEqual([2, 606]);
    nowMs += 50_000;
    expect(leftOf(await look(account))).toEqual([100, 1_000]);
  });

  test("by a crash forgets at most the last second", async () => {
    const account = await openAccount({ limits: { rpm: 100 } });
    await account.apply(...many(30));
    await sleep(SNAPSHOT_MS);
    await account.apply(...many(20, 100));
    await crash();
    const [remaining = 0] = leftOf(await look(account));
    expect(remaining).toBeLessThanOrEqual(70);
    expect(remaining).toBeGreaterThanOrEqual(50);
  });

  test("holds the places of what was under way for one lease: no more at once than before", async () => {
    const account = await openAccount({ limits: { concurrency: 3 } });
    const [first] = await account.apply(...many(3));
    await sleep(SNAPSHOT_MS);
    await crash();
    expect(codeOf((await account.apply(ask(10)))[0])).toBe("concurrency_exceeded");
    await account.apply(settlement(reservationOf(first)));
    expect(codeOf((await account.apply(ask(11)))[0])).toBe("ok");
    nowMs += LEASE_MS;
    expect((await account.apply(ask(12)))[0]).toMatchObject({ queueDepth: 0 });
  });

  test("keeps the month's GPU time to the last settlement", async () => {
    const hourMs = 3_600_000;
    const account = await openAccount({ limits: { gpuHours: 1 } });
    const [first] = await account.apply(ask(1, { gpuMs: hourMs }));
    await account.apply(settlement(reservationOf(first), { gpuMs: hourMs - 10 }));
    await crash();
    const codes = async (n: number, gpuMs: number) => codeOf((await account.apply(ask(n, { gpuMs })))[0]);
    expect(await codes(2, 11)).toBe("gpu_quota_exceeded");
    expect(await codes(3, 10)).toBe("ok");
    nowMs = Date.UTC(new Date(nowMs).getUTCFullYear(), new Date(nowMs).getUTCMonth() + 1);
    expect(await codes(4, hourMs - 10)).toBe("ok");
  });
});

describe("a flood of refusals", () => {
  const FLOODS: readonly (readonly [string, LimitOverrides, object])[] = [
    ["rate_limit_exceeded", { rpm: 1 }, {}],
    ["tokens_exceeded", { tpm: 1 }, { tokens: 1 }],
    ["concurrency_exceeded", { concurrency: 1 }, {}],
    ["insufficient_credits", {}, { hold: { leastMicroUsd: 1e12, mostMicroUsd: 1e12 } }],
  ];

  /** Every way in which one object asks its storage for anything. */
  function watchStorage(account: OpenAccount): Promise<string[]> {
    return runInDurableObject(account.stub(), (_object, { storage }) => {
      const calls: string[] = [];
      const { sql } = storage;
      const exec = sql.exec.bind(sql);
      Object.defineProperty(sql, "exec", {
        value(...statement: Parameters<SqlStorage["exec"]>) {
          calls.push(statement[0]);
          return exec(...statement);
        },
      });
      for (const name of ["put", "delete", "setAlarm", "transactionSync"] as const) {
        const own = storage[name] as (...given: unknown[]) => unknown;
        Object.defineProperty(storage, name, {
          value(...given: unknown[]) {
            calls.push(name);
            return own.apply(storage, given);
          },
        });
      }
      return calls;
    });
  }

  test("touches no storage, whatever it is refused for, but for one snapshot a second", async () => {
    const accounts = await Promise.all(FLOODS.map(([, limits]) => openAccount({ limits })));
    await Promise.all(accounts.map(({ apply }, at) => apply(ask("first", FLOODS[at]?.[2]))));
    // What the first ones left to be written is written.
    await sleep(2 * SNAPSHOT_MS);
    const watched: string[][] = [];
    for (const account of accounts) watched.push(await watchStorage(account));
    for (const [at, [code, , more]] of FLOODS.entries()) {
      for (let n = 0; n < 100; n++) {
        const [answer] = (await accounts[at]?.apply(ask(n, more))) ?? [];
        expect(codeOf(answer)).toBe(code);
      }
      expect(watched[at]).toEqual([]);
    }
    await sleep(SNAPSHOT_MS);
    expect(watched).toEqual(FLOODS.map(() => ["put"]));
  }, 20_000);
});
