// What the rounds came to, a line for each and a table for all. Figures only: nothing here decides anything.
import { percentile, seconds, type Table } from "../part.ts";
import type { Subject } from "./subject.ts";
import type { Witness } from "./witness.ts";

export interface Tally {
  readonly readyMs: number[];
  readonly restMs: number[];
  /** Of each account, by its id: the latest figures. */
  readonly accounts: Map<string, Figures>;
}

interface Figures {
  readonly answers: number;
  readonly deposits: number;
  readonly keys: number;
  readonly revoked: number;
  readonly rows: number;
  readonly charges: number;
  /** Answers whose cost went down with the process: nobody paid for them. */
  readonly unpaid: number;
  readonly ends: Witness["ends"];
}

export function newTally(): Tally {
  return { readyMs: [], restMs: [], accounts: new Map() };
}

export interface Round {
  readonly subject: Subject;
  readonly round: number;
  readonly afterMs: number;
  readonly readyMs: number;
  /** Until nothing pended; null where nobody waited for it. */
  readonly restMs: number | null;
}

/** The line to print. */
export function tallyRound(tally: Tally, { subject, round, afterMs, readyMs, restMs }: Round): string {
  const before = tally.accounts.get(subject.accountId) ?? figuresOf(null);
  const now = figuresOf(subject.witness);
  tally.accounts.set(subject.accountId, now);
  tally.readyMs.push(readyMs);
  if (restMs !== null) tally.restMs.push(restMs);
  const words = [
    `round ${String(round).padStart(3)}: killed after ${String(afterMs).padStart(4)} ms`,
    `ready ${seconds(readyMs)}`,
    `answers ${now.answers - before.answers}`,
    `deposits ${now.deposits - before.deposits}`,
    `keys +${now.keys - before.keys} −${now.revoked - before.revoked}`,
    `rows ${now.rows - before.rows}`,
    `unpaid ${now.unpaid - before.unpaid}`,
    ...(restMs === null ? [] : [`nothing pending after ${seconds(restMs)}`]),
  ];
  return words.join(", ");
}

const NO_FIGURES: Figures = {
  answers: 0,
  deposits: 0,
  keys: 0,
  revoked: 0,
  rows: 0,
  charges: 0,
  unpaid: 0,
  ends: new Map(),
};

function figuresOf(witness: Witness | null): Figures {
  if (witness === null) return NO_FIGURES;
  const { costs, rows, deposits, keys, transactions } = witness;
  const charges = [...transactions.values()].filter(({ requestId }) => requestId !== null);
  const charged = new Set(charges.map(({ requestId }) => requestId));
  return {
    answers: costs.size,
    deposits: [...deposits.values()].filter(({ transactionId }) => transactionId !== null).length,
    keys: keys.size,
    revoked: [...keys.values()].filter(({ state }) => state === "revoked").length,
    rows: rows.size,
    charges: charged.size,
    unpaid: [...costs].filter(([requestId, cost]) => cost > 0 && !charged.has(requestId)).length,
    ends: witness.ends,
  };
}

export function tallyTable({ readyMs, restMs, accounts }: Tally): Table {
  const figures = [...accounts.values()];
  const total = (name: Exclude<keyof Figures, "ends">) => figures.reduce((sum, one) => sum + one[name], 0);
  return [
    { what: "rounds", value: readyMs.length },
    { what: "accounts", value: accounts.size },
    { what: "acknowledged deposits", value: total("deposits") },
    { what: "keys made", value: total("keys") },
    { what: "keys revoked", value: total("revoked") },
    { what: "answers with a known cost", value: total("answers") },
    { what: "of these never charged", value: total("unpaid") },
    { what: "usage rows", value: total("rows") },
    { what: "charges", value: total("charges") },
    { what: "inference ended", value: endsOf(figures) },
    { what: "ready after SIGKILL, median", value: seconds(percentile(readyMs, 0.5)) },
    { what: "ready after SIGKILL, slowest", value: seconds(Math.max(...readyMs)) },
    { what: "nothing pending after the load, slowest", value: seconds(Math.max(...restMs)) },
  ];
}

function endsOf(figures: readonly Figures[]): string {
  const ends = new Map<string, number>();
  for (const [name, count] of figures.flatMap((one) => [...one.ends])) {
    ends.set(name, (ends.get(name) ?? 0) + count);
  }
  return [...ends].map(([name, count]) => `${name} ×${count}`).join(", ");
}
