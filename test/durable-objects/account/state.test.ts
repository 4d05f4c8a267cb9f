// What one commit holds: a crash right behind it must find balances, keys and the entries that explain them.
import { describe, expect, test } from "vitest";
import type { Command } from "../../../src/domain/account-commands.ts";
import {
  admission,
  CLAIM,
  newKey,
  type OpenAccount,
  openAccount,
  reservationOf,
  settlement,
} from "./account-door.ts";

/** What storage says while a settlement still waits for others to share its commit. */
async function storedBehind(account: OpenAccount, ...commands: Command[]) {
  const [admitted] = await account.apply(admission(1));
  const settled = account.apply(settlement(reservationOf(admitted), { microUsd: 400 }));
  await account.apply(...commands);
  const stored = await account.inside(({ sql }) => ({
    posted: sql.exec("SELECT posted FROM account").one().posted,
    spent: sql.exec("SELECT spent_total FROM key WHERE id = ?", CLAIM.keyId).one().spent_total,
    journal: sql
      .exec("SELECT rows FROM journal")
      .toArray()
      .map(({ rows }) => String(rows)),
    deposits: sql.exec("SELECT seq, balance_after FROM ledger_entry ORDER BY seq").toArray(),
  }));
  await settled;
  return stored;
}

describe("a commit that a settlement did not wait for", () => {
  const keyId = CLAIM.keyId;
  const changes: readonly Command[] = [
    { kind: "change-key", keyId, changes: { name: "renamed" } },
    { kind: "change-account", changes: { limits: { rpm: 5 } } },
    { kind: "revoke-key", keyId },
    { kind: "rotate-key", keyId, prefix: "inf_1n", proof: newKey(keyId).proof, overlapMs: 0 },
  ];

  test.each(changes.map((command) => [command.kind, command] as const))(
    "takes the charge along, or leaves all of it: %s",
    async (_, command) => {
      const { posted, spent, journal } = await storedBehind(await openAccount(), command);
      const charged = journal.length === 0 ? 0 : 400;
      expect({ posted, spent }).toEqual({ posted: charged, spent: charged });
    },
  );

  test("numbers a deposit behind the charges that its balance counts", async () => {
    const deposit = { kind: "deposit", reference: "more", microUsd: 50, entry: "deposit" } as const;
    const { journal, deposits } = await storedBehind(await openAccount({ microUsd: 1_000_000 }), deposit);
    const [charge = ""] = journal;
    const [seq, , , balanceAfter] = charge.split("\t").map(Number);
    expect([...deposits, { seq, balance_after: balanceAfter }]).toEqual([
      { seq: 1, balance_after: 1_000_000 },
      { seq: 3, balance_after: 999_650 },
      { seq: 2, balance_after: 999_600 },
    ]);
  });
});
