import { describe, expect, it } from "vitest";
import { mountSavings } from "../../src/management/savings.ts";
import { fakePorts, mounted } from "./fake-ports.ts";
import { type FakeMonths, fakeUsageLog } from "./fake-usage-log.ts";

function open(months: FakeMonths = {}) {
  const ports = fakePorts({}, { usageLog: fakeUsageLog(months) });
  return mounted(ports, (http) => mountSavings(http, ""));
}

describe("savings", () => {
  it("are summed over the months of whole days", async () => {
    const asked: string[] = [];
    const ask = open({
      savings(month, fromMs, toMs) {
        asked.push(`${month} ${new Date(fromMs).toISOString()} ${new Date(toMs).toISOString()}`);
        return { requests: 2, paid_micro_usd: 500, baseline_micro_usd: 2_000 };
      },
    });
    const { body } = await ask("GET", "/savings?from=2026-08-30T10:00:00Z&to=2026-09-02T10:00:00Z");
    expect(body).toEqual({
      object: "savings",
      from: "2026-08-30T00:00:00.000Z",
      to: "2026-09-03T00:00:00.000Z",
      requests: 4,
      paid_usd: 0.001,
      baseline_usd: 0.004,
      saved_usd: 0.003,
      saved_share: 0.75,
    });
    expect(asked).toEqual([
      "2026-09 2026-08-30T00:00:00.000Z 2026-09-03T00:00:00.000Z",
      "2026-08 2026-08-30T00:00:00.000Z 2026-09-03T00:00:00.000Z",
    ]);
  });

  it("of nothing have no share", async () => {
    expect((await open()("GET", "/savings")).body).toMatchObject({ requests: 0, saved_share: null });
  });

  it("refuse what they do not know", async () => {
    expect((await open()("GET", "/savings?model=A")).status).toBe(400);
  });
});
