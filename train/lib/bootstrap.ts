// How far chance alone would move a figure: percentile intervals over resampled rows. Seeded.
import { createRandom } from "./random.ts";

export interface Interval {
  readonly value: number;
  /** 2.5th and 97.5th percentile. */
  readonly low: number;
  readonly high: number;
}

const SEED = 20_240_607;

/** `figure` is computed on `rounds` draws of `n` rows with replacement; it must bear repeated rows. */
export function bootstrap(n: number, figure: (rows: Uint32Array) => number, rounds = 400): Interval {
  const random = createRandom(SEED);
  const value = figure(Uint32Array.from({ length: n }, (_, i) => i));
  const draws = new Float64Array(rounds);
  const rows = new Uint32Array(n);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < n; i++) rows[i] = random.below(n);
    draws[round] = figure(rows);
  }
  draws.sort();
  const at = (share: number) => draws[Math.min(rounds - 1, Math.floor(share * rounds))] ?? value;
  return { value, low: at(0.025), high: at(0.975) };
}

/** `of`, taken at `rows`. */
export function pick(of: ArrayLike<number>, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => of[row] ?? 0);
}
