// The clock of a pretended GPU: how long prefill, decode and loading take. Arithmetic only; who
// waits, and for what, is engine.ts's and pace.ts's business.

export interface Timing {
  /** 1: real time. 0: as fast as the reader reads, without any timer. */
  readonly scale: number;
  /** Prefill of a model of 1 B parameters; larger ones are slower in proportion (compute-bound). */
  readonly prefillTokensPerS: number;
  /** Decode of one token = base + perB × parameters in billions (kernel launches + memory traffic). */
  readonly decodeBaseMs: number;
  readonly decodeMsPerB: number;
  /** Each further request in the batch slows all of them by this share. */
  readonly batchSlowdown: number;
  /** Requests a model decodes at once; the others wait in its queue. */
  readonly slots: number;
  /** Requests a model lets wait; one more is refused with 503. */
  readonly queueLimit: number;
  /** Loading of a model at its first request, answered 503 meanwhile; 0: always warm. */
  readonly coldStartMs: number;
}

/** One 80 GB card per model: 7 B prefills 9,000 tokens/s and decodes 130 tokens/s for a lone reader. */
export const DEFAULT_TIMING: Timing = {
  scale: 1,
  prefillTokensPerS: 64_000,
  decodeBaseMs: 4,
  decodeMsPerB: 0.5,
  batchSlowdown: 0.02,
  slots: 64,
  queueLimit: 1_024,
  coldStartMs: 0,
};

/** The same GPU without the waiting; counts and GPU time stay as they are. */
export const INSTANT_TIMING: Timing = { ...DEFAULT_TIMING, scale: 0 };

/** Tokens to read at once and steps to decode one after another. */
export interface Work {
  readonly promptTokens: number;
  readonly steps: number;
}

/** Larger models are split over cards or mix experts: per card and token they weigh no more than this. */
const MOST_ACTIVE_B = 40;

export function prefillMs(timing: Timing, parametersB: number, tokens: number): number {
  return (tokens * activeB(parametersB) * 1000) / timing.prefillTokensPerS;
}

export function decodeMs(timing: Timing, parametersB: number, batch: number): number {
  const alone = timing.decodeBaseMs + timing.decodeMsPerB * activeB(parametersB);
  return alone * (1 + timing.batchSlowdown * Math.max(0, batch - 1));
}

function activeB(parametersB: number): number {
  return Math.min(parametersB, MOST_ACTIVE_B);
}

/** GPU time one request is answerable for: as if alone, so that neighbours do not change a bill. */
export function gpuMs(timing: Timing, parametersB: number, work: Work): number {
  const decoded = work.steps * decodeMs(timing, parametersB, 1);
  return Math.max(1, Math.round(prefillMs(timing, parametersB, work.promptTokens) + decoded));
}
