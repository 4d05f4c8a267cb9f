import { describe, expect, it } from "vitest";
import { readOutcomes } from "../../../train/quality/read-outcomes.ts";

describe("readOutcomes", () => {
  it("reads a pair's verdicts as scores under canonical names", () => {
    const line = {
      prompt: "p",
      domain: "law",
      strong: true,
      weak: 0.25,
      strong_model: "Org/Big",
      weak_model: "lr/small",
    };
    const { lines } = readOutcomes([line]);
    expect(lines).toEqual([
      {
        prompt: "p",
        domain: "law",
        task: null,
        scores: new Map([
          ["big", 1],
          ["small", 0.25],
        ]),
      },
    ]);
  });

  it("reads the feedback export, with and without its prompt", () => {
    const row = { decision_id: "rt_1", model: "a/b", task: "math", scores: { "a/b": 1 } };
    const { lines } = readOutcomes([row, { ...row, prompt: "2 + 2" }]);
    expect(lines.map(({ prompt, task }) => [prompt, task])).toEqual([
      [null, "math"],
      ["2 + 2", "math"],
    ]);
  });

  it.each([
    ["no object", 7],
    ["no scores", { prompt: "p" }],
    ["empty scores", { prompt: "p", scores: {} }],
    ["a score outside 0..1", { prompt: "p", scores: { a: 2 } }],
    ["a verdict in words", { prompt: "p", strong: "yes", weak: false }],
  ])("counts as unreadable: %s", (_, line) => {
    expect(readOutcomes([line])).toEqual({ lines: [], unreadable: 1 });
  });
});
