// Every fault of the list that an origin or a caller can commit, through the running router, streamed and whole, and
// behind each one what must hold after all of them. It keeps the order; faults and what must come of them stand in the
// tables of its folder.

import { CALLER_FAULTS } from "./faults/caller-faults.ts";
import type { Case } from "./faults/case.ts";
import { FLAPPING } from "./faults/flapping.ts";
import { casesOf } from "./faults/origin-fault.ts";
import { ORIGIN_FAULTS } from "./faults/origin-faults.ts";
import { runCase, type Verdict } from "./faults/run-case.ts";
import { SERVER_HABITS } from "./faults/server-habits.ts";
import { openStage } from "./faults/stage.ts";
import { brokenPromise, type PartPorts, type Settings, seconds, type Table } from "./part.ts";

/** Data; nothing begins before it is asked for. */
export const ALL_CASES: readonly Case[] = [
  ...[...ORIGIN_FAULTS, ...SERVER_HABITS].flatMap(casesOf),
  ...FLAPPING,
  ...CALLER_FAULTS,
];

export async function faults(ports: PartPorts, { form, seed }: Settings): Promise<Table> {
  const cases = ALL_CASES.filter(({ isShort }) => form === "full" || isShort);
  const stage = await openStage(cases, seed);
  try {
    const verdicts = await Promise.all(
      stage.lanes.map(async (lane) => {
        const done: Verdict[] = [];
        for (const placed of lane.cases) {
          ports.signal.throwIfAborted();
          const verdict = await runCase({ stage, lane, seed }, placed);
          if (verdict.broken !== null) ports.print(sentenceOf(verdict));
          done.push(verdict);
        }
        return done;
      }),
    );
    const all = verdicts.flat();
    const broken = all.filter((verdict) => verdict.broken !== null);
    if (broken.length > 0) {
      throw brokenPromise("every fault leaves everything as it must be", {
        broken: broken.map(sentenceOf),
        cases: all.length,
      });
    }
    return tableOf(cases, all);
  } finally {
    await stage.close();
  }
}

function sentenceOf({ fault, what, mode, broken }: Verdict): string {
  return `${fault} ${what}, ${mode}: ${broken}`;
}

/** In the order of the tables, whichever lane they ran in. */
function tableOf(cases: readonly Case[], verdicts: readonly Verdict[]): Table {
  return cases.flatMap((row) => {
    const verdict = verdicts.find(
      ({ fault, what, mode }) => fault === row.fault && what === row.what && mode === row.mode,
    );
    if (verdict === undefined) return [];
    const { fault, what, mode, expected, requests, slowestCloseMs, tookMs } = verdict;
    return [
      { fault, what, mode, expected, requests, "slowest close, ms": slowestCloseMs, took: seconds(tookMs) },
    ];
  });
}
