import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextExpiryMs, settle as settleReservation } from "../../src/admission/ledger.ts";
import { availableIn, balanceOf, pendingIn } from "../../src/admission/ledger-state.ts";
import { ledgerCommands } from "../support/ledger-commands.ts";
import {
  checkWorld,
  LEASE_MS,
  type LedgerCommand,
  newWorld,
  step,
  type World,
} from "../support/ledger-world.ts";

function played(...commands: readonly LedgerCommand[]): World {
  const world = newWorld();
  for (const command of commands) step(world, command);
  return world;
}

const admit = (nonce: number, most: number, least = most): LedgerCommand => ({
  kind: "admit",
  nonce,
  least,
  most,
});
const deposit = (microUsd: number): LedgerCommand => ({ kind: "deposit", microUsd });
const settle = (cost: number, which = 0): LedgerCommand => ({ kind: "settle", which, cost });

describe("reservations", () => {
  test("hold what they ask for and give back what was not used", () => {
    const world = played(deposit(1_000), admit(1, 600));
    expect(availableIn(world.ledger)).toBe(400);
    step(world, settle(250));
    expect(balanceOf(world.ledger)).toBe(750);
    expect(availableIn(world.ledger)).toBe(750);
  });

  test("are granted the most there is between least and most", () => {
    const world = played(deposit(1_000), admit(1, 5_000, 1));
    expect(pendingIn(world.ledger)).toBe(1_000);
  });

  test("are refused when not even the least is there", () => {
    const world = played(deposit(1_000), admit(1, 1_001));
    expect(world.granted).toEqual([]);
    expect(availableIn(world.ledger)).toBe(1_000);
  });

  test("cost more than was held only as far as credits reach", () => {
    const world = played(deposit(1_000), admit(1, 600), settle(5_000));
    expect(balanceOf(world.ledger)).toBe(0);
  });

  test("end once: a repeat changes nothing", () => {
    const world = played(deposit(1_000), admit(1, 600), settle(250), settle(250));
    expect(balanceOf(world.ledger)).toBe(750);
  });

  test("whose end comes again are told whether they were settled before or their lease had ended", () => {
    const world = played(deposit(1_000), admit(1, 100), admit(2, 100), settle(40, 1));
    const [settled, open] = world.granted;
    const again = (granted = settled) =>
      granted && settleReservation(world.ledger, { ...granted, cost: 40 }).applied;
    expect(again(settled)).toBe("repeated");
    step(world, { kind: "wait", ms: LEASE_MS });
    step(world, { kind: "save" });
    expect(again(open)).toBe("late");
    expect(balanceOf(world.ledger)).toBe(960);
  });

  test("nobody renews post their checkpoint and give the rest back", () => {
    const touch: LedgerCommand = { kind: "touch", which: 0, used: 100 };
    const world = played(
      deposit(1_000),
      admit(1, 600),
      touch,
      { kind: "wait", ms: LEASE_MS },
      { kind: "save" },
    );
    expect(balanceOf(world.ledger)).toBe(900);
    expect(pendingIn(world.ledger)).toBe(0);
  });
});

describe("the escrow", () => {
  const spend = [deposit(1_000_000), admit(1, 600), settle(250), { kind: "save" }] as const;

  test("is ahead of need while requests come", () => {
    expect(played(...spend, admit(2, 600)).ledger.free).toBeGreaterThan(0);
  });

  test("is nothing when the account rests, and stays so however often it is saved", () => {
    const world = played(...spend, { kind: "rest" });
    for (let saves = 0; saves < 5; saves++) {
      expect([world.ledger.free, world.ledger.held, world.disk.held]).toEqual([0, 0, 0]);
      step(world, { kind: "save" });
    }
  });

  test("of an account at rest costs nothing to lose", () => {
    const world = played(...spend, { kind: "rest" }, { kind: "crash" });
    expect(pendingIn(world.ledger)).toBe(0);
    expect(availableIn(world.ledger)).toBe(999_750);
  });
});

describe("crashes", () => {
  test("keep a settlement that was saved and repeat one that was not", () => {
    const world = played(deposit(1_000), admit(1, 100), admit(2, 100), settle(40, 1), { kind: "save" });
    step(world, settle(30));
    step(world, { kind: "crash" });
    expect(balanceOf(world.ledger)).toBe(960);
    step(world, settle(30));
    step(world, settle(40, 1));
    expect(balanceOf(world.ledger)).toBe(930);
  });

  test("hold the dead epoch's escrow for one lease and no longer", () => {
    const world = played(deposit(1_000), admit(1, 600), { kind: "crash" });
    expect(availableIn(world.ledger)).toBeLessThanOrEqual(400);
    step(world, { kind: "wait", ms: LEASE_MS });
    step(world, { kind: "save" });
    expect(availableIn(world.ledger)).toBe(1_000);
    step(world, settle(300));
    expect(balanceOf(world.ledger)).toBe(1_000);
  });

  test("lose no end of a request that cost nothing: it was under way all the same", () => {
    const world = played(deposit(1_000), admit(1, 0), { kind: "save" }, { kind: "crash" });
    const [granted] = world.granted;
    const end = () => granted && settleReservation(world.ledger, { ...granted, cost: 0 }).applied;
    expect([end(), end()]).toEqual(["posted", "repeated"]);
  });

  test("of an account that holds nothing leave nothing to wake for", () => {
    const world = played(deposit(1_000), { kind: "crash" }, { kind: "crash" });
    expect(nextExpiryMs(world.ledger)).toBeNull();
    expect(nextExpiryMs(played(deposit(1_000), admit(1, 600), { kind: "crash" }).ledger)).not.toBeNull();
  });

  test("leave a request too young to be saved its part of the orphan, when it renews", () => {
    const world = played(
      deposit(1_000),
      admit(1, 600),
      { kind: "crash" },
      { kind: "touch", which: 0, used: 100 },
    );
    expect([...world.ledger.open.values()].map(({ microUsd }) => microUsd)).toEqual([600]);
    step(world, settle(250));
    step(world, { kind: "save" });
    expect(balanceOf(world.ledger)).toBe(750);
  });

  test("remember a renewed reservation with its checkpoint", () => {
    const touch: LedgerCommand = { kind: "touch", which: 0, used: 100 };
    const world = played(deposit(1_000), admit(1, 600), touch, { kind: "save" }, { kind: "crash" });
    expect(world.ledger.open.size).toBe(1);
    step(world, { kind: "wait", ms: LEASE_MS });
    step(world, { kind: "save" });
    expect(balanceOf(world.ledger)).toBe(900);
  });
});

test("whatever happens, in whatever order: conservation, no overdraft, one end each, nothing acknowledged is lost", () => {
  fc.assert(
    fc.property(ledgerCommands(LEASE_MS), (commands) => {
      const world = newWorld();
      for (const next of commands) {
        step(world, next);
        checkWorld(world);
      }
      // In the end everything ends: nothing is held when the last lease is over.
      const lastMs = nextExpiryMs(world.ledger) ?? world.nowMs;
      step(world, { kind: "wait", ms: Math.max(0, lastMs - world.nowMs) + 2 * LEASE_MS });
      step(world, { kind: "save" });
      checkWorld(world);
      expect(pendingIn(world.ledger)).toBe(0);
    }),
    { numRuns: 10_000 },
  );
}, 120_000);
