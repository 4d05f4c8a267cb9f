// Counts what a stream produced, inside the one hop. Pure: fed frame by frame. The origin's own counts win;
// without them every content frame is a token. Counts that cannot be true are clamped or replaced before they
// cost.
import type { Frame } from "../domain/frame.ts";
import { NO_USAGE, type Usage, type UsageReport } from "../domain/usage.ts";

/** Mutable, one per stream. */
export interface Meter {
  reported: UsageReport | null;
  contentFrames: number;
  finishedChoices: number;
}

/** What could have been used at most, and what is assumed where nothing was reported. */
export interface Bounds {
  /** Estimated from the request's size. */
  readonly inputTokens: number;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
  /** The GPU cannot have worked longer than the request ran. */
  readonly maxGpuMs: number;
}

export function meter(): Meter {
  return { reported: null, contentFrames: 0, finishedChoices: 0 };
}

export function observe(meter: Meter, frame: Frame): void {
  if (frame.usage !== null) meter.reported = frame.usage;
  if (frame.hasContent) meter.contentFrames++;
  meter.finishedChoices += frame.finishedChoices;
}

/** Nothing produced and nothing reported is nothing used. */
export function usageOf({ reported, contentFrames }: Meter, bounds: Bounds): Usage {
  if (reported === null && contentFrames === 0) return NO_USAGE;
  return usageFrom(reported, contentFrames, bounds);
}

/**
 * The origin's counts; ours, marked, for each that it did not give. Zero is no count either where there was
 * something to be counted: a prompt always is.
 */
export function usageFrom(report: UsageReport | null, ownOutputTokens: number, bounds: Bounds): Usage {
  const inputTokens = report?.inputTokens || bounds.inputTokens;
  const outputTokens = report?.outputTokens || ownOutputTokens;
  // Where no output can be, none was left out.
  const isOutputReported = report?.outputTokens === outputTokens || bounds.maxOutputTokens === 0;
  const used = {
    inputTokens,
    cachedInputTokens: report?.cachedInputTokens ?? 0,
    outputTokens,
    gpuMs: report?.gpuMs ?? 0,
    estimated: report?.inputTokens !== inputTokens || !isOutputReported,
  };
  return clamp(used, bounds);
}

/** An origin's claim never costs more than what could have been produced. */
export function clamp(usage: Usage, bounds: Bounds): Usage {
  const inputTokens = Math.min(usage.inputTokens, bounds.maxInputTokens);
  const outputTokens = Math.min(usage.outputTokens, bounds.maxOutputTokens);
  const gpuMs = Math.min(usage.gpuMs, bounds.maxGpuMs);
  const isTrue =
    inputTokens === usage.inputTokens && outputTokens === usage.outputTokens && gpuMs === usage.gpuMs;
  return {
    ...usage,
    inputTokens,
    outputTokens,
    gpuMs,
    cachedInputTokens: Math.min(usage.cachedInputTokens, inputTokens),
    estimated: usage.estimated || !isTrue,
  };
}
