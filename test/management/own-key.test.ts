import { describe, expect, it } from "vitest";
import type { KeyRecord } from "../../src/domain/key.ts";
import { mountKeys } from "../../src/management/keys.ts";
import { FACTS, fakePorts, KEY, mounted } from "./fake-ports.ts";

const CREDITS = {
  ok: true,
  balanceMicroUsd: 9_000_000,
  pendingMicroUsd: 1_000_000,
  availableMicroUsd: 8_000_000,
  updatedAtMs: 0,
} as const;

async function ownKey(
  changes: Partial<KeyRecord>,
  { rpm = 10, budgetLeftMicroUsd = null }: { rpm?: number | null; budgetLeftMicroUsd?: number | null } = {},
) {
  const limits = rpm === null ? {} : { requests: { limit: rpm, remaining: 4, resetMs: 100 } };
  const ports = fakePorts({
    authorize: { ok: true, key: { ...KEY, ...changes }, limits, budgetLeftMicroUsd },
    account: { ok: true, account: { ...FACTS, limits: { rpm } } },
    credits: CREDITS,
  });
  const ask = mounted(ports, (http) => mountKeys(http, ""));
  return { ports, reply: await ask("GET", "/key") };
}

describe("GET /key", () => {
  it("needs no scope at all", async () => {
    const { ports, reply } = await ownKey({ scopes: ["jobs"] });
    expect(reply.status).toBe(200);
    expect(ports.asked[0]?.commands[0]).toMatchObject({ kind: "authorize", scope: null });
  });

  it("tells the plan, the limits and what remains of them", async () => {
    const { reply } = await ownKey({}, { budgetLeftMicroUsd: 500_000 });
    expect(reply.body).toMatchObject({
      object: "key",
      limits: { plan: "pro", rpm: 10, tpm: 2_000_000, concurrency: 200, gpu_hours: 100 },
      remaining: { requests: 4, budget_usd: 0.5, credits_usd: 8 },
    });
  });

  it("says null where nothing limits", async () => {
    const { reply } = await ownKey({}, { rpm: null });
    expect(reply.body).toMatchObject({
      limits: { rpm: null },
      remaining: { requests: null, budget_usd: null },
    });
  });

  it.each(["month", "total"] as const)("tells what is left of a budget per %s", async (period) => {
    const budget = { amountMicroUsd: 2_000_000, period };
    const { reply } = await ownKey({ budget }, { budgetLeftMicroUsd: 1_250_000 });
    expect(reply.body).toMatchObject({
      budget: { amount_usd: 2, period },
      spent_usd: 1.5,
      remaining: { budget_usd: 1.25 },
    });
  });

  it("never shows less than nothing", async () => {
    const budget = { amountMicroUsd: 1, period: "month" } as const;
    const { reply } = await ownKey({ budget }, { budgetLeftMicroUsd: -5 });
    expect(reply.body.remaining.budget_usd).toBe(0);
  });

  it("shows the account's credits only to keys that may read them", async () => {
    const { reply } = await ownKey({ scopes: ["inference"] });
    expect(reply.body.remaining).not.toHaveProperty("credits_usd");
  });
});
