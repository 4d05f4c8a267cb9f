// A picture in a whole answer: its bytes, or base64 in JSON, alone or under a name. What it is, its first bytes
// say; a declared type proves nothing.
import type { Picture } from "../../domain/task.ts";
import { base64 } from "../../lib/base64.ts";
import { imageTypeOf } from "../../lib/image-type.ts";
import { listOf, parseJson, recordOf } from "../../lib/record.ts";
import type { GoodAnswer } from "./kind.ts";
import { textOf } from "./text-of.ts";

/** null where there is none; more than one: the first. */
export function pictureIn(answer: GoodAnswer): readonly Picture[] | null {
  const type = imageTypeOf(answer.bytes);
  if (type !== null) return [{ base64: base64(answer.bytes), type }];
  const value = parseJson(textOf(answer));
  const { image, images } = recordOf(value);
  const written = [value, image, listOf(images)[0]].find((one) => typeof one === "string");
  const found = typeof written === "string" ? fromBase64(written) : null;
  return found === null ? null : [found];
}

function fromBase64(text: string): Picture | null {
  const data = text.replace(/^data:[^,]{0,100};base64,/, "");
  const head = headOf(data);
  const type = head === null ? null : imageTypeOf(head);
  return type === null ? null : { base64: data, type };
}

/** Characters of base64 whose bytes tell what a picture is; a multiple of four. */
const HEAD_CHARACTERS = 32;

function headOf(data: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data)) return null;
  const head = data.slice(0, HEAD_CHARACTERS);
  if (head.length % 4 !== 0) return null;
  return Uint8Array.from(atob(head), (letter) => letter.charCodeAt(0));
}
