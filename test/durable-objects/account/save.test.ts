import { runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { Command } from "../../../src/domain/account-commands.ts";
import { packRow } from "../../../src/domain/packed-row.ts";
import { sampleRow } from "../../domain/sample-row.ts";
import {
  admission,
  CLAIM,
  crash,
  creditsOf,
  newKey,
  type OpenAccount,
  openAccount,
  reservationOf,
  settlement,
} from "./account-door.ts";

/** The storage refuses its `nth` statement from now on; the object's next waking has a new one. */
async function refuseStatement(account: OpenAccount, nth: number) {
  let statements = 0;
  await runInDurableObject(account.stub(), (_object, { storage }) => {
    const { sql } = storage;
    const exec = sql.exec.bind(sql);
    Object.defineProperty(sql, "exec", {
      value(...statement: Parameters<SqlStorage["exec"]>) {
        if (++statements === nth) throw new Error("the disk is full");
        return exec(...statement);
      },
    });
  });
  return { hasFailed: () => statements >= nth };
}

/** Everything a transaction may write, but for what each waking writes anew. */
function contents(account: OpenAccount): Promise<unknown> {
  return account.inside(({ sql }) => {
    const rowsOf = (query: string) => sql.exec(query).toArray();
    return {
      account: rowsOf("SELECT credits, posted, plan, view_version, entry_seq, gpu_ms FROM account"),
      keys: rowsOf("SELECT id, name, spent_total, spent_month, revoked_at_ms IS NULL AS live FROM key"),
      entries: rowsOf("SELECT seq, kind, amount, balance_after, reference FROM ledger_entry"),
      journal: rowsOf("SELECT hex(ids) AS ids, substr(rows, 1, 20) AS rows FROM journal"),
      open: rowsOf("SELECT id, micro_usd, checkpoint FROM open_entry"),
      claims: rowsOf("SELECT place, request_id, state FROM idempotency"),
      audit: rowsOf("SELECT action, target FROM audit"),
    };
  });
}

const claim = { place: "/v1/completions k", bodyHash: "hash" };
const authorize = { kind: "authorize", ...CLAIM, scope: "keys:write" } as const;
const hold = { leastMicroUsd: 100_000, mostMicroUsd: 200_000 };
const budget = { amountMicroUsd: 5_000_000, period: "total" } as const;

/** What a caller asks in one call; `reservation` was admitted and renewed before. */
const TURNS: readonly (readonly [string, (reservation: ReturnType<typeof reservationOf>) => Command[]])[] = [
  ["a deposit", () => [{ kind: "deposit", reference: "r", microUsd: 9, entry: "deposit" }]],
  ["a new key", () => [authorize, { kind: "create-key", key: newKey("key_new") }]],
  ["a change of a key", () => [authorize, { kind: "change-key", keyId: CLAIM.keyId, changes: { budget } }]],
  ["a revocation", () => [authorize, { kind: "revoke-key", keyId: CLAIM.keyId }]],
  ["an admission", () => [admission("new", { hold, idempotency: claim })]],
  ["a settlement", (id) => [settlement(id, { microUsd: 400, gpuMs: 12 })]],
  ["a renewal", (id) => [{ kind: "touch", reservationId: id, microUsd: 77 }]],
];

async function prepared(): Promise<{ account: OpenAccount; reservation: ReturnType<typeof reservationOf> }> {
  const account = await openAccount();
  const reservation = reservationOf((await account.apply(admission("old")))[0]);
  await account.apply({ kind: "touch", reservationId: reservation, microUsd: 5 });
  return { account, reservation };
}

describe("a storage that refuses a statement", () => {
  /** More than any of these turns has. */
  const MOST_STATEMENTS = 25;

  test.each(TURNS)(
    "whichever it is, leaves nothing of %s: the caller hears of it, and asks again with success",
    async (_name, turnOf) => {
      const untouched = await prepared();
      await untouched.account.apply(...turnOf(untouched.reservation));
      const meant = await contents(untouched.account);
      for (let nth = 1; nth <= MOST_STATEMENTS; nth++) {
        const { account, reservation } = await prepared();
        const before = await contents(account);
        const storage = await refuseStatement(account, nth);
        const isRefused = await account.apply(...turnOf(reservation)).then(
          () => false,
          () => true,
        );
        expect(isRefused).toBe(storage.hasFailed());
        if (!isRefused) {
          expect(nth).toBeGreaterThan(1);
          return;
        }
        expect(await contents(account)).toEqual(before);
        await account.apply(...turnOf(reservation));
        expect(await contents(account)).toEqual(meant);
      }
      throw new Error("statements without end");
    },
    30_000,
  );

  test("takes the answers of all that waited for the same save along, and the next save has them all", async () => {
    const account = await openAccount();
    const ids = (await account.apply(...[1, 2, 3].map((n) => admission(n)))).map(reservationOf);
    const settleAll = () =>
      Promise.allSettled(
        ids.map((id, n) => account.apply(settlement(id, { requestId: `req_${n + 1}` as never }))),
      );
    await account.inside(({ sql }) => {
      sql.exec(
        "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
      );
    });
    expect((await settleAll()).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(await creditsOf(account)).toMatchObject({ balanceMicroUsd: 1_000_000 });
    await account.inside(({ sql }) => {
      sql.exec("DROP TRIGGER full");
    });
    expect((await settleAll()).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    await crash();
    expect(await creditsOf(account)).toMatchObject({ balanceMicroUsd: 1_000_000 - 3 * 400 });
  });
});

describe("a save", () => {
  test("is shared: what settles within a moment is one row of the journal", async () => {
    const account = await openAccount();
    const ids = (await account.apply(...[1, 2, 3, 4].map((n) => admission(n)))).map(reservationOf);
    await Promise.all(ids.map((id) => account.apply(settlement(id))));
    const saves = await account.inside(({ sql }) =>
      sql.exec("SELECT length(ids) AS bytes FROM journal").toArray(),
    );
    expect(saves).toEqual([{ bytes: 4 * 8 }]);
  });

  test("answers a settlement only when a crash cannot take it back", async () => {
    const account = await openAccount();
    const [id] = (await account.apply(admission(1))).map(reservationOf);
    if (id === undefined) throw new Error("not admitted");
    const before = performance.now();
    expect((await account.apply(settlement(id)))[0]).toMatchObject({ applied: "posted" });
    expect(performance.now() - before).toBeLessThan(1_000);
    await crash();
    expect(await creditsOf(account)).toMatchObject({ balanceMicroUsd: 999_600 });
    expect((await account.apply(settlement(id)))[0]).toMatchObject({ applied: "repeated" });
  });

  test("of rows with long tags takes several rows of storage, none beyond what one holds, and loses none", async () => {
    const account = await openAccount();
    const count = 60;
    const answers = await account.apply(...Array.from({ length: count }, (_, n) => admission(n)));
    // The longest that a caller may send, of characters that JSON writes as six.
    const tags = Object.fromEntries(
      Array.from({ length: 16 }, (_, n) => [String(n).padEnd(64, "\u0001"), "\u0001".repeat(512)]),
    );
    await account.apply(
      ...answers.map((answer, n) => {
        const requestId = `req_${n}` as never;
        const rowJson = packRow(sampleRow({ request_id: requestId, created_at_ms: Date.now(), tags }));
        return settlement(reservationOf(answer), { requestId, rowJson });
      }),
    );
    const sizes = await account.inside(({ sql }) =>
      sql.exec("SELECT length(CAST(rows AS BLOB)) AS bytes FROM journal").toArray(),
    );
    expect(sizes.length).toBeGreaterThan(1);
    for (const { bytes } of sizes) expect(Number(bytes)).toBeLessThan(2_000_000);
    await account.door().drain();
    const { rows } = await account.log().rows(
      {
        fromMs: 0,
        toMs: Number.MAX_SAFE_INTEGER,
        model: null,
        key: null,
        region: null,
        status: null,
        task: null,
        tag: null,
      },
      200,
      null,
    );
    expect(rows).toHaveLength(count);
    expect(rows[0]?.tags).toEqual(tags);
    expect((await creditsOf(account)).balanceMicroUsd).toBe(1_000_000 - count * 400);
  });
});
