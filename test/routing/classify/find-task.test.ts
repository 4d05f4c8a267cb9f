import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classify } from "../../../src/routing/classify/classify.ts";
import { installWeights } from "../../../src/routing/weights/weights.ts";
import { WEIGHTS_FILE } from "../../../train/lib/data-folder.ts";
import { addNoise } from "../../../train/lib/noise.ts";
import { createRandom } from "../../../train/lib/random.ts";
import { readWeights } from "../../../train/lib/read-weights.ts";
import { prompt } from "../fixtures.ts";
import { PROMPTS } from "./prompts.ts";

const taskOf = (text: string) => classify(prompt(text), []).task;

describe("classify with the trained weights", () => {
  beforeAll(() => installWeights(readWeights(WEIGHTS_FILE)));
  afterAll(() => installWeights(null));

  it("finds the task of at least three in four, in and outside English", () => {
    const share = (asked: typeof PROMPTS) =>
      asked.filter((one) => taskOf(one.text) === one.task).length / asked.length;
    expect(share(PROMPTS)).toBeGreaterThanOrEqual(0.75);
    expect(share(PROMPTS.filter(({ language }) => language !== "en"))).toBeGreaterThanOrEqual(0.75);
  });

  it("keeps nearly every task under typos, case and spacing", () => {
    const random = createRandom(5);
    for (const noise of ["typos", "case", "spacing"] as const) {
      const kept = PROMPTS.filter(({ text }) => taskOf(addNoise(text, noise, random)) === taskOf(text));
      expect(kept.length / PROMPTS.length).toBeGreaterThanOrEqual(0.85);
    }
  });

  it("is a probability: right about as often as it says", () => {
    const answers = PROMPTS.map((one) => ({ ...classify(prompt(one.text), []), asked: one.task }));
    const right = answers.filter(({ task, asked }) => task === asked).length / answers.length;
    const claimed = answers.reduce((sum, { confidence }) => sum + confidence, 0) / answers.length;
    expect(Math.abs(right - claimed)).toBeLessThan(0.15);
  });

  it("doubts what says nothing", () => {
    expect(classify(prompt("zxqv blorp"), []).confidence).toBeLessThan(0.6);
  });
});

it("falls back to the rules where no weights are installed", () => {
  installWeights(null);
  expect(taskOf("Translate this sentence into Spanish: good night")).toBe("translation");
});
