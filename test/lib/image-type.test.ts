import { describe, expect, it } from "vitest";
import { imageTypeOf } from "../../src/lib/image-type.ts";

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe("imageTypeOf", () => {
  it.each([
    ["image/png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"],
    ["image/jpeg", "\xff\xd8\xff\xe0\0\x10JFIF"],
    ["image/gif", "GIF87a\x01\0\x01\0"],
    ["image/gif", "GIF89a\x01\0\x01\0"],
    ["image/webp", "RIFF\x24\0\0\0WEBPVP8 "],
  ])("knows %s by its first bytes", (type, head) => expect(imageTypeOf(bytesOf(head))).toBe(type));

  it.each([
    "",
    "\x89PN",
    "GIF88a",
    "RIFF\x24\0\0\0WAVEfmt ",
    "<svg xmlns=",
    "<html>",
    "%PDF-1.7",
    "\xff\xd8",
  ])("knows no image in %j", (head) => expect(imageTypeOf(bytesOf(head))).toBeNull());
});
