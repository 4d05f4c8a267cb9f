// An answer that may be given again to whoever of the same account asks exactly the same: what is kept of it, for
// how long, and how the Answers object is asked for it. Which requests may, and under which name, is decided in
// src/answer/.
import type { Usage } from "./usage.ts";

/** Who wrote the answer, and the origin's own words of it, without anything of ours. */
export interface CachedAnswer {
  readonly model: string;
  readonly origin: string;
  /** The origin's own name for the model: another one then is another model now. */
  readonly servedAs: string;
  /** Seconds since the epoch, as the origin's frames are dated; of a whole answer, when it was kept. */
  readonly createdS: number;
  /** What the first request used, for callers who asked for counts where the origin sent none. */
  readonly usage: Usage;
  /** The text holds the origin's own counts. */
  readonly isUsageReported: boolean;
  /** A whole answer, or the events of a stream as src/lib/packed-texts.ts packs them. */
  readonly text: string;
}

/** As long as every other text of an Answers object: no model's weights should change under one name faster. */
export const CACHE_TTL_MS = 24 * 3_600_000;

/**
 * Characters of one answer: a row of the object's storage holds 2 MB, and a stream's events are gathered in the
 * isolate until it is over. Packed, some ten thousand tokens.
 */
export const MAX_CACHED_LENGTH = 256 * 1024;

/** The part of the Answers object that is a cache. `place` is the name of a request, a hash. */
export interface CacheDoor {
  recall(place: string): Promise<CachedAnswer | null>;
  remember(place: string, answer: CachedAnswer, expiresAtMs: number): Promise<void>;
}
