import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  availableIn,
  balanceOf,
  credit,
  emptyLedger,
  expire,
  heldBy,
  type Ledger,
  type LedgerWrite,
  nextExpiryMs,
  type Pending,
  post,
  remember,
  renew,
  reserve,
} from "../../src/admission/ledger.ts";
import type { KeyId, RequestId, ReservationId } from "../../src/domain/ids.ts";

// Brands exist at compile time only.
const nonce = (n: number) => `req_${n}` as RequestId;
const key = (n: number) => `key_${n}` as KeyId;
const id = (n: number) => n as ReservationId;

const ask = (n: number, least: number, most: number) => ({
  nonce: nonce(n),
  keyId: key(n % 2),
  leastMicroUsd: least,
  mostMicroUsd: most,
  expiresAtMs: 60_000,
});

function ledgerWith(microUsd: number): Ledger {
  const ledger = emptyLedger();
  credit(ledger, microUsd);
  return ledger;
}

function opened(ledger: Ledger, n: number, most: number): Pending {
  const { result } = reserve(ledger, ask(n, 0, most));
  if (result === null) throw new Error("the ledger has room in this test");
  return result;
}

describe("a reservation", () => {
  it("holds the most there is between least and most", () => {
    const ledger = ledgerWith(100);
    expect(reserve(ledger, ask(1, 10, 60)).result?.microUsd).toBe(60);
    expect(reserve(ledger, ask(2, 10, 60)).result?.microUsd).toBe(40);
    expect(availableIn(ledger)).toBe(0);
    expect(balanceOf(ledger)).toBe(100);
  });

  it("is refused where not even the least is there, and changes nothing then", () => {
    const ledger = ledgerWith(100);
    expect(reserve(ledger, ask(1, 101, 200))).toEqual({ result: null, writes: [] });
    expect(ledger).toEqual(ledgerWith(100));
  });

  it("of nothing is granted on an empty ledger, and one below nothing never", () => {
    expect(reserve(emptyLedger(), ask(1, 0, 0)).result?.microUsd).toBe(0);
    expect(reserve(ledgerWith(5), ask(1, -10, -1)).result).toBeNull();
  });

  it("asked for again under its nonce is the same one, held once", () => {
    const ledger = ledgerWith(100);
    const first = reserve(ledger, ask(1, 10, 60));
    const again = reserve(ledger, ask(1, 10, 60));
    expect(again).toEqual({ result: first.result, writes: [] });
    expect(ledger.heldMicroUsd).toBe(60);
  });

  it("found in storage is as good as a new one", () => {
    const before = ledgerWith(100);
    const pending = opened(before, 1, 60);
    const after = { ...ledgerWith(100), heldMicroUsd: 60, nextId: before.nextId };
    remember(after, pending);
    expect(post(after, pending.id, 25).result).toEqual({ applied: "posted", postedMicroUsd: 25 });
    expect(availableIn(after)).toBe(75);
  });
});

describe("posting", () => {
  it("charges the cost and gives the rest back", () => {
    const ledger = ledgerWith(100);
    const pending = opened(ledger, 1, 60);
    expect(post(ledger, pending.id, 25)).toEqual({
      result: { applied: "posted", postedMicroUsd: 25 },
      writes: [{ kind: "close", pending, postedMicroUsd: 25 }],
    });
    expect([balanceOf(ledger), availableIn(ledger), ledger.heldMicroUsd]).toEqual([75, 75, 0]);
  });

  it("happens once: whoever comes second is late", () => {
    const ledger = ledgerWith(100);
    const { id: first } = opened(ledger, 1, 60);
    post(ledger, first, 25);
    expect(post(ledger, first, 25)).toEqual({ result: { applied: "late", postedMicroUsd: 0 }, writes: [] });
    expect(post(ledger, id(99), 25).result.applied).toBe("late");
    expect(balanceOf(ledger)).toBe(75);
  });

  it("takes what was not held from what is available, never from other reservations", () => {
    const ledger = ledgerWith(100);
    const { id: first } = opened(ledger, 1, 30);
    opened(ledger, 2, 50);
    expect(post(ledger, first, 1_000).result.postedMicroUsd).toBe(50);
    expect([balanceOf(ledger), availableIn(ledger)]).toEqual([50, 0]);
  });

  it.each([Number.NaN, 0.5, Number.POSITIVE_INFINITY, 2 ** 53])("refuses %d and stays as it was", (cost) => {
    const ledger = ledgerWith(100);
    const pending = opened(ledger, 1, 60);
    const before = structuredClone(ledger);
    expect(() => post(ledger, pending.id, cost)).toThrow(RangeError);
    expect(ledger).toEqual(before);
  });
});

describe("renewal", () => {
  it("moves the end and remembers what was used, never less than before and never more than held", () => {
    const ledger = ledgerWith(100);
    const { id: first } = opened(ledger, 1, 60);
    const used = [20, 10, 999].map(
      (usedMicroUsd) =>
        renew(ledger, first, { usedMicroUsd, expiresAtMs: 70_000 }).result?.checkpointMicroUsd,
    );
    expect(used).toEqual([20, 20, 60]);
    expect(nextExpiryMs(ledger)).toBe(70_000);
  });

  it("of what is closed does nothing", () => {
    expect(renew(ledgerWith(1), id(1), { usedMicroUsd: 1, expiresAtMs: 1 })).toEqual({
      result: null,
      writes: [],
    });
  });

  it.each([Number.NaN, 0.5])("refuses %d: a crash would post it", (usedMicroUsd) => {
    const ledger = ledgerWith(100);
    const { id: first } = opened(ledger, 1, 60);
    const before = structuredClone(ledger);
    expect(() => renew(ledger, first, { usedMicroUsd, expiresAtMs: 70_000 })).toThrow(RangeError);
    expect(ledger).toEqual(before);
  });
});

