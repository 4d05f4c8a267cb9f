// Base62 (0-9A-Za-z) text of fixed width: ids and keys that a double-click selects whole.

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Bytes read as one big-endian integer, left-padded to `width`; throws when it does not fit. */
export function base62(bytes: Uint8Array, width: number): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = "";
  for (let i = 0; i < width; i++) {
    text = ALPHABET[Number(value % 62n)] + text;
    value /= 62n;
  }
  if (value > 0n) throw new RangeError("value wider than the field");
  return text;
}

/** 4 random bytes per character keep the bias of `% 62` below 2⁻²⁶. */
const BYTES_PER_CHARACTER = 4;

/** `length` random characters; `randomBytes` must be cryptographically strong. */
export function randomBase62(length: number, randomBytes: (length: number) => Uint8Array): string {
  const bytes = randomBytes(length * BYTES_PER_CHARACTER);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let i = 0; i < length; i++) text += ALPHABET[view.getUint32(i * BYTES_PER_CHARACTER) % 62];
  return text;
}

export function isBase62(text: string): boolean {
  return /^[0-9A-Za-z]*$/.test(text);
}
