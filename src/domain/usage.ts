// What a request used and how its attempts went: counts only, never text.

export interface Usage {
  /** Includes the cached ones. */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly gpuMs: number;
  /** True where counts or GPU time are ours rather than the origin's. */
  readonly estimated: boolean;
}

/** What an origin says was used, not yet believed; null where it gave nothing that could be a count. */
export interface UsageReport {
  readonly inputTokens: number | null;
  readonly cachedInputTokens: number;
  readonly outputTokens: number | null;
  readonly gpuMs: number;
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  gpuMs: 0,
  estimated: false,
};

export interface Attempt {
  readonly model: string;
  readonly origin: string;
  readonly region: string;
  /** The origin's HTTP status; null when it never answered. */
  readonly status: number | null;
  /** An error code of domain/errors.ts; null when the attempt succeeded. */
  readonly error: string | null;
  readonly ms: number;
  readonly ttftMs: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export type Outcome = "ok" | "error" | "cancelled";
