// Idempotency-Key on inference endpoints: the same key and body get the same answer, once paid. The record is the
// Account object's; the answer's text lives in an Answers object inside the region that was pinned.
import type { RequestId } from "./ids.ts";
import type { Jurisdiction } from "./key.ts";
import type { CacheDoor } from "./response-cache.ts";

/** What a request with a key says of itself. */
export interface IdempotencyClaim {
  /** Path and key together: the same key may serve two endpoints. */
  readonly place: string;
  /** SHA-256 of the body, base64url. */
  readonly bodyHash: string;
}

/** How the request ended: `failed` frees the key for another try. */
export type IdempotencyEnd =
  | { readonly place: string; readonly end: "stored"; readonly jurisdiction: Jurisdiction }
  | { readonly place: string; readonly end: "unstored" }
  | { readonly place: string; readonly end: "failed" };

/** Where the first answer is. */
export interface Replay {
  readonly requestId: RequestId;
  readonly jurisdiction: Jurisdiction;
}

/** Stripe's and the IETF draft's custom. */
export const IDEMPOTENCY_TTL_MS = 24 * 3_600_000;

/** A whole answer as it was sent. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The Answers object as others see it: one per account and jurisdiction. */
export interface AnswersDoor extends CacheDoor {
  put(id: string, answer: StoredAnswer, expiresAtMs: number): Promise<void>;
  get(id: string): Promise<StoredAnswer | null>;
  erase(): Promise<void>;
}
