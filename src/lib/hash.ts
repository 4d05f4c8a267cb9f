// Fast hashes of text for spreading and recognising. Not for secrets: whoever wants a collision finds one.

/** FNV-1a over code units with murmur3's finaliser, which spreads the last characters. 0 ≤ hash < 2³². */
export function hash32(text: string, seed = 0x811c9dc5): number {
  let state = seed;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

/** Any other start makes a second hash that knows nothing of the first. */
const SECOND_SEED = 0x9747b28c;

/** 64 bits in hexadecimal: among a million texts two alike are a one in ten million chance. */
export function hash64(text: string): string {
  const halves = [hash32(text), hash32(text, SECOND_SEED)];
  return halves.map((half) => half.toString(16).padStart(8, "0")).join("");
}
