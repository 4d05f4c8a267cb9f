import { describe, expect, test, vi } from "vitest";
import type { KeyId } from "../../src/domain/ids.ts";
import {
  admission,
  CLAIM,
  claimOf,
  creditsOf,
  LEASE_MS,
  newKey,
  openAccount,
  reservationOf,
  settlement,
} from "./account/account-door.ts";

describe("admission", () => {
  test("an old view is told the new one and holds nothing", async () => {
    const { apply } = await openAccount();
    const [answer, credits] = await apply(admission(1, { viewVersion: null }), { kind: "credits" });
    expect(answer).toMatchObject({ ok: true, verdict: "stale", view: { version: 1, modelPool: null } });
    expect(credits).toMatchObject({ pendingMicroUsd: 0 });
  });

  test("a request holds its worst case until it is settled for what it cost", async () => {
    const { apply } = await openAccount();
    const [admitted] = await apply(admission(1));
    const reservationId = reservationOf(admitted);
    expect((await apply({ kind: "credits" }))[0]).toMatchObject({
      balanceMicroUsd: 1_000_000,
      pendingMicroUsd: 1_000,
      availableMicroUsd: 999_000,
    });
    await apply(settlement(reservationId));
    expect((await apply({ kind: "credits" }))[0]).toMatchObject({
      balanceMicroUsd: 999_600,
      pendingMicroUsd: 0,
    });
  });

  test("the same nonce gets the same reservation and counts once", async () => {
    const { apply } = await openAccount({ plan: "free" });
    const [first, again] = await apply(admission(1), admission(1));
    expect(reservationOf(again)).toBe(reservationOf(first));
    expect(again).toMatchObject({ limits: { requests: { limit: 100, remaining: 99 } } });
  });

  test("a second settlement of one reservation changes nothing", async () => {
    const { apply } = await openAccount();
    const reservationId = reservationOf((await apply(admission(1)))[0]);
    const settle = settlement(reservationId);
    const answers = await apply(settle, settle, { kind: "credits" });
    expect(answers[1]).toMatchObject({ ok: true, applied: "repeated", postedMicroUsd: 0 });
    expect(answers[2]).toMatchObject({ balanceMicroUsd: 999_600 });
  });

  test("200 at once on credits for 7 admit exactly 7", async () => {
    const { apply } = await openAccount({ microUsd: 7_999 });
    const all = await Promise.all(Array.from({ length: 200 }, (_, n) => apply(admission(n))));
    const codes = all.map(([answer]) => (answer?.ok ? "ok" : answer?.code));
    expect(codes.filter((code) => code === "ok")).toHaveLength(7);
    expect(codes.filter((code) => code === "insufficient_credits")).toHaveLength(193);
  });

  test("the most is granted that is available, when less will do", async () => {
    const { apply } = await openAccount({ microUsd: 700 });
    const hold = { leastMicroUsd: 1, mostMicroUsd: 5_000 };
    const [answer] = await apply(admission(1, { hold }));
    expect(answer).toMatchObject({ reservation: { heldMicroUsd: 700 } });
  });

  test("a refused route proves its key and counts nothing", async () => {
    const { apply } = await openAccount({ plan: "free", microUsd: 1 });
    const [answer] = await apply(admission(1, { intent: "prove-key" }));
    expect(answer).toMatchObject({
      verdict: "admitted",
      reservation: null,
      limits: { requests: { remaining: 100 } },
    });
  });

  test("the minute's limit refuses with the instant at which there is room", async () => {
    const { apply } = await openAccount({ plan: "free", limits: { concurrency: null } });
    const hold = { leastMicroUsd: 0, mostMicroUsd: 0 };
    for (let n = 0; n < 100; n++) await apply(admission(n, { hold, viewVersion: 2 }));
    const [answer] = await apply(admission(100, { hold, viewVersion: 2 }));
    expect(answer).toMatchObject({
      ok: false,
      code: "rate_limit_exceeded",
      limits: { requests: { remaining: 0 } },
    });
    const wait = answer && !answer.ok ? (answer.retryAfterMs ?? 0) : 0;
    expect(wait).toBeGreaterThan(55_000);
    expect(wait).toBeLessThanOrEqual(61_000);
  });
});

