import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CAPABILITIES } from "../../../src/domain/catalog.ts";
import { ROUTING_TASKS, TASK_GROUPS } from "../../../src/domain/route.ts";
import { classify } from "../../../src/routing/classify/classify.ts";
import { prompt } from "../fixtures.ts";
import { PROMPTS } from "./prompts.ts";

function rightOn(isAsked: (index: number) => boolean): number {
  const asked = PROMPTS.filter((_, index) => isAsked(index));
  const right = asked.filter((one) => classify(prompt(one.text), []).task === one.task);
  return right.length / asked.length;
}

describe("classify on natural prompts", () => {
  it("covers all 16 tasks in at least ten languages", () => {
    expect(new Set(PROMPTS.map((one) => one.task)).size).toBe(ROUTING_TASKS.length);
    expect(new Set(PROMPTS.map((one) => one.language)).size).toBeGreaterThanOrEqual(10);
    expect(PROMPTS.length).toBeGreaterThanOrEqual(60);
  });

  it("finds the task of at least four in five", () => {
    const missed = PROMPTS.map((one) => ({ ...one, got: classify(prompt(one.text), []).task }))
      .filter((one) => one.got !== one.task)
      .map((one) => `${one.task} > ${one.got}: ${one.text.slice(0, 60)}`);
    expect(missed.length / PROMPTS.length, missed.join("\n")).toBeLessThanOrEqual(0.2);
  });

  it("finds the task of at least four in five outside English", () => {
    expect(rightOn((index) => PROMPTS[index]?.language !== "en")).toBeGreaterThanOrEqual(0.8);
  });

  it("finds the language of at least nine in ten", () => {
    const right = PROMPTS.filter((one) => classify(prompt(one.text), []).language === one.language);
    expect(right.length / PROMPTS.length).toBeGreaterThanOrEqual(0.9);
  });

  it("is surer where it is right than where it is wrong", () => {
    const answers = PROMPTS.map((one) => {
      const { task, confidence } = classify(prompt(one.text), []);
      return { isRight: task === one.task, confidence };
    });
    const surest = answers.toSorted((a, b) => b.confidence - a.confidence);
    const surestRight = surest.slice(0, Math.floor(surest.length * 0.6)).filter((one) => one.isRight);
    expect(surestRight.length / Math.floor(surest.length * 0.6)).toBeGreaterThanOrEqual(0.9);
  });

  it("is not moved by case and spacing", () => {
    const kept = PROMPTS.filter(({ text }) => {
      const shouted = classify(prompt(`  ${text.toUpperCase()}  `), []).task;
      return shouted === classify(prompt(text), []).task;
    });
    expect(kept.length / PROMPTS.length).toBeGreaterThanOrEqual(0.9);
  });
});

describe("classify", () => {
  it("answers for any text at all", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.string());
    fc.assert(
      fc.property(text, text, fc.subarray([...CAPABILITIES]), (asked, system, needs) => {
        const profile = classify(prompt(asked, { system }), needs);
        expect(ROUTING_TASKS).toContain(profile.task);
        expect(profile.group).toBe(TASK_GROUPS[profile.task]);
        expect(profile.confidence).toBeGreaterThanOrEqual(0);
        expect(profile.confidence).toBeLessThanOrEqual(1);
        expect(Number.isSafeInteger(profile.expectedOutputTokens)).toBe(true);
        expect(profile.expectedOutputTokens).toBeGreaterThan(0);
        expect(profile.language).toMatch(/^([a-z]{2}|und)$/);
        expect(classify(prompt(asked, { system }), needs)).toEqual(profile);
      }),
    );
  });

  const million = 1 << 20;
  it.each([
    ["one word", "a".repeat(million)],
    ["blank lines", "\n".repeat(million)],
    ["quotes", '"“'.repeat(million / 2)],
    ["colons", ":".repeat(million)],
    ["stars", "*".repeat(million)],
    ["brackets", "({[".repeat(million / 3)],
    ["code", "x = 1;\n".repeat(million / 7)],
    ["table", "a|b|c\n".repeat(million / 6)],
    ["Han", "写".repeat(million)],
    ["lone surrogates", "\ud800".repeat(million)],
    ["a phrase over and over", "write a poem ".repeat(million / 13)],
  ])("stays within its time on a megabyte of %s", (_name, text) => {
    const view = { text, system: text, turns: 1, size: { bytes: text.length, messages: 1 } };
    const runs = Array.from({ length: 3 }, () => {
      const startedAtMs = performance.now();
      classify(view, []);
      return performance.now() - startedAtMs;
    });
    // Usually well under a millisecond; the slack is for a busy machine.
    expect(Math.min(...runs)).toBeLessThan(25);
  });

  it("sees the head and the tail of a long prompt", () => {
    const paste = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. ".repeat(20_000);
    expect(classify(prompt(`Summarize the following text.\n\n${paste}`), []).task).toBe("summarization");
    expect(classify(prompt(`${paste}\n\nTranslate the above into German.`), []).task).toBe("translation");
  });

  it("believes the caller's own task", () => {
    const profile = classify(prompt("hello"), [], { task: "math" });
    expect(profile).toMatchObject({ task: "math", group: "math_reason", confidence: 1 });
  });

  it("expects no more output than the caller allows", () => {
    const asked = prompt("Write a story of 2000 words");
    expect(classify(asked, []).expectedOutputTokens).toBeGreaterThan(2_000);
    expect(classify(asked, [], { maxOutputTokens: 50 }).expectedOutputTokens).toBe(50);
  });

  it("is unsure of what says nothing", () => {
    expect(classify(prompt("zxqv blorp"), []).confidence).toBeLessThan(0.5);
    expect(
      classify(prompt("Translate this sentence into Spanish: good night"), []).confidence,
    ).toBeGreaterThan(0.6);
  });

  it("counts the whole request as input, not the last text alone", () => {
    const profile = classify(prompt("hi", { size: { bytes: 3_000, messages: 2 } }), ["tools"]);
    expect(profile).toMatchObject({ inputTokens: 1_016, needs: ["tools"] });
  });
});

describe("complexity", () => {
  const complexityOf = (text: string) => classify(prompt(text), []).complexity;

  it.each([
    ["hi there", "simple"],
    ["What is the capital of Peru?", "simple"],
    ["Write a Python function that reverses a string.", "simple"],
    ["Prove that there are infinitely many primes and give a rigorous argument for each step.", "complex"],
    [
      "Design the architecture of a distributed rate limiter: it must survive node failures, must not exceed the limit, and should explain the consensus trade-offs. First compare options, then propose one, finally write the code.",
      "complex",
    ],
  ])("%s is %s", (text, complexity) => {
    expect(complexityOf(text)).toBe(complexity);
  });

  it("never falls when constraints are added", () => {
    const ranks = { simple: 0, medium: 1, complex: 2 };
    const base = "Write a Python function that parses dates";
    let text = base;
    for (const more of [" and must validate", ", only ISO", ", without libraries", ", then write tests"]) {
      const before = ranks[complexityOf(text)];
      text += more;
      expect(ranks[complexityOf(text)]).toBeGreaterThanOrEqual(before);
    }
    expect(complexityOf(text)).not.toBe("simple");
  });
});
