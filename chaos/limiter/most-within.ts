// The most admissions that any sliding window surely holds, when each is known only to lie between two instants.
// Pure. It never counts one that may lie outside, so what it finds too many are too many.

/** Both in milliseconds; admitted at some instant between them, both included. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A window begins with an instant and ends before the one `windowMs` later. */
export function mostWithin(spans: readonly Span[], windowMs: number): number {
  // It is enough to try the windows that begin with a span: any other holds no more than the next of these.
  return spans.reduce((most, { fromMs }) => Math.max(most, countIn(spans, fromMs, fromMs + windowMs)), 0);
}

function countIn(spans: readonly Span[], startMs: number, endMs: number): number {
  return spans.filter((span) => span.fromMs >= startMs && span.toMs < endMs).length;
}
