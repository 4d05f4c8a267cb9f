// How often which whole number occurred, in buckets at most 1/32 wide: exact below 64, then 32 buckets for each
// doubling. Merging two loses nothing, which averages and stored quantiles cannot say. Knows no units.

/** Bucket → count; only buckets that occurred. */
export type Histogram = Map<number, number>;

/** Above 2³¹ shifts turn negative: in milliseconds that is 24 days. */
const MAX_VALUE = 2 ** 31 - 1;
const BUCKETS_PER_DOUBLING = 32;
const EXACT_BELOW = 64;

export function count(histogram: Histogram, value: number): void {
  addTo(histogram, bucketOf(value), 1);
}

export function merge(into: Histogram, from: Histogram): void {
  for (const [bucket, times] of from) addTo(into, bucket, times);
}

/** Nearest rank, told as the middle of its bucket; null when nothing was counted. 0 < share ≤ 1. */
export function quantile(histogram: Histogram, share: number): number | null {
  const total = [...histogram.values()].reduce((sum, times) => sum + times, 0);
  const rank = Math.max(1, Math.ceil(total * share));
  let passed = 0;
  for (const [bucket, times] of [...histogram].sort(([left], [right]) => left - right)) {
    passed += times;
    if (passed >= rank) return middleOf(bucket);
  }
  return null;
}

/** Eight bytes for each bucket that occurred. */
export function pack(histogram: Histogram): ArrayBuffer {
  return Uint32Array.from([...histogram].flat()).buffer;
}

export function unpackInto(histogram: Histogram, packed: ArrayBuffer): void {
  const pairs = new Uint32Array(packed);
  for (let at = 0; at + 1 < pairs.length; at += 2) addTo(histogram, pairs[at] ?? 0, pairs[at + 1] ?? 0);
}

function addTo(histogram: Histogram, bucket: number, times: number): void {
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + times);
}

/** The five bits behind the leading one, and how far it stands to the left. */
function bucketOf(value: number): number {
  const whole = Math.min(MAX_VALUE, Math.max(0, Math.round(value) || 0));
  const shift = Math.max(0, 26 - Math.clz32(whole));
  return shift * BUCKETS_PER_DOUBLING + (whole >>> shift);
}

function middleOf(bucket: number): number {
  if (bucket < EXACT_BELOW) return bucket;
  const shift = Math.floor(bucket / BUCKETS_PER_DOUBLING) - 1;
  const width = 2 ** shift;
  return (bucket - shift * BUCKETS_PER_DOUBLING) * width + Math.floor((width - 1) / 2);
}
