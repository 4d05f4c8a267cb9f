// Keys that are almost right: a real one with some characters changed, its checksum made to fit again or not.
import { base62 } from "../../src/lib/base62.ts";
import { crc32 } from "../../src/lib/crc32.ts";

/** Where the fields of a key begin; their widths stand in src/auth/api-key.ts. */
const ACCOUNT_AT = 6;
const SECRET_AT = 25;
const CHECKSUM_LENGTH = 6;

export interface ForgedKeys {
  readonly wrongChecksum: string;
  /** Another account's name: the checksum fits, the route tag does not. */
  readonly wrongTag: string;
  /** Well-formed in every part, and nobody's. */
  readonly wrongSecret: string;
}

export function forgedKeys(key: string): ForgedKeys {
  return {
    wrongChecksum: key.slice(0, -1) + other(key.at(-1)),
    wrongTag: withChecksum(changed(key, ACCOUNT_AT)),
    wrongSecret: withChecksum(changed(key, SECRET_AT + 1)),
  };
}

function changed(key: string, at: number): string {
  return key.slice(0, at) + other(key[at]) + key.slice(at + 1);
}

function other(character: string | undefined): string {
  return character === "7" ? "8" : "7";
}

function withChecksum(key: string): string {
  const text = key.slice(0, -CHECKSUM_LENGTH);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, crc32(text));
  return text + base62(bytes, CHECKSUM_LENGTH);
}
