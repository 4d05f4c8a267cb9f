import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepLease, type LeaseOrder } from "../../src/admission/lease.ts";
import type { Answer } from "../../src/domain/account-commands.ts";
import type { AccountId, KeyId, RequestId, ReservationId } from "../../src/domain/ids.ts";
import { type FakeApply, type FakePorts, fakePorts } from "../support/fake-ports.ts";

const LEASE_MS = 60_000;
/** Eight a lease. */
const RENEWAL_MS = LEASE_MS / 8;
const ACCOUNT = { accountId: "acct_00000000001" as AccountId, jurisdiction: "none" } as const;
const RESERVATION = { id: 7 as ReservationId, heldMicroUsd: 100, leaseMs: LEASE_MS };
const verdict = (said: "renewed" | "revoked" | "closed"): Answer => ({ ok: true, verdict: said });

function start(fake: FakePorts, order: Partial<LeaseOrder> = {}) {
  const onStop = vi.fn();
  const lease = keepLease(fake.ports, {
    account: ACCOUNT,
    reservation: RESERVATION,
    requestId: "req_1" as RequestId,
    keyId: "key_1" as KeyId,
    usedMicroUsd: () => 0,
    onStop,
    ...order,
  });
  return { lease, onStop };
}

const always = (answer: Answer) => fakePorts({ apply: async () => [answer] });

/** When each renewal arrived and what it said was used. */
function watched(answer: Answer = verdict("renewed")) {
  const sinceMs = Date.now();
  const renewals: (readonly [atMs: number, microUsd: number])[] = [];
  const apply: FakeApply = async (commands) => {
    for (const command of commands) {
      if (command.kind === "touch") renewals.push([Date.now() - sinceMs, command.microUsd]);
    }
    return [answer];
  };
  return { renewals, fake: fakePorts({ apply }) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("a lease", () => {
  it("is renewed often enough that six renewals may be lost before the hold is", async () => {
    const { fake, renewals } = watched();
    const { lease } = start(fake);
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    expect(renewals.length).toBeGreaterThanOrEqual(6);
    const gaps = renewals.map(([atMs], at) => atMs - (renewals[at - 1]?.[0] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(LEASE_MS / 6);
    lease.end();
    await vi.runAllTimersAsync();
  });

  it("tells with each renewal what was used so far", async () => {
    const { fake, renewals } = watched();
    let used = 0;
    const { lease } = start(fake, { usedMicroUsd: () => ++used });
    await vi.advanceTimersByTimeAsync(LEASE_MS / 2);
    expect(renewals.map(([, microUsd]) => microUsd)).toEqual([1, 2, 3]);
    lease.end();
    await vi.runAllTimersAsync();
  });

  it("says nothing within a short request, and nothing once it ended", async () => {
    const { fake, renewals } = watched();
    const { lease } = start(fake);
    await vi.advanceTimersByTimeAsync(RENEWAL_MS - 1);
    lease.end();
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    expect(renewals).toEqual([]);
  });

  it.each(["revoked", "closed"] as const)(
    "stops the request within ten seconds of its being %s, once",
    async (said) => {
      const { lease, onStop } = start(always(verdict(said)));
      await vi.advanceTimersByTimeAsync(10_000);
      expect(onStop.mock.calls).toEqual([[said]]);
      lease.end();
      await vi.runAllTimersAsync();
    },
  );

  it("does not stop a request that ended before the answer was looked at", async () => {
    const { lease, onStop } = start(always(verdict("revoked")));
    await vi.advanceTimersByTimeAsync(RENEWAL_MS + 100);
    lease.end();
    await vi.runAllTimersAsync();
    expect(onStop).not.toHaveBeenCalled();
  });

  it("looks some time after the answer, which comes in another request's context and only leaves a mark", async () => {
    const fake = always(verdict("revoked"));
    const { lease, onStop } = start(fake);
    await vi.advanceTimersByTimeAsync(RENEWAL_MS + 200);
    expect(fake.accountCalls).toHaveLength(1);
    expect(onStop).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(800);
    expect(onStop).toHaveBeenCalledOnce();
    lease.end();
    await vi.runAllTimersAsync();
  });

  it("hears an answer that came late at its next look", async () => {
    const apply: FakeApply = () =>
      new Promise((resolve) => setTimeout(() => resolve([verdict("closed")]), 2_000));
    const { lease, onStop } = start(fakePorts({ apply }));
    await vi.advanceTimersByTimeAsync(RENEWAL_MS + 1_500);
    expect(onStop).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(RENEWAL_MS);
    expect(onStop).toHaveBeenCalledWith("closed");
    lease.end();
    await vi.runAllTimersAsync();
  });

  it("outlives refused and failed renewals: the next one may be heard", async () => {
    const refusal: Answer = { ok: false, code: "overloaded", message: "" };
    const answers = [
      () => Promise.resolve([refusal]),
      () => Promise.reject(new Error("the object broke")),
      () => Promise.resolve([]),
    ];
    const fake = fakePorts({
      apply: () => (answers.shift() ?? (() => Promise.resolve([verdict("renewed")])))(),
    });
    const { lease, onStop } = start(fake);
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    expect(fake.accountCalls.length).toBeGreaterThanOrEqual(6);
    expect(onStop).not.toHaveBeenCalled();
    lease.end();
    await vi.runAllTimersAsync();
  });

  it("is renewed together with the others of its account, in one call", async () => {
    const fake = fakePorts({ apply: async (commands) => commands.map(() => verdict("renewed")) });
    const leases = [1, 2, 3].map(() => start(fake).lease);
    await vi.advanceTimersByTimeAsync(RENEWAL_MS + 100);
    expect(fake.accountCalls.map(({ commands }) => commands.length)).toEqual([3]);
    for (const lease of leases) lease.end();
    await vi.runAllTimersAsync();
  });
});
