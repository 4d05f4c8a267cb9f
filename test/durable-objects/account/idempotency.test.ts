import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Answer, Command } from "../../../src/domain/account-commands.ts";
import { IDEMPOTENCY_TTL_MS, type IdempotencyEnd } from "../../../src/domain/idempotency.ts";
import type { RequestId } from "../../../src/domain/ids.ts";
import {
  admission,
  codeOf,
  crash,
  creditsOf,
  LEASE_MS,
  openAccount,
  reservationOf,
  settlement,
} from "./account-door.ts";

const PLACE = "/v1/chat/completions k-1";
const CLAIM = { place: PLACE, bodyHash: "hash-1" };
const DAY_MS = 86_400_000;

/** Far ahead of the runtime's own clock: no alarm rings by itself. */
let nowMs = 0;
beforeEach(() => {
  nowMs = Date.now() + DAY_MS;
  vi.spyOn(Date, "now").mockImplementation(() => nowMs);
});
afterEach(() => void vi.restoreAllMocks());

const claimed = (n: number, more: object = {}) => admission(n, { idempotency: CLAIM, ...more });
const ended = (n: number, end: Omit<IdempotencyEnd, "place">): Command => ({
  kind: "end-idempotency",
  requestId: `req_${n}` as RequestId,
  end: { place: PLACE, ...end } as IdempotencyEnd,
});
const stored = (n: number) =>
  ended(n, { end: "stored", jurisdiction: "eu" } as Omit<IdempotencyEnd, "place">);

function verdictOf(answer: Answer | undefined): string {
  return answer?.ok && "verdict" in answer ? answer.verdict : codeOf(answer);
}

describe("a second request with the key", () => {
  test("is told that the first is running, and holds and counts nothing", async () => {
    const account = await openAccount({ plan: "free" });
    const [first, second] = await account.apply(claimed(1), claimed(2));
    reservationOf(first);
    expect(second).toMatchObject({ ok: false, code: "in_progress", retryAfterMs: 1_000 });
    expect((await creditsOf(account)).pendingMicroUsd).toBe(1_000);
    const [third] = await account.apply(admission(3));
    expect(third).toMatchObject({ queueDepth: 1, limits: { requests: { remaining: 98 } } });
  });

  test.each(["running", "stored", "unstored"] as const)(
    "and another body is refused while the first is %s",
    async (state) => {
      const account = await openAccount();
      await account.apply(claimed(1));
      if (state === "stored") await account.apply(stored(1));
      if (state === "unstored") await account.apply(ended(1, { end: "unstored" }));
      const other = { idempotency: { place: PLACE, bodyHash: "hash-2" } };
      expect((await account.apply(admission(2, other)))[0]).toMatchObject({ ok: false, code: "key_reused" });
    },
  );

  test("gets the place of the first answer once that is stored, and holds and counts nothing", async () => {
    const account = await openAccount({ plan: "free" });
    await account.apply(claimed(1), stored(1));
    const [replay] = await account.apply(claimed(2));
    expect(replay).toEqual({
      ok: true,
      verdict: "replay",
      replay: { requestId: "req_1", jurisdiction: "eu" },
    });
    const [next] = await account.apply(admission(3));
    expect(next).toMatchObject({ queueDepth: 1, limits: { requests: { remaining: 98 } } });
  });

  test("is replayed to although the account has no credits and no requests left by now", async () => {
    const account = await openAccount({ plan: "free", microUsd: 1_000, limits: { rpm: 1 } });
    await account.apply(claimed(1, { viewVersion: 2 }), stored(1));
    expect(codeOf((await account.apply(admission(2, { viewVersion: 2 })))[0])).not.toBe("ok");
    expect(verdictOf((await account.apply(claimed(3, { viewVersion: 2 })))[0])).toBe("replay");
  });

  test("is told where to look when the answer was a stream", async () => {
    const account = await openAccount();
    await account.apply(claimed(1), ended(1, { end: "unstored" }));
    const [answer] = await account.apply(claimed(2));
    expect(answer).toMatchObject({
      code: "stream_not_replayable",
      message: expect.stringContaining("req_1"),
    });
  });

  test("is let in when the first failed, with any body", async () => {
    const account = await openAccount();
    await account.apply(claimed(1), ended(1, { end: "failed" }));
    const other = { idempotency: { place: PLACE, bodyHash: "hash-2" } };
    expect(verdictOf((await account.apply(admission(2, other)))[0])).toBe("admitted");
  });

  test("on another endpoint is another key", async () => {
    const account = await openAccount();
    const elsewhere = { idempotency: { place: "/v1/completions k-1", bodyHash: "hash-1" } };
    const [first, second] = await account.apply(claimed(1), admission(2, elsewhere));
    expect([first, second].map(verdictOf)).toEqual(["admitted", "admitted"]);
  });

  test("in another account is another key", async () => {
    const accounts = [await openAccount(), await openAccount()];
    const answers = await Promise.all(accounts.map(({ apply }) => apply(claimed(1))));
    expect(answers.map(([answer]) => verdictOf(answer))).toEqual(["admitted", "admitted"]);
  });
});

