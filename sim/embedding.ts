// Deterministic unit vectors: each word adds its own fixed direction, so texts that share words
// are near each other, and the same text has the same vector in every region.
import { hashText, seededDice } from "./seeded.ts";
import { splitTokens } from "./tokens.ts";

/** Length of the vectors of every simulated model, as of the small BGE and E5 models. */
export const DIMENSIONS = 384;

/** Fewer dimensions are the first ones, brought back to length 1, as Matryoshka models do. */
export function embed(identity: string, text: string, dimensions: number): readonly number[] {
  const sum = new Float64Array(DIMENSIONS);
  // A constant direction first: otherwise a text without words would have no direction at all.
  for (const word of ["", ...splitTokens(text.toLowerCase()).map((token) => token.trim())]) {
    const dice = seededDice(hashText(`${identity}|${word}`));
    for (let index = 0; index < DIMENSIONS; index += 1) sum[index] = (sum[index] ?? 0) + dice.next() - 0.5;
  }
  const kept = [...sum.subarray(0, dimensions)];
  const length = Math.hypot(...kept);
  return kept.map((part) => Math.fround(part / length));
}
