// What a row of the fault tables is: a fault, how its model is asked, what must come of it. The tables read like the
// list they come from; run-case.ts turns a row into requests.
import type { Scene } from "./scene.ts";

export type Mode = "streamed" | "whole";

export interface Timeouts {
  readonly ttft_ms: number;
  readonly idle_ms: number;
  readonly total_ms: number;
}

export interface Case {
  /** Of the list of faults; several rows may show one. */
  readonly fault: string;
  readonly what: string;
  readonly mode: Mode;
  /** What must come of it, for readers of the table. */
  readonly expected: string;
  /** Part of the short form. */
  readonly isShort: boolean;
  /** About; long ones begin first. */
  readonly seconds: number;
  readonly timeouts: Timeouts;
  /** Who has the fault; a spare one serves the model as well. */
  readonly origin: "simulated" | "hostile";
  /** Makes the fault happen and checks what is special about it; what holds for all is checked behind it. */
  readonly run: (scene: Scene) => Promise<void>;
}

/** Soon enough for a run, late enough for a busy machine. */
export const HASTY: Timeouts = { ttft_ms: 900, idle_ms: 900, total_ms: 10_000 };

/** To be thrown by a row. */
export function must(isTrue: boolean, sentence: string): void {
  if (!isTrue) throw new Error(sentence);
}
