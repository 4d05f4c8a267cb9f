// The text of a whole answer. Bytes come first because pictures are no text.
import type { GoodAnswer } from "./kind.ts";

const UTF8 = new TextDecoder();

export function textOf({ bytes }: GoodAnswer): string {
  return UTF8.decode(bytes);
}