describe("expiry", () => {
  it("posts the checkpoint, gives the rest back, and leaves what still has a lease", () => {
    const ledger = ledgerWith(100);
    const { id: first } = opened(ledger, 1, 60);
    const { id: second } = opened(ledger, 2, 10);
    renew(ledger, first, { usedMicroUsd: 15, expiresAtMs: 50_000 });
    expect(expire(ledger, 49_999).result).toBe(0);
    expect(expire(ledger, 50_000).result).toBe(1);
    expect([balanceOf(ledger), ledger.heldMicroUsd]).toEqual([85, 10]);
    expect(post(ledger, first, 60).result.applied).toBe("late");
    expect(post(ledger, second, 10).result.applied).toBe("posted");
    expect(nextExpiryMs(ledger)).toBeNull();
  });
});

describe("what one key holds", () => {
  it("is the sum of its own open reservations", () => {
    const ledger = ledgerWith(100);
    opened(ledger, 2, 10);
    opened(ledger, 4, 20);
    opened(ledger, 1, 30);
    expect([heldBy(ledger, key(0)), heldBy(ledger, key(1)), heldBy(ledger, key(7))]).toEqual([30, 30, 0]);
  });
});

describe("any order of any commands", () => {
  const amount = fc.nat(200);
  const reference = fc.integer({ min: 1, max: 12 });
  const command = fc.oneof(
    fc.record({ kind: fc.constant("credit" as const), amount }),
    fc.record({
      kind: fc.constant("reserve" as const),
      n: reference,
      least: amount,
      most: amount,
      lease: amount,
    }),
    fc.record({ kind: fc.constant("post" as const), n: reference, amount }),
    fc.record({ kind: fc.constant("renew" as const), n: reference, amount, lease: amount }),
    fc.record({ kind: fc.constant("expire" as const), waitMs: amount }),
  );
  type Order = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

  function obey(ledger: Ledger, order: Order, nowMs: number): readonly LedgerWrite[] {
    switch (order.kind) {
      case "credit":
        return credit(ledger, order.amount).writes;
      case "reserve": {
        const { n, least, most, lease } = order;
        const wasOpen = [...ledger.open.values()].find((pending) => pending.nonce === nonce(n));
        const roomBefore = availableIn(ledger);
        const { result, writes } = reserve(ledger, { ...ask(n, least, most), expiresAtMs: nowMs + lease });
        if (wasOpen !== undefined) expect([result, writes]).toEqual([wasOpen, []]);
        else if (result === null) expect(Math.min(most, roomBefore)).toBeLessThan(least);
        else expect(result.microUsd).toBe(Math.min(most, roomBefore));
        return writes;
      }
      case "post": {
        const held = ledger.open.get(id(order.n));
        const { result, writes } = post(ledger, id(order.n), order.amount);
        expect(result.applied).toBe(held === undefined ? "late" : "posted");
        expect(result.postedMicroUsd).toBeLessThanOrEqual(order.amount);
        if (held !== undefined) {
          expect(result.postedMicroUsd).toBeGreaterThanOrEqual(Math.min(order.amount, held.microUsd));
        }
        return writes;
      }
      case "renew":
        return renew(ledger, id(order.n), { usedMicroUsd: order.amount, expiresAtMs: nowMs + order.lease })
          .writes;
      case "expire": {
        const { writes } = expire(ledger, nowMs);
        expect([...ledger.open.values()].every((pending) => pending.expiresAtMs > nowMs)).toBe(true);
        return writes;
      }
    }
  }

  it("keeps every micro-dollar, never goes below zero, and ends a reservation once", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 50 }), (orders) => {
        const ledger = emptyLedger();
        const stored = { credits: 0, posted: 0, open: new Map<number, Pending>(), closed: new Set<number>() };
        let nowMs = 0;
        for (const order of orders) {
          if (order.kind === "expire") nowMs += order.waitMs;
          for (const write of obey(ledger, order, nowMs)) store(stored, write);
          expect([ledger.creditsMicroUsd, ledger.postedMicroUsd]).toEqual([stored.credits, stored.posted]);
          expect([...ledger.open]).toEqual([...stored.open]);
          const held = [...stored.open.values()].reduce((sum, pending) => sum + pending.microUsd, 0);
          expect(ledger.heldMicroUsd).toBe(held);
          expect(availableIn(ledger)).toBeGreaterThanOrEqual(0);
          expect(ledger.byNonce.size).toBe(ledger.open.size);
          const ends = [...stored.open.values()].map((pending) => pending.expiresAtMs);
          expect(nextExpiryMs(ledger)).toBe(ends.length === 0 ? null : Math.min(...ends));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  interface Stored {
    credits: number;
    posted: number;
    readonly open: Map<number, Pending>;
    readonly closed: Set<number>;
  }

  /** What a restart would find. */
  function store(stored: Stored, write: LedgerWrite): void {
    if (write.kind === "credit") stored.credits += write.microUsd;
    if (write.kind === "open") {
      expect(stored.open.has(write.pending.id) || stored.closed.has(write.pending.id)).toBe(false);
      stored.open.set(write.pending.id, write.pending);
    }
    if (write.kind === "renew") stored.open.set(write.pending.id, write.pending);
    if (write.kind === "close") {
      expect(stored.open.delete(write.pending.id)).toBe(true);
      stored.closed.add(write.pending.id);
      stored.posted += write.postedMicroUsd;
    }
  }
});
