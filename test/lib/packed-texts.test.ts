import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textPacker, unpackTexts } from "../../src/lib/packed-texts.ts";

function packed(texts: readonly string[]) {
  const packer = textPacker();
  for (const text of texts) packer.add(text);
  return packer;
}

/** Texts alike enough to share ends, any characters among them, halves of pairs included. */
const alike = fc.array(
  fc
    .tuple(
      fc.constantFrom("", '{"id":"x","', "aaaa"),
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom("", '"}]}', "aaaa", "\ud83d"),
    )
    .map((parts) => parts.join("")),
  { maxLength: 30 },
);

describe("packed texts", () => {
  it("come back as they were, in their order, whatever they are", () => {
    fc.assert(
      fc.property(alike, (texts) => {
        expect([...unpackTexts(packed(texts).packed())]).toEqual(texts);
      }),
    );
  });

  it("are as long as is said, at every step", () => {
    fc.assert(
      fc.property(alike, (texts) => {
        const packer = textPacker();
        expect(packer.length()).toBe(packer.packed().length);
        for (const text of texts) {
          packer.add(text);
          expect(packer.length()).toBe(packer.packed().length);
        }
      }),
    );
  });

  it.each([
    ["a pair cut in two", ["a\ud83d\ude00", "a\ud83d\ude01"]],
    ["a text within the one before", ["aaaaaa", "aaa", "aaaaaaaa"]],
    ["the same again", ["same", "same"]],
    ["nothing", ["", "", "x", ""]],
  ])("hold %s", (_, texts) => {
    expect([...unpackTexts(packed(texts).packed())]).toEqual(texts);
  });

  it("of a stream of tokens take a tenth of the room", () => {
    const events = Array.from({ length: 1_000 }, (_, at) =>
      JSON.stringify({
        id: "chatcmpl-0123456789abcdef0123456789abcdef",
        object: "chat.completion.chunk",
        created: 1_712_345_678,
        model: "qwen3-14b",
        choices: [{ index: 0, delta: { content: ` word${at % 97}` }, logprobs: null, finish_reason: null }],
      }),
    );
    const whole = events.reduce((sum, event) => sum + event.length, 0);
    expect(packed(events).length()).toBeLessThan(whole / 10);
  });

  it("are unpacked one at a time", () => {
    const [first] = unpackTexts(packed(["one", "two"]).packed());
    expect(first).toBe("one");
  });

  it("that no packer wrote are refused before the first is given", () => {
    expect(() => unpackTexts("half of [")).toThrow(SyntaxError);
  });
});
