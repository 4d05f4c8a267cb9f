// One event of an origin's answer, read once: its text as it came, and the few facts that metering,
// the commit rule and the one-terminal rule need.
import type { ErrorCode } from "./errors.ts";
import type { UsageReport } from "./usage.ts";

/**
 * `content`: anything for the caller. `usage`: counts alone, dropped unless asked for.
 * `done`: the wire's own terminal. `failed`: an error event or garbage; ends the attempt.
 */
export type FrameKind = "content" | "usage" | "done" | "failed";

export interface Frame {
  readonly kind: FrameKind;
  /** The event's data on one line; empty for `done`. */
  readonly text: string;
  readonly usage: UsageReport | null;
  /** Seconds since the epoch, as the origin dates its answer; null where it does not. */
  readonly createdS: number | null;
  /** Counted as one output token each when the origin reports no usage. */
  readonly hasContent: boolean;
  /** null where the content is more than words of one choice, and where there is none. */
  readonly said: Said | null;
  /** Choices that ended with this frame. */
  readonly finishedChoices: number;
  readonly failure: Failure | null;
}

/** Plain words of an only choice: what another origin can be told to go on from. */
export interface Said {
  readonly text: string;
  /** Thought aloud before the text; empty for models that do not. */
  readonly reasoning: string;
}

/** How an attempt failed, in our words: an origin's own text never goes further than its kind. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** Whether another target may succeed where this one failed. */
  readonly isRetryable: boolean;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  readonly param?: string;
}
