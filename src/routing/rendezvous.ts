// Weighted rendezvous hashing: every key orders the nodes in its own way, and a node that comes or
// goes moves only the keys that were its own.
import { hash32 } from "../lib/hash.ts";

/** Keys are ids; a longer one is cut so that hashing stays bounded. */
const MAX_KEY_CHARS = 512;

/** The node with the highest weight owns the key; shares follow `weight`. */
export function rendezvousWeight(key: string, node: string, weight: number): number {
  // Both ends open: 0 would make the logarithm infinite, 1 would make it nothing.
  const uniform = (hash32(`${key.slice(0, MAX_KEY_CHARS)}\n${node}`) + 0.5) / 2 ** 32;
  return Math.max(0.01, weight) / -Math.log(uniform);
}
