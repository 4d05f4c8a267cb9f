import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SseOverflow, sseEvent, sseParser } from "../../src/lib/sse.ts";
import { STREAMS } from "../fixtures/stream-fixtures.ts";

const MAX = 1024 * 1024;
const encoder = new TextEncoder();

function eventsOf(chunks: readonly Uint8Array[], max = MAX): readonly string[] {
  const parser = sseParser(max);
  return [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()];
}

const read = (text: string) => eventsOf([encoder.encode(text)]);

function splitAt(bytes: Uint8Array, ...offsets: readonly number[]): readonly Uint8Array[] {
  const cuts = [0, ...[...offsets].sort((left, right) => left - right), bytes.length];
  return cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], end));
}

/** The specification, word by word, over the whole text at once. */
function specification(text: string): readonly string[] {
  const events: string[] = [];
  let fields: string[] = [];
  const whole = `${text}\n\n`.replace(/^\ufeff/, "").replaceAll(/\r\n|\r/g, "\n");
  for (const line of whole.split("\n").slice(0, -1)) {
    if (line === "") {
      if (fields.length > 0) events.push(fields.join("\n"));
      fields = [];
      continue;
    }
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") fields.push(value);
  }
  return events;
}

describe("the parser", () => {
  for (const [name, text] of Object.entries(STREAMS)) {
    it(`reads ${name} alike, wherever its bytes are split`, () => {
      const bytes = encoder.encode(text);
      const whole = eventsOf([bytes]);
      expect(whole).toEqual(specification(text));
      for (let at = 1; at < bytes.length; at++) expect(eventsOf(splitAt(bytes, at))).toEqual(whole);
    });

    it(`reads ${name} byte by byte, with every kind of line end and a BOM`, () => {
      for (const lineEnd of ["\n", "\r\n", "\r"]) {
        const bytes = encoder.encode(`\ufeff${text.replaceAll("\n", lineEnd)}`);
        expect(eventsOf(splitAt(bytes, ...bytes.keys()))).toEqual(specification(text));
      }
    });
  }

  it("agrees with the specification on any text, in any pieces", () => {
    const word = fc.constantFrom(
      ..."\n,\r,\r\n,\n\n,data,data:,data: ,data:  x,dat,a: x,:,: ping,event: e,id: 7,retry: 1,é,😀, ".split(
        ",",
      ),
    );
    const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(""));
    const cuts = fc.array(fc.nat(120), { maxLength: 6 });
    fc.assert(
      fc.property(text, cuts, (written, offsets) => {
        const bytes = encoder.encode(written);
        const inside = offsets.filter((at) => at <= bytes.length);
        expect(eventsOf(splitAt(bytes, ...inside))).toEqual(specification(written));
      }),
      { numRuns: 1_000 },
    );
  });

  it("joins the lines of one event", () => {
    expect(read('data: {\ndata:   "a": 1\ndata: }\n\n')).toEqual(['{\n  "a": 1\n}']);
  });

  it("joins them wherever a CRLF is split, with nothing between its halves but an empty chunk", () => {
    const bytes = encoder.encode("data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n");
    for (let at = 1; at < bytes.length; at++) {
      const [head, tail] = splitAt(bytes, at);
      if (head === undefined || tail === undefined) throw new Error("two halves");
      expect(eventsOf([head, tail])).toEqual(["a\nb", "c"]);
      expect(eventsOf([head, new Uint8Array(0), tail])).toEqual(["a\nb", "c"]);
    }
  });

  it("takes one space off, not two, and needs none", () => {
    expect(read("data:  two\n\ndata:none\n\n")).toEqual([" two", "none"]);
  });

  it("passes over comments, names, ids and unknown fields", () => {
    expect(read(": ping\n\nevent: x\nid: 1\nretry: 5\ndatum: no\n\ndata: yes\n\n")).toEqual(["yes"]);
  });

  it("keeps an empty event apart from none", () => {
    expect(read("data\n\n\n\ndata:\n\n")).toEqual(["", ""]);
  });

  it("gives several events of one chunk at once", () => {
    const parser = sseParser(MAX);
    expect(parser.push(encoder.encode("data: 1\n\ndata: 2\n\ndata: 3"))).toEqual(["1", "2"]);
    expect(parser.push(encoder.encode("3\n\n"))).toEqual(["33"]);
  });

  it("gives an event as soon as its blank line came, with CR alone too", () => {
    expect(sseParser(MAX).push(encoder.encode("data: 1\r\r"))).toEqual(["1"]);
    expect(sseParser(MAX).push(encoder.encode("data: 1\r\n\r\n"))).toEqual(["1"]);
  });

  it("gives what is left when the last blank line is missing", () => {
    expect(read("data: 1\n\ndata: 2\n")).toEqual(["1", "2"]);
    expect(read("data: 1\n\ndata: 2")).toEqual(["1", "2"]);
    expect(read("data: 2\r")).toEqual(["2"]);
  });

  it("puts a replacement for broken UTF-8 and reads on", () => {
    const bytes = Uint8Array.from([
      ...encoder.encode("data: "),
      0xff,
      0xc3,
      ...encoder.encode("\n\ndata: 2\n\n"),
    ]);
    expect(eventsOf([bytes])).toEqual(["\ufffd\ufffd", "2"]);
  });
});

