// The ledger's property test again, this time on the real object: the same commands, its own storage, and crashes
// that are the runtime's. The pure ledger beside it says what must be there after each of them.
import { runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { expire } from "../../../src/admission/ledger.ts";
import { availableIn, balanceOf, pendingIn } from "../../../src/admission/ledger-state.ts";
import type { Answer, Command } from "../../../src/domain/account-commands.ts";
import type { ReservationId } from "../../../src/domain/ids.ts";
import { ledgerCommands } from "../../support/ledger-commands.ts";
import { checkWorld, type LedgerCommand, newWorld, step, type World } from "../../support/ledger-world.ts";
import {
  admission,
  claimOf,
  crash,
  creditsOf,
  LEASE_MS,
  newKey,
  type OpenAccount,
  openAccount,
  reservationOf,
  SAVE_MS,
  settlement,
} from "./account-door.ts";

const KEYS = ["key_0", "key_1", "key_2"];
const DAY_MS = 86_400_000;

let nowMs = 0;

beforeEach(() => {
  // Far ahead of the runtime's own clock: no alarm rings within the test, leases end when their time is told.
  nowMs = Date.now() + DAY_MS;
  vi.spyOn(Date, "now").mockImplementation(() => nowMs);
  // Saves that others may share come when the test says so.
  const real = globalThis.setTimeout;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((work: () => void, ms?: number) =>
    ms === SAVE_MS || ms === 1_000 ? 0 : real(work, ms)) as typeof setTimeout);
});
afterEach(() => void vi.restoreAllMocks());

/** One account and its model; what was asked and not yet answered waits for a save. */
interface Twin {
  readonly account: OpenAccount;
  readonly world: World;
  /** When a reservation was first seen not to be open any more. */
  readonly endedAtMs: Map<ReservationId, number>;
  readonly unanswered: Promise<unknown>[];
  deposits: number;
}

async function twin(): Promise<Twin> {
  const account = await openAccount({ microUsd: 0 });
  await account.apply(...KEYS.map((id): Command => ({ kind: "create-key", key: newKey(id) })));
  const world = newWorld({ nowMs, leaseMs: LEASE_MS });
  return { account, world, endedAtMs: new Map(), unanswered: [], deposits: 0 };
}

async function play(twinned: Twin, command: LedgerCommand): Promise<void> {
  const { world, endedAtMs } = twinned;
  const target = "which" in command ? world.granted.at(-1 - command.which) : undefined;
  // The journal remembers what ended for two leases: repeats come within seconds, or not at all.
  const endMs = target === undefined ? undefined : endedAtMs.get(target.id);
  if (endMs !== undefined && nowMs - endMs > LEASE_MS) return;
  const before = world.granted.length;
  step(world, command);
  nowMs = world.nowMs;
  for (const { id } of world.granted) {
    if (!world.ledger.open.has(id) && !endedAtMs.has(id)) endedAtMs.set(id, nowMs);
  }
  const granted = world.granted.length > before ? world.granted.at(-1)?.id : undefined;
  await perform(twinned, command, { target: target?.id, granted });
}

interface Meant {
  readonly target: ReservationId | undefined;
  /** What the model gave out. */
  readonly granted: ReservationId | undefined;
}

async function perform(twinned: Twin, command: LedgerCommand, { target, granted }: Meant): Promise<void> {
  const { account } = twinned;
  switch (command.kind) {
    case "deposit":
      await deposit(twinned, command.microUsd);
      return;
    case "admit": {
      const [answer] = await account.apply(admitCommand(command));
      if (granted !== undefined) expect(reservationOf(answer)).toBe(granted);
      return;
    }
    case "settle":
      if (target !== undefined) await post(twinned, settlement(target, { microUsd: command.cost }));
      return;
    case "touch":
      if (target !== undefined) await post(twinned, touchCommand(twinned, target, command.used));
      return;
    case "save":
      await saveNow(twinned);
      return;
    case "rest":
      await account.door().drain();
      await saveNow(twinned);
      return;
    case "crash":
      await crash();
      await Promise.all(twinned.unanswered.splice(0));
      return;
    case "wait":
  }
}

/** With its owner, as the Worker sends it: a restarted object takes a young request over. */
function touchCommand({ world }: Twin, id: ReservationId, microUsd: number): Command {
  const granted = world.granted.find((one) => one.id === id);
  if (granted === undefined) throw new Error("the model never granted it");
  const { requestId, keyId, held: heldMicroUsd } = granted;
  return { kind: "touch", reservationId: id, microUsd, owner: { requestId, keyId, heldMicroUsd } };
}

function admitCommand({ nonce, least, most }: LedgerCommand & { kind: "admit" }): Command {
  return admission(nonce, {
    claim: claimOf(`key_${nonce % KEYS.length}`),
    hold: { leastMicroUsd: least, mostMicroUsd: Math.max(least, most) },
  });
}

/** Nobody waits for it, as no request does; a crash before its save answers it with an error. */
async function post({ account, unanswered }: Twin, command: Command): Promise<void> {
  unanswered.push(account.apply(command).catch((): readonly Answer[] => []));
  // The object has run it when it has run what came behind: what it crashes with is decided here.
  await account.apply({ kind: "credits" });
}

async function deposit(twinned: Twin, microUsd: number): Promise<void> {
  const reference = `deposit-${++twinned.deposits}`;
  await twinned.account.apply({ kind: "deposit", reference, microUsd, entry: "deposit" });
  await Promise.all(twinned.unanswered.splice(0));
}

/** Whatever is urgent takes the rest along. */
const saveNow = (twinned: Twin) => deposit(twinned, 0);

/** The object's answer, and what it wrote, against the model's. */
async function expectEqual({ account, world }: Twin): Promise<void> {
  expire(world.ledger, nowMs);
  const { ledger, disk } = world;
  expect(await creditsOf(account)).toEqual({
    balanceMicroUsd: balanceOf(ledger),
    pendingMicroUsd: pendingIn(ledger),
    availableMicroUsd: balanceOf(ledger) - pendingIn(ledger),
  });
  expect(availableIn(ledger)).toBe(balanceOf(ledger) - pendingIn(ledger));
  const stored = await runInDurableObject(account.stub(), (_object, { storage }) => {
    const [row] = storage.sql.exec("SELECT epoch, credits, posted, held FROM account").toArray();
    const open = storage.sql.exec("SELECT id, checkpoint FROM open_entry ORDER BY id").toArray();
    return { row, open };
  });
  const { held, ...exact } = stored.row ?? { held: Number.NaN };
  expect(exact).toEqual({ epoch: disk.epoch, credits: disk.credits, posted: disk.posted });
  // What is held beyond the open ones is a guess at the next second's spend, and depends on when saves fall.
  expect(Number(held)).toBeGreaterThanOrEqual(pendingIn(ledger));
  expect(Number(held)).toBeLessThanOrEqual(disk.credits - disk.posted);
  const open = [...disk.open.values()].map(({ id, checkpoint }) => ({ id, checkpoint }));
  expect(stored.open).toEqual(open.sort((left, right) => left.id - right.id));
}

test("after every acknowledged step it holds what the model holds, whatever it forgets in between", async () => {
  await fc.assert(
    fc.asyncProperty(ledgerCommands(LEASE_MS), async (course) => {
      const twinned = await twin();
      for (const command of course) {
        await play(twinned, command);
        checkWorld(twinned.world);
        if (twinned.unanswered.length === 0) await expectEqual(twinned);
      }
      await saveNow(twinned);
      step(twinned.world, { kind: "save" });
      await expectEqual(twinned);
    }),
    { numRuns: 50 },
  );
}, 60_000);
