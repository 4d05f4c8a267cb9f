// Weighted rendezvous hashing: every key orders the nodes in its own way, and a node that comes or
// goes moves only the keys that were its own. Not for secrets: the hash is fast, not strong.

/** Keys are ids; a longer one is cut so that hashing stays bounded. */
const MAX_KEY_CHARS = 512;

/** The node with the highest weight owns the key; shares follow `weight`. */
export function rendezvousWeight(key: string, node: string, weight: number): number {
  // Both ends open: 0 would make the logarithm infinite, 1 would make it nothing.
  const uniform = (hash(`${key.slice(0, MAX_KEY_CHARS)}\n${node}`) + 0.5) / 2 ** 32;
  return Math.max(0.01, weight) / -Math.log(uniform);
}

/** FNV-1a over code units with murmur3's finaliser, which spreads the last characters. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