describe("the bound", () => {
  const overflow = (chunks: readonly string[], max: number) =>
    expect(() =>
      eventsOf(
        chunks.map((chunk) => encoder.encode(chunk)),
        max,
      ),
    );

  it("lets an event of exactly its length pass", () => {
    expect(eventsOf([encoder.encode(`data:${"x".repeat(100)}\n\n`)], 100)).toEqual(["x".repeat(100)]);
    expect(eventsOf([encoder.encode("data:ab\ndata:cd\n\n")], 5)).toEqual(["ab\ncd"]);
  });

  it("refuses a longer one in one chunk", () => {
    overflow([`data:${"x".repeat(101)}\n\n`], 100).toThrow(SseOverflow);
  });

  it("refuses a longer one in many chunks before its end came", () => {
    overflow(["data:", ...Array<string>(200).fill("x")], 100).toThrow(SseOverflow);
  });

  it("refuses a longer one in many lines", () => {
    overflow(Array<string>(11).fill(`data:${"x".repeat(10)}\n`), 100).toThrow(SseOverflow);
  });

  it("holds for lines without any data, too", () => {
    overflow(Array<string>(200).fill("data\n"), 100).toThrow(SseOverflow);
  });

  it("holds for a comment without end", () => {
    overflow([":", ...Array<string>(20).fill("x".repeat(10))], 100).toThrow(SseOverflow);
  });

  it("does not add up events that ended", () => {
    expect(eventsOf(Array<Uint8Array>(50).fill(encoder.encode("data: 12345\n\n")), 20)).toHaveLength(50);
  });
});

describe("time", () => {
  function msOf(run: () => void): number {
    const startedAtMs = performance.now();
    run();
    return performance.now() - startedAtMs;
  }

  // Quadratic code takes from ten seconds to minutes for each of these; linear code takes some 50 ms.
  const MOST_MS = 2_000;

  for (const [name, lineEnd] of [
    ["LF", "\n"],
    ["CR", "\r"],
    ["CRLF", "\r\n"],
  ] as const) {
    it(`is linear in the lines of one chunk that ends them with ${name}`, () => {
      const bytes = encoder.encode(lineEnd.repeat(1_000_000));
      expect(msOf(() => eventsOf([bytes]))).toBeLessThan(MOST_MS);
    });
  }

  it("is linear in the pieces of one long line", () => {
    const piece = encoder.encode("data:xxxx");
    const pieces = Array<Uint8Array>(100_000).fill(piece);
    expect(msOf(() => eventsOf(pieces))).toBeLessThan(MOST_MS);
  });
});

describe("the writer", () => {
  it("writes what the parser reads, LF only and one space", () => {
    expect(new TextDecoder().decode(sseEvent('{"a":1}'))).toBe('data: {"a":1}\n\n');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const data = JSON.stringify(value);
        expect(eventsOf([sseEvent(data)])).toEqual([data]);
      }),
    );
  });
});
