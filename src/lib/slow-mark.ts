// A running guess of a high quantile: one number a series, moved a little by every sample (stochastic
// approximation, Robbins and Monro 1951). Rough, and as cheap as a count.

export interface SlowMark {
  readonly ms: number;
  readonly samples: number;
}

const QUANTILE = 0.95;
/** A sample moves the mark by at most a tenth of itself: some forty of them find a level that has changed. */
const STEP = 0.1;

/** About a twentieth of the samples of a steady series are above the mark. `before`: null for the first. */
export function marked(before: SlowMark | null, sampleMs: number): SlowMark {
  if (before === null) return { ms: sampleMs, samples: 1 };
  const step = Math.max(1, before.ms * STEP);
  const isAbove = sampleMs > before.ms;
  // Above by little is reached by little: the mark must not jump over what it looks for.
  const up = Math.min(step * QUANTILE, sampleMs - before.ms);
  const ms = isAbove ? before.ms + up : Math.max(0, before.ms - step * (1 - QUANTILE));
  return { ms, samples: before.samples + 1 };
}