describe("twenty at once", () => {
  test("are one admission, whatever the order", async () => {
    const account = await openAccount();
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => account.apply(claimed(n))));
    const verdicts = all.map(([answer]) => verdictOf(answer));
    expect(verdicts.filter((verdict) => verdict === "admitted")).toHaveLength(1);
    expect(verdicts.filter((verdict) => verdict === "in_progress")).toHaveLength(19);
    expect((await creditsOf(account)).pendingMicroUsd).toBe(1_000);
  });
});

describe("a repeat of the very same request", () => {
  test("whose answer was lost gets its reservation, not a refusal for being its own rival", async () => {
    const account = await openAccount();
    const [first, again] = await account.apply(claimed(1), claimed(1));
    expect(reservationOf(again)).toBe(reservationOf(first));
  });
});

describe("a request that was refused", () => {
  test.each<[string, object, string]>([
    [
      "for its credits",
      { hold: { leastMicroUsd: 2_000_000, mostMicroUsd: 2_000_000 } },
      "insufficient_credits",
    ],
    ["for a limit", { tokens: 10 }, "tokens_exceeded"],
  ])("%s leaves the key free", async (_why, more, code) => {
    const account = await openAccount({ limits: { tpm: 5 } });
    const spent = admission(0, { viewVersion: 2, tokens: 0 });
    await account.apply(spent, settlement(reservationOf((await account.apply(spent))[0]), { tokens: 5 }));
    const refused = claimed(1, { viewVersion: 2, tokens: 0, ...more });
    expect(codeOf((await account.apply(refused))[0])).toBe(code);
    nowMs += 61_000;
    expect(verdictOf((await account.apply(claimed(2, { viewVersion: 2, tokens: 0 })))[0])).toBe("admitted");
  });

  test("before it was admitted claims nothing: it only proved its key", async () => {
    const account = await openAccount();
    await account.apply(claimed(1, { intent: "prove-key" }), claimed(2, { intent: "check-limits" }));
    expect(verdictOf((await account.apply(claimed(3)))[0])).toBe("admitted");
  });
});

describe("a request whose isolate died", () => {
  test("keeps the key for its lease and no longer", async () => {
    const account = await openAccount();
    await account.apply(claimed(1));
    nowMs += LEASE_MS - 1;
    expect(verdictOf((await account.apply(claimed(2)))[0])).toBe("in_progress");
    nowMs += 1;
    expect(verdictOf((await account.apply(claimed(3)))[0])).toBe("admitted");
  });

  test("does not end what another has begun with the key since", async () => {
    const account = await openAccount();
    await account.apply(claimed(1));
    nowMs += LEASE_MS;
    await account.apply(claimed(2));
    await account.apply(stored(1), ended(1, { end: "failed" }));
    expect(verdictOf((await account.apply(claimed(3)))[0])).toBe("in_progress");
  });

  test("one that lives renews, and keeps the key as long as it runs", async () => {
    const account = await openAccount();
    const reservationId = reservationOf((await account.apply(claimed(1)))[0]);
    for (let renewals = 0; renewals < 4; renewals++) {
      nowMs += LEASE_MS / 2;
      await account.apply({ kind: "touch", reservationId, microUsd: 0 });
    }
    nowMs += LEASE_MS / 2;
    expect(verdictOf((await account.apply(claimed(2)))[0])).toBe("in_progress");
  });
});

describe("a record", () => {
  test.each(["running", "stored", "unstored"] as const)("that is %s survives a crash", async (state) => {
    const account = await openAccount();
    await account.apply(claimed(1));
    if (state === "stored") await account.apply(stored(1));
    if (state === "unstored") await account.apply(ended(1, { end: "unstored" }));
    await crash();
    const verdicts = { running: "in_progress", stored: "replay", unstored: "stream_not_replayable" };
    expect(verdictOf((await account.apply(claimed(2)))[0])).toBe(verdicts[state]);
  });

  test("is forgotten after a day", async () => {
    const account = await openAccount();
    await account.apply(claimed(1), stored(1));
    nowMs += IDEMPOTENCY_TTL_MS - 1;
    expect(verdictOf((await account.apply(claimed(2)))[0])).toBe("replay");
    nowMs += 1;
    const other = { idempotency: { place: PLACE, bodyHash: "hash-2" } };
    expect(verdictOf((await account.apply(admission(3, other)))[0])).toBe("admitted");
  });

  test("makes room for those behind it: however many come, only a day's worth is kept", async () => {
    const account = await openAccount();
    const kept = () => account.inside(({ sql }) => sql.exec("SELECT count(*) AS n FROM idempotency").one().n);
    const claims = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) =>
        admission(from + n, { idempotency: { place: `${PLACE}${from + n}`, bodyHash: "h" } }),
      );
    await account.apply(...claims(0, 500));
    expect(await kept()).toBe(500);
    nowMs += IDEMPOTENCY_TTL_MS;
    await account.apply(...claims(1_000, 300));
    expect(await kept()).toBe(300);
  });

  test("of an account that makes no new ones is swept by the alarm", async () => {
    const account = await openAccount();
    await account.apply(claimed(1), stored(1));
    nowMs += IDEMPOTENCY_TTL_MS;
    expect(await runDurableObjectAlarm(account.stub())).toBe(true);
    expect(await account.inside(({ sql }) => sql.exec("SELECT place FROM idempotency").toArray())).toEqual(
      [],
    );
  });
});
