// Dice that fall the same way every time: training must give the same bytes for the same input.

export interface Random {
  /** 0 <= x < 1. */
  readonly next: () => number;
  /** A whole number, 0 <= x < bound. */
  readonly below: (bound: number) => number;
  /** Shuffles in place, as Fisher and Yates did. */
  readonly shuffle: (order: Uint32Array) => void;
}

/** Mulberry32: 32 bits of state, plenty for shuffling; not for secrets. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return { next, below, shuffle: (order) => shuffle(order, below) };
}

function shuffle(order: Uint32Array, below: (bound: number) => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = below(i + 1);
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
}
