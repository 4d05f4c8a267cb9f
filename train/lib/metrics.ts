// How good a ranking or a probability is: RouteLLM's APGR and CPT, AUC, calibration error.
// Arrays in, one number out; ties are always shared, never broken by order.

/**
 * Average performance gap recovered (RouteLLM, Ong et al. 2024): the strong model answers the share of
 * prompts with the highest scores; the mean over all shares of the part of the gap that wins back.
 * 0.5 is chance. `gaps` are strong minus weak, per prompt.
 */
export function apgr(scores: ArrayLike<number>, gaps: ArrayLike<number>): number {
  const curve = recoveryCurve(scores, gaps);
  let area = 0;
  for (let i = 1; i < curve.length; i++) area += ((curve[i - 1] ?? 0) + (curve[i] ?? 0)) / 2;
  return area / (curve.length - 1);
}

/** Share of prompts for the strong model from which on at least `part` of the gap is recovered. */
export function callsForPart(scores: ArrayLike<number>, gaps: ArrayLike<number>, part: number): number {
  const curve = recoveryCurve(scores, gaps);
  const at = curve.findIndex((recovered) => recovered >= part);
  return at < 0 ? 1 : at / (curve.length - 1);
}

/** Part of the gap recovered after 0, 1, … n prompts by falling score. */
export function recoveryCurve(scores: ArrayLike<number>, gaps: ArrayLike<number>): Float64Array {
  const n = scores.length;
  const order = byFallingScore(scores);
  const curve = new Float64Array(n + 1);
  let sum = 0;
  for (let from = 0; from < n; ) {
    const to = endOfTie(scores, order, from);
    let tied = 0;
    for (let i = from; i < to; i++) tied += gaps[order[i] ?? 0] ?? 0;
    for (let i = from; i < to; i++) curve[i + 1] = sum + (tied * (i + 1 - from)) / (to - from);
    sum += tied;
    from = to;
  }
  const total = sum === 0 ? 1 : sum;
  return curve.map((value) => value / total);
}

/** Area under the ROC curve; `labels` may be fractions, each counted as so much of a hit. NaN: one class. */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const n = scores.length;
  const order = byFallingScore(scores);
  let hits = 0;
  let misses = 0;
  let area = 0;
  for (let from = 0; from < n; ) {
    const to = endOfTie(scores, order, from);
    let tiedHits = 0;
    for (let i = from; i < to; i++) tiedHits += labels[order[i] ?? 0] ?? 0;
    const tiedMisses = to - from - tiedHits;
    area += tiedMisses * (hits + tiedHits / 2);
    hits += tiedHits;
    misses += tiedMisses;
    from = to;
  }
  return area / (hits * misses);
}

/** Expected calibration error over `bins` equally wide bins of the probability. */
export function calibrationError(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  bins = 15,
): number {
  const counts = new Float64Array(bins);
  const differences = new Float64Array(bins);
  for (let i = 0; i < probabilities.length; i++) {
    const probability = probabilities[i] ?? 0;
    const bin = Math.min(bins - 1, Math.floor(probability * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
    differences[bin] = (differences[bin] ?? 0) + probability - (labels[i] ?? 0);
  }
  return differences.reduce((sum, difference) => sum + Math.abs(difference), 0) / probabilities.length;
}

function byFallingScore(scores: ArrayLike<number>): Uint32Array {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i);
  return order.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
}

function endOfTie(scores: ArrayLike<number>, order: Uint32Array, from: number): number {
  let to = from + 1;
  while (to < order.length && scores[order[to] ?? 0] === scores[order[from] ?? 0]) to++;
  return to;
}
