// What the parts of a chaos run have in common: what they are told, how they speak, what they hand back, and
// how a promise that does not hold ends the run. It knows no promise itself.

/** One experiment. Rejects with a broken promise, or with whatever kept it from its work. */
export type Part = (ports: PartPorts, settings: Settings) => Promise<Table>;

export interface PartPorts {
  /** Aborted when another part failed or somebody ended the run: whatever was started must be ended. */
  readonly signal: AbortSignal;
  print(line: string): void;
}

export interface Settings {
  readonly form: "full" | "short";
  readonly seed: number;
  /** Of kill-rounds. */
  readonly rounds: number;
  /** Of summary-load. */
  readonly usageRows: number;
}

export type Table = readonly Readonly<Record<string, string | number>>[];

export type Facts = Readonly<Record<string, unknown>>;

/** To be thrown: the sentence that turned out false, and everything needed to look for the reason. */
export function brokenPromise(promise: string, facts: Facts): Error {
  return new Error(`broken promise: ${promise}`, { cause: facts });
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Nearest rank; NaN of nothing. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