describe("keys", () => {
  test.each([
    ["unknown", { keyId: "key_nobody00" as KeyId }, "invalid_api_key"],
    ["another secret", { proofs: [{ pepperVersion: 1, mac: "mac-of-key_manage01" }] }, "invalid_api_key"],
    ["an unknown pepper", { proofs: [{ pepperVersion: 2, mac: "mac-of-key_manage00" }] }, "invalid_api_key"],
  ])("%s is refused", async (_name, wrong, code) => {
    const { apply } = await openAccount();
    const claim = { ...CLAIM, ...wrong };
    expect((await apply(admission(1, { claim })))[0]).toMatchObject({ ok: false, code });
  });

  test("a revoked key is refused from the next request on, and running ones are told", async () => {
    const { apply } = await openAccount();
    const reservationId = reservationOf((await apply(admission(1)))[0]);
    await apply({ kind: "revoke-key", keyId: CLAIM.keyId });
    const answers = await apply({ kind: "touch", reservationId, microUsd: 0 }, admission(2));
    expect(answers[0]).toMatchObject({ ok: true, verdict: "revoked" });
    expect(answers[1]).toMatchObject({ ok: false, code: "key_revoked" });
  });

  test("an expired key, a missing scope and a deactivated account each say so", async () => {
    const { apply } = await openAccount();
    const keyId = "key_narrow00" as KeyId;
    const key = newKey(keyId, { scopes: ["usage:read"] });
    const old = newKey("key_expired0", { expiresAtMs: 1 });
    await apply({ kind: "create-key", key }, { kind: "create-key", key: old });
    const narrow = admission(1, { claim: claimOf(keyId) });
    expect((await apply(narrow))[0]).toMatchObject({ code: "scope_missing" });
    expect((await apply(admission(1, { claim: claimOf(old.id) })))[0]).toMatchObject({
      code: "expired_api_key",
    });
    await apply({ kind: "change-account", changes: { status: "deactivated" } });
    expect((await apply(admission(1)))[0]).toMatchObject({ code: "account_deactivated" });
  });

  test("a change of a key makes every view stale", async () => {
    const { apply } = await openAccount();
    await apply({ kind: "change-key", keyId: CLAIM.keyId, changes: { region: "eu-west" } });
    expect((await apply(admission(1)))[0]).toMatchObject({ verdict: "stale", view: { region: "eu-west" } });
  });

  test("a budget counts what is held as spent", async () => {
    const { apply } = await openAccount();
    const budget = { amountMicroUsd: 1_500, period: "total" } as const;
    await apply({ kind: "change-key", keyId: CLAIM.keyId, changes: { budget } });
    const [first, second] = await apply(admission(1, { viewVersion: 2 }), admission(2, { viewVersion: 2 }));
    reservationOf(first);
    expect(second).toMatchObject({ ok: false, code: "budget_exceeded" });
  });

  test.each(["month", "total"] as const)("a budget per %s tells what is left", async (period) => {
    const { apply } = await openAccount();
    const left = async () => (await apply({ kind: "authorize", ...CLAIM, scope: null }))[0];
    expect(await left()).toMatchObject({ budgetLeftMicroUsd: null });
    const budget = { amountMicroUsd: 5_000, period } as const;
    await apply({ kind: "change-key", keyId: CLAIM.keyId, changes: { budget } });
    const [settled] = await apply(admission(1, { viewVersion: 2 }));
    await apply(settlement(reservationOf(settled)));
    await apply(admission(2, { viewVersion: 2 }));
    // 400 spent and 1,000 held.
    expect(await left()).toMatchObject({ budgetLeftMicroUsd: 3_600 });
    vi.spyOn(Date, "now").mockImplementation(() => Date.UTC(2999, 0));
    expect(await left()).toMatchObject({ budgetLeftMicroUsd: period === "month" ? 5_000 : 4_600 });
    vi.restoreAllMocks();
  });

  test("a refusal ends the list: nothing behind it runs", async () => {
    const { apply } = await openAccount();
    const authorize = { kind: "authorize", ...CLAIM, proofs: [], scope: "inference" } as const;
    const answers = await apply(authorize, {
      kind: "deposit",
      reference: "x",
      microUsd: 1,
      entry: "deposit",
    });
    expect(answers).toHaveLength(1);
    expect((await apply({ kind: "credits" }))[0]).toMatchObject({ balanceMicroUsd: 1_000_000 });
  });
});

describe("credits", () => {
  test("a deposit's reference counts once", async () => {
    const { apply } = await openAccount();
    const deposit = { kind: "deposit", reference: "inv-1", microUsd: 5, entry: "deposit" } as const;
    const [first, again] = await apply(deposit, deposit);
    expect(first).toMatchObject({ repeated: false, transaction: { amountMicroUsd: 5 } });
    expect(again).toMatchObject({ repeated: true, transaction: { amountMicroUsd: 5 } });
    expect((await apply({ kind: "credits" }))[0]).toMatchObject({ balanceMicroUsd: 1_000_005 });
  });

  test("transactions come newest first, page by page", async () => {
    const { apply } = await openAccount();
    for (const n of [1, 2, 3]) {
      await apply({ kind: "deposit", reference: `r${n}`, microUsd: n, entry: "grant" });
    }
    const [page] = await apply({ kind: "transactions", limit: 2, beforeSeq: null });
    expect(page).toMatchObject({ rows: [{ reference: "r3" }, { reference: "r2" }] });
    const rows = page?.ok && "rows" in page ? page.rows : [];
    const last = rows.at(-1);
    const beforeSeq = last && "seq" in last ? last.seq : 0;
    const [next] = await apply({ kind: "transactions", limit: 2, beforeSeq });
    expect(next).toMatchObject({ rows: [{ reference: "r1" }, { reference: "start" }] });
  });

  test("an unrenewed lease posts its checkpoint and gives the rest back", async () => {
    const account = await openAccount();
    const reservationId = reservationOf((await account.apply(admission(1)))[0]);
    const touch = { kind: "touch", reservationId, microUsd: 300 } as const;
    expect((await account.apply(touch))[0]).toMatchObject({ verdict: "renewed" });
    await vi.waitFor(async () => {
      expect(await creditsOf(account)).toMatchObject({ pendingMicroUsd: 0 });
    }, LEASE_MS * 5);
    expect(await creditsOf(account)).toMatchObject({ balanceMicroUsd: 999_700, pendingMicroUsd: 0 });
    const late = settlement(reservationId, { microUsd: 900 });
    expect((await account.apply(late, touch))[0]).toMatchObject({ applied: "late", postedMicroUsd: 0 });
    expect((await account.apply(touch))[0]).toMatchObject({ verdict: "closed" });
    expect(await creditsOf(account)).toMatchObject({ balanceMicroUsd: 999_700 });
  });
});
