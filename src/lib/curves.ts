// Curves that turn a number into a share. Knows nothing of what is measured.

/** Probability, 0..1, of a logit. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** 0 up to `from`, 1 from `to` on, a straight line between. */
export function ramp(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

/** Logits become probabilities that add up to 1, in place. */
export function softmax(logits: Float64Array): void {
  let most = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < logits.length; c++) most = Math.max(most, logits[c] ?? 0);
  let sum = 0;
  for (let c = 0; c < logits.length; c++) {
    const power = Math.exp((logits[c] ?? 0) - most);
    logits[c] = power;
    sum += power;
  }
  for (let c = 0; c < logits.length; c++) logits[c] = (logits[c] ?? 0) / sum;
}
