import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_SCANNED_CHARS, sample, split } from "../../../src/routing/classify/split.ts";

const PARAGRAPH = "The old mill stood by the river for two hundred years before it burned down. ".repeat(5);

describe("split", () => {
  it("takes a fence as pasted code", () => {
    const parts = split("Explain this:\n```js\nlet a = 1;\nlet b = 2;\n```\nBriefly please.");
    expect(parts).toMatchObject({ payloadKind: "code", codeLines: 2 });
    expect(parts.instruction).toContain("Briefly please.");
    expect(parts.instruction).not.toContain("let a");
  });

  it("takes a fence that says text as prose, and csv as a table", () => {
    expect(split("Check:\n```text\nhello there\n```").payloadKind).toBe("prose");
    expect(split("Check:\n```csv\na,b,c\n```").payloadKind).toBe("table");
  });

  it("survives a fence that never closes", () => {
    expect(split("Fix:\n```\nwhile true:").payloadKind).toBe("code");
  });

  it("sees code without a fence", () => {
    const parts = split("what is wrong here?\ndef f(x):\n    return x +\nprint(f(1))");
    expect(parts.payloadKind).toBe("code");
    expect(parts.instruction.trim()).toBe("what is wrong here?");
  });

  it("takes quoted lines, long paragraphs and long quotations as pasted text", () => {
    for (const text of [
      `> ${PARAGRAPH}\nShorten it.`,
      `Shorten it.\n\n${PARAGRAPH}`,
      `${PARAGRAPH}\n\nShorten it.`,
      `Shorten "${PARAGRAPH}" a bit.`,
    ]) {
      const parts = split(text);
      expect(parts.payloadKind, text.slice(0, 30)).toBe("prose");
      expect(parts.instruction).toMatch(/Shorten/);
      expect(parts.instruction).not.toContain("burned down");
    }
  });

  it("keeps a short quotation: it is often the word that is asked about", () => {
    expect(split('What does "serendipity" mean?')).toMatchObject({ payloadKind: "none", payloadChars: 0 });
  });

  it("takes rows of cells as a table", () => {
    expect(split("Which is cheapest?\n| a | 1 |\n| b | 2 |\n| c | 3 |").payloadKind).toBe("table");
  });

  it("keeps a lone long paragraph as the instruction", () => {
    expect(split(PARAGRAPH.trim()).instruction).toContain("old mill");
  });

  it("finds no payload in an ordinary question", () => {
    expect(split("How do bees find their way home?")).toMatchObject({ payloadKind: "none", codeLines: 0 });
  });

  it("never loses nor invents more than it saw", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (text) => {
        const parts = split(text);
        // Quotations and the announced tail leave a separator each where they stood.
        expect(parts.instruction.length + parts.payloadChars).toBeLessThanOrEqual(text.length + 200);
        expect(parts.payloadKind === "none").toBe(parts.payloadChars === 0);
      }),
    );
  });
});

describe("sample", () => {
  it("keeps short texts whole and both ends of long ones", () => {
    expect(sample("abc")).toBe("abc");
    const long = `HEAD${"x".repeat(1 << 20)}TAIL`;
    expect(sample(long).length).toBe(MAX_SCANNED_CHARS + 1);
    expect(sample(long).startsWith("HEAD")).toBe(true);
    expect(sample(long).endsWith("TAIL")).toBe(true);
  });
});
