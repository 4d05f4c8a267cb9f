// What a request's Idempotency-Key claims: the place it stands for, and the body it came with.
import { invalid } from "../domain/errors.ts";
import type { IdempotencyClaim } from "../domain/idempotency.ts";
import { base64url } from "../lib/base64.ts";

/** Printable ASCII, as the IETF draft's structured string and Stripe's header allow. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * null without the header. The body is hashed as it was understood, so that white space makes no other request.
 * @throws RouterError invalid_value
 */
export async function idempotencyClaim(
  headers: Headers,
  path: string,
  body: unknown,
): Promise<IdempotencyClaim | null> {
  const key = headers.get("idempotency-key");
  if (key === null) return null;
  if (!KEY.test(key)) {
    throw invalid("idempotency-key", "Invalid 'idempotency-key': send 1 to 255 visible ASCII characters.");
  }
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { place: `${path} ${key}`, bodyHash: base64url(hash) };
}
