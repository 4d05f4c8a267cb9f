// What became of the streams, and how long their callers waited at the seam. Figures only.
import type { Answer } from "../../test/support/ask.ts";
import { percentile, type Table } from "../part.ts";

export interface Tally {
  killed: number;
  complete: number;
  /** Of the killed: before their first token. */
  beforeContent: number;
  /** Their fault came behind their end, or nobody met it. */
  spared: number;
  dueMicroUsd: number;
  /** From the end of one origin's answer to the next one's request. */
  readonly seamsMs: number[];
  /** The longest silence that the caller of a continued stream heard, and that of one without a fault. */
  readonly killedGapsMs: number[];
  readonly sparedGapsMs: number[];
  counts(): Readonly<Record<string, number>>;
}

export function newTally(): Tally {
  return {
    killed: 0,
    complete: 0,
    beforeContent: 0,
    spared: 0,
    dueMicroUsd: 0,
    seamsMs: [],
    killedGapsMs: [],
    sparedGapsMs: [],
    counts() {
      const { killed, complete, beforeContent, spared } = this;
      return { killed, complete, beforeContent, spared };
    },
  };
}

export function largestGapMs({ pieces }: Answer): number {
  let largest = 0;
  for (let at = 1; at < pieces.length; at++) {
    largest = Math.max(largest, (pieces[at]?.atMs ?? 0) - (pieces[at - 1]?.atMs ?? 0));
  }
  return largest;
}

export function tableOf(streams: string, tally: Tally): Table {
  const spread = (what: string, times: readonly number[]) => ({
    streams,
    what,
    count: times.length,
    "p50 ms": round(percentile(times, 0.5)),
    "p99 ms": round(percentile(times, 0.99)),
  });
  return [
    ...Object.entries(tally.counts()).map(([what, count]) => ({ streams, what, count })),
    { streams, what: "complete, %", count: round((tally.complete / tally.killed) * 100) },
    spread("from one origin's end to the next one's request", tally.seamsMs),
    spread("longest silence, continued", tally.killedGapsMs),
    spread("longest silence, no fault", tally.sparedGapsMs),
  ];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
