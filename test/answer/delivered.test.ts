import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Delivered, delivered, keep, prefillOf } from "../../src/answer/delivered.ts";
import type { Frame, Said } from "../../src/domain/frame.ts";

const frame = (said: Said | null, hasContent = true): Frame => ({
  kind: "content",
  text: "{}",
  usage: null,
  createdS: null,
  hasContent,
  said,
  finishedChoices: 0,
  failure: null,
});
const text = (words: string) => frame({ text: words, reasoning: "" });
const thought = (words: string) => frame({ text: "", reasoning: words });

function kept(...frames: readonly Frame[]): Delivered {
  const record = delivered(() => true);
  for (const each of frames) keep(record, each);
  return record;
}

const NOTHING = { settled: [], recent: [], pieces: 0 };

describe("what was delivered", () => {
  it("is nothing before the first words, though the role has gone out", () => {
    expect(kept(frame(null, false))).toMatchObject({ state: "nothing", frames: 1 });
  });

  it("is text, and a thought before it", () => {
    const record = kept(thought("h"), thought("m"), text("So"), frame(null, false), text(" it"));
    expect(record.state).toBe("text");
    expect(prefillOf(record)).toEqual({ text: "So it", reasoning: "hm", tail: "", tokens: 4 });
    expect(kept(thought("h")).state).toBe("reasoning");
    expect(kept(frame({ text: "So", reasoning: "m" })).state).toBe("text");
  });

  it.each([
    ["what is more than words", [text("a"), frame(null)]],
    ["a thought behind a word", [text("a"), thought("b")]],
    ["more than is kept", [text("a".repeat(100_000)), text("b".repeat(100_000))]],
  ])("is lost with %s, and takes no memory from then on", (_, frames) => {
    const record = kept(...frames, text("c"));
    expect(record.state).toBe("lost");
    expect([record.text, record.reasoning]).toEqual([NOTHING, NOTHING]);
  });

  it("is lost where the isolate has no room for so much more", () => {
    let leftBytes = 1_500;
    const record = delivered((bytes) => {
      leftBytes -= bytes;
      return leftBytes > 0;
    });
    for (let at = 0; at < 600; at++) keep(record, text(" four"));
    expect(record.state).toBe("lost");
  });

  it("is not kept where nobody will ask for it", () => {
    const record = delivered(null);
    keep(record, text("a"));
    expect(record).toMatchObject({ state: "lost", text: NOTHING, frames: 1 });
  });
});

describe("a prefill", () => {
  it("and its white space are what was delivered, and the white space is all of it", () => {
    const slices = fc.array(fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom(" ", "\n", " a")), {
      minLength: 1,
    });
    const holds = fc.property(slices, (words) => {
      const prefill = prefillOf(kept(...words.map(text)));
      expect(prefill.text + prefill.tail).toBe(words.join(""));
      expect(prefill.text).toBe(prefill.text.trimEnd());
      expect(prefill.tail.trim()).toBe("");
    });
    fc.assert(holds);
  });

  it("counts a frame for a token, without those that are written again", () => {
    const record = kept(text("One"), text("."), text("\n"), text("\n"));
    expect(prefillOf(record)).toMatchObject({ text: "One.", tail: "\n\n", tokens: 2 });
  });

  it("of a long answer is the same, and its older words take one string for many", () => {
    const list = Array.from({ length: 5_000 }, (_, at) => ` ${at}`);
    const record = kept(...list.map(text), text("\n"), text("\n"));
    expect(prefillOf(record)).toMatchObject({ text: list.join(""), tail: "\n\n", tokens: 5_000 });
    expect(record.text.settled.length + record.text.recent.length).toBeLessThan(300);
  });

  it("counts more where a frame holds several tokens", () => {
    expect(prefillOf(kept(text("x".repeat(80)))).tokens).toBe(10);
  });
});
