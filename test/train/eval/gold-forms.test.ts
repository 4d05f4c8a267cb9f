import { describe, expect, it } from "vitest";
import { GOLD_FORMS } from "../../../train/eval/gold-forms.ts";

const PROMPT = "Which is red?\nA. Sky\nB. Blood\nC. Grass\nD. Snow\nAnswer:";

describe("GOLD_FORMS", () => {
  it("writes every prompt otherwise, and every one differently", () => {
    const written = [...GOLD_FORMS.values()].map((write) => write(PROMPT));
    expect(new Set([PROMPT, ...written]).size).toBe(GOLD_FORMS.size + 1);
  });

  it("keeps the answers but where only the question is asked", () => {
    for (const [name, write] of GOLD_FORMS) {
      expect(/snow/i.test(write(PROMPT))).toBe(name !== "the question only");
    }
  });
});
