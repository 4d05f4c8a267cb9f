// The identity provider's public keys, fetched when needed and remembered by the isolate. jose's own remote
// set shares a fetch between requests, which on Workers ends with the request that began it, and reads the
// global clock and an answer of any size.
import { RouterError } from "../domain/errors.ts";
import type { KeySet, Ports } from "../domain/ports.ts";
import { readLimited } from "../lib/read-limited.ts";
import { type Json, listOf, parseJson, recordOf } from "../lib/record.ts";

/** A key taken away by its provider is refused after this. */
const FRESH_MS = 10 * 60_000;
/** While the provider cannot be reached, its last keys are good for this long. */
const STALE_MS = 60 * 60_000;
/** Tokens that name unknown keys, and a provider that is down, cost it and us one fetch in this time. */
const COOLDOWN_MS = 30_000;
const FETCH_TIMEOUT_MS = 5_000;
/** Providers publish a handful of keys of some kilobytes. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** @throws RouterError overloaded when there are none and none can be read. */
export async function providerKeys(
  ports: Ports,
  url: string,
  kid: string | undefined,
): Promise<readonly Json[]> {
  const before = ports.keySets.get(url) ?? NEVER;
  const nowMs = ports.now();
  const keySet = isWanting(before, kid, nowMs) ? await tryAgain(ports, url, before) : before;
  if (keySet.fetchedAtMs !== null && nowMs - keySet.fetchedAtMs < STALE_MS) return keySet.keys;
  throw new RouterError("overloaded", "The identity provider does not answer: retry in a moment.", {
    retryAfterMs: COOLDOWN_MS,
  });
}

const NEVER: KeySet = { keys: [], fetchedAtMs: null, triedAtMs: Number.NEGATIVE_INFINITY };

function isWanting(keySet: KeySet, kid: string | undefined, nowMs: number): boolean {
  if (nowMs - keySet.triedAtMs < COOLDOWN_MS) return false;
  if (keySet.fetchedAtMs === null || nowMs - keySet.fetchedAtMs >= FRESH_MS) return true;
  // Keys are rotated: an unknown name may be that of a new one.
  return kid !== undefined && !keySet.keys.some((key) => key.kid === kid);
}

async function tryAgain(ports: Ports, url: string, before: KeySet): Promise<KeySet> {
  const keys = await fetchKeys(ports, url).catch(() => null);
  const nowMs = ports.now();
  const after =
    keys === null ? { ...before, triedAtMs: nowMs } : { keys, fetchedAtMs: nowMs, triedAtMs: nowMs };
  if (keys === null) ports.log({ event: "identity-provider-unreachable", level: "error" });
  ports.keySets.set(url, after);
  return after;
}

/** null for whatever is no set of keys. */
async function fetchKeys(ports: Ports, url: string): Promise<readonly Json[] | null> {
  const { status, body } = await ports.fetchPublic(url, {
    headers: { accept: "application/json" },
    redirect: "manual",
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  const read = await readLimited(body, { maxBytes: MAX_ANSWER_BYTES, timeoutMs: FETCH_TIMEOUT_MS });
  if (status !== 200 || read.kind !== "whole") return null;
  const { keys } = recordOf(parseJson(new TextDecoder().decode(read.bytes)));
  return Array.isArray(keys) ? listOf(keys).map(recordOf) : null;
}
