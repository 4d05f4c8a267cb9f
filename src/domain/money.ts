// Money is integer micro-dollars (1 USD = 1,000,000 µ) everywhere inside; decimal USD exists
// only at the wire. Numbers are exact to 2^53 µ (9 billion USD), asserted on every conversion.

/** Integer micro-dollars. */
export type MicroUsd = number;

const MICRO_PER_USD = 1_000_000;

/** @throws RangeError when the amount is not finite or beyond exact integers. */
export function fromUsd(usd: number): MicroUsd {
  // Rounding, not truncation: 0.1 + 0.2 style inputs must land on the micro-dollar meant.
  return exact(Math.round(usd * MICRO_PER_USD));
}

/** Decimal USD with at most 6 places, as every `*_usd` field of the wire. */
export function toUsd(micro: MicroUsd): number {
  return exact(micro) / MICRO_PER_USD;
}

export function exact(micro: number): MicroUsd {
  if (!Number.isSafeInteger(micro)) throw new RangeError("money beyond exact integers");
  return micro;
}
