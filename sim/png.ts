// A small valid PNG: a gradient between two colours. Pure but for zlib; knows nothing of requests.
import { crc32, deflateSync } from "node:zlib";
import type { Dice } from "./seeded.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export function paintPng(dice: Dice, size: Size): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size.width, 0);
  header.writeUInt32BE(size.height, 4);
  // 8 bits a channel, red, green and blue; the other fields have one legal value, zero.
  header.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(pixelsOf(dice, size));
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function pixelsOf(dice: Dice, { width, height }: Size): Buffer {
  const from = [dice.below(256), dice.below(256), dice.below(256)];
  const to = [dice.below(256), dice.below(256), dice.below(256)];
  const stride = 1 + 3 * width;
  const rows = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const share = (x + y) / (width + height);
      const colour = from.map((start, channel) => start + ((to[channel] ?? start) - start) * share);
      // Each row begins with its filter type, 0.
      rows.set(colour.map(Math.round), y * stride + 1 + 3 * x);
    }
  }
  return rows;
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "ascii"), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
