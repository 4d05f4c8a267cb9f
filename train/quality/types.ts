// What train/run.ts hands to the training of quality and gets back: rows of outcomes in, named
// sections and small facts out. Knows no file names and no command line.
import type { Container } from "../../src/routing/weights/container.ts";
import type { SectionToWrite } from "../lib/write-container.ts";

/** One prompt of `outcomes.train`: how well each model answered it. */
export interface OutcomeRow {
  readonly id: string;
  readonly benchmark: string;
  readonly domain: string | null;
  readonly prompt: string;
  /** 0..1 by model name as the pack spells it. */
  readonly scores: Readonly<Record<string, number>>;
  /** What the answer cost, by model; absent where the pack does not say. */
  readonly costUsd: Readonly<Record<string, number>> | null;
}

export interface QualityInputs {
  readonly outcomes: readonly OutcomeRow[];
  /** Prompts without outcomes: what the kinds of the benchmarks must be told from. */
  readonly texts: readonly string[];
}

/** What fitQuality and fitOutcomes add to the weights file: "quality." sections and one fact, "quality". */
export interface QualityPart {
  readonly sections: readonly SectionToWrite[];
  /** JSON, kept in the container's meta under "quality". */
  readonly meta: Readonly<Record<string, unknown>>;
  /** Lines for the model card and the terminal. */
  readonly notes: readonly string[];
}

/** A line of `--outcomes`: unknown until read; see train/quality/read-outcomes.ts. */
export interface OutcomesInputs {
  /** Parsed JSON lines, unchecked. */
  readonly lines: readonly unknown[];
  /** The weights to start from. */
  readonly base: Container;
}
