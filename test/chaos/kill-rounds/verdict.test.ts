// Each promise about the ledger with a ledger that breaks it: a check that cannot fail proves nothing.
import { describe, expect, test } from "vitest";
import type { Ledger, Row, Transaction } from "../../../chaos/kill-rounds/ledger.ts";
import { checkLedger } from "../../../chaos/kill-rounds/verdict.ts";
import { newWitness, type Witness } from "../../../chaos/kill-rounds/witness.ts";

const DEPOSIT: Transaction = {
  id: "txn_1",
  kind: "deposit",
  microUsd: 100,
  balanceAfter: 100,
  reference: "invoice",
  requestId: null,
};
const CHARGE: Transaction = {
  id: "txn_2",
  kind: "charge",
  microUsd: -30,
  balanceAfter: 70,
  reference: null,
  requestId: "req_1",
};
const ROW: Row = { requestId: "req_1", microUsd: 30, isLost: false, text: "{}" };
const LEDGER: Ledger = {
  credits: { balance: 70, pending: 20, available: 50 },
  transactions: [CHARGE, DEPOSIT],
  rows: [ROW],
  spent: 30,
};

function witness(seen: Partial<Witness> = {}): Witness {
  return { ...newWitness(), ...seen };
}

function verdictOn(change: Partial<Ledger>, seen: Partial<Witness> = {}): () => void {
  return () => checkLedger(witness(seen), { ...LEDGER, ...change });
}

test("a ledger that keeps everything passes", () => {
  const seen = {
    deposits: new Map([["invoice", { microUsd: 100, transactionId: "txn_1" }]]),
    costs: new Map([["req_1", 30]]),
    rows: new Map([["req_1", ROW]]),
    transactions: new Map([["txn_2", CHARGE]]),
  };
  expect(verdictOn({}, seen)).not.toThrow();
});

describe("the balance", () => {
  test("is the sum of all transactions", () => {
    const credits = { balance: 71, pending: 20, available: 51 };
    expect(verdictOn({ credits })).toThrow("add up to the balance");
  });

  test.each([
    { balance: 70, pending: 71, available: -1 },
    { balance: 70, pending: -1, available: 71 },
    { balance: 70, pending: 20, available: 51 },
  ])("and what is available of it are never below zero: %o", (credits) => {
    expect(verdictOn({ credits })).toThrow("never below zero");
  });

  test("after each entry follows from the one before", () => {
    const transactions = [{ ...CHARGE, balanceAfter: 69 }, DEPOSIT];
    expect(verdictOn({ transactions })).toThrow("the one before it");
  });

  test("falls by what keys spent", () => {
    expect(verdictOn({ spent: 31 })).toThrow("keys spent what was charged");
  });
});

describe("once", () => {
  test("is how often a request is charged", () => {
    const again = { ...CHARGE, id: "txn_3", balanceAfter: 40 };
    const credits = { balance: 40, pending: 0, available: 40 };
    const transactions = [again, CHARGE, DEPOSIT];
    expect(verdictOn({ credits, transactions, spent: 60 })).toThrow("charged at most once");
  });

  test("is how often a reference is credited", () => {
    const again = { ...DEPOSIT, id: "txn_3", balanceAfter: 170 };
    const credits = { balance: 170, pending: 0, available: 170 };
    expect(verdictOn({ credits, transactions: [again, CHARGE, DEPOSIT] })).toThrow("credited at most once");
  });

  test("is how often a request has a row", () => {
    expect(verdictOn({ rows: [ROW, ROW] })).toThrow("one usage row");
  });
});

describe("an acknowledged deposit", () => {
  test.each([
    ["missing", "other", { microUsd: 100, transactionId: "txn_9" }],
    ["of another amount", "invoice", { microUsd: 99, transactionId: "txn_1" }],
    ["another transaction", "invoice", { microUsd: 100, transactionId: "txn_9" }],
  ])("is not %s", (_, reference, deposit) => {
    expect(verdictOn({}, { deposits: new Map([[reference, deposit]]) })).toThrow("acknowledged deposit");
  });

  test("may be missing where its answer never came", () => {
    const deposits = new Map([["lost", { microUsd: 5, transactionId: null }]]);
    expect(verdictOn({}, { deposits })).not.toThrow();
  });
});

describe("what was shown", () => {
  test("is there later", () => {
    const row = { ...ROW, requestId: "req_9" };
    expect(verdictOn({}, { rows: new Map([["req_9", row]]) })).toThrow("row that was shown");
    const gone = { ...CHARGE, id: "txn_9" };
    expect(verdictOn({}, { transactions: new Map([["txn_9", gone]]) })).toThrow("transaction that was shown");
  });

  test("is the same later", () => {
    const row = { ...ROW, text: '{"status":200}' };
    expect(verdictOn({}, { rows: new Map([["req_1", row]]) })).toThrow("row that was shown");
    const other = { ...CHARGE, balanceAfter: 71 };
    expect(verdictOn({}, { transactions: new Map([["txn_2", other]]) })).toThrow(
      "transaction that was shown",
    );
  });
});

describe("rows and charges", () => {
  test("are of the same requests", () => {
    expect(verdictOn({ rows: [] })).toThrow("has its usage row");
    expect(verdictOn({ rows: [ROW, { ...ROW, requestId: "req_2" }] })).toThrow("costs what was charged");
  });

  test("are of the same amounts", () => {
    expect(verdictOn({ rows: [{ ...ROW, microUsd: 29 }] })).toThrow("costs what was charged");
  });
});

describe("an answer", () => {
  test.each([29, 31])("of cost %i is not charged 30 where its row tells of it", (cost) => {
    expect(verdictOn({}, { costs: new Map([["req_1", cost]]) })).toThrow("what it said");
  });

  test("may be charged less, never more, where the lease had to settle", () => {
    const rows = [{ ...ROW, isLost: true }];
    expect(verdictOn({ rows }, { costs: new Map([["req_1", 31]]) })).not.toThrow();
    expect(verdictOn({ rows }, { costs: new Map([["req_1", 29]]) })).toThrow("what it said");
  });

  test("may be charged nothing where its row is not known", () => {
    expect(verdictOn({}, { costs: new Map([["req_9", 5]]) })).not.toThrow();
  });
});
