import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALIGNMENT, readContainer } from "../../../src/routing/weights/container.ts";
import { writeContainer } from "../../../train/lib/write-container.ts";

describe("container", () => {
  it("gives back what was written, whatever its lengths", () => {
    const sections = fc.record({
      bytes: fc.int8Array({ maxLength: 33 }),
      floats: fc.float32Array({ maxLength: 9, noNaN: true }),
      words: fc.uint16Array({ maxLength: 7 }),
    });
    fc.assert(
      fc.property(sections, ({ bytes, floats, words }) => {
        const file = writeContainer({
          sections: [
            { name: "a.bytes", dtype: "int8", shape: [bytes.length], data: bytes, scale: 0.5 },
            { name: "a.floats", dtype: "float32", shape: [floats.length], data: floats },
            { name: "b.words", dtype: "uint16", shape: [words.length], data: words },
          ],
          meta: { "a.names": ["x", "é"] },
        });
        const read = readContainer(file.buffer);
        expect(read.section("a.bytes", "int8")).toEqual({ data: bytes, shape: [bytes.length], scale: 0.5 });
        expect(read.section("a.floats", "float32").data).toEqual(floats);
        expect(read.section("b.words", "uint16").data).toEqual(words);
        expect(read.meta("a.names")).toEqual(["x", "é"]);
      }),
    );
  });

  it("views the file's own bytes, each section aligned to the widest number", () => {
    const data = Float64Array.of(1, 2, 3);
    const odd = Int8Array.of(1);
    const file = writeContainer({
      sections: [
        { name: "odd", dtype: "int8", shape: [1], data: odd },
        { name: "wide", dtype: "float64", shape: [3], data },
      ],
      meta: {},
    });
    const { data: view } = readContainer(file.buffer).section("wide", "float64");
    expect(view.buffer).toBe(file.buffer);
    expect(view.byteOffset % ALIGNMENT).toBe(0);
  });

  it("refuses foreign bytes, missing sections and other types", () => {
    expect(() => readContainer(new ArrayBuffer(4))).toThrow("not a weights file");
    expect(() => readContainer(new ArrayBuffer(64))).toThrow("not a weights file");
    const file = writeContainer({
      sections: [{ name: "a", dtype: "int8", shape: [1], data: Int8Array.of(1) }],
      meta: {},
    });
    const read = readContainer(file.buffer);
    expect(() => read.section("b", "int8")).toThrow("no section 'b'");
    expect(() => read.section("toString", "int8")).toThrow("no section 'toString'");
    expect(() => read.section("a", "uint8")).toThrow("holds int8, not uint8");
  });

  it("is not written from numbers that fit neither their shape nor their type", () => {
    const write = (shape: readonly number[], data: Int8Array | Uint8Array) => () =>
      writeContainer({ sections: [{ name: "a", dtype: "int8", shape, data }], meta: {} });
    expect(write([2], Int8Array.of(1))).toThrow("1 elements");
    expect(write([1], Uint8Array.of(1))).toThrow("not int8");
  });
});
