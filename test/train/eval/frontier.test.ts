import { describe, expect, it } from "vitest";
import { type Frontier, savedAt } from "../../../train/eval/frontier.ts";
import { frontierSvg } from "../../../train/eval/frontier-svg.ts";

const CHEAP = { name: "cheap", cost: 1, quality: 0.6 };
const DEAR = { name: "dear", cost: 10, quality: 0.8 };
const frontier: Frontier = {
  models: [CHEAP, DEAR],
  routed: [CHEAP, { cost: 2, quality: 0.8 }, DEAR],
  oracle: [CHEAP, { cost: 1.5, quality: 0.9 }],
  mix: [CHEAP, DEAR],
};

describe("savedAt", () => {
  it("mixes two points by dice where none lies at the wanted quality", () => {
    // 95 % of 0.8 is 0.76: four of five prompts go to the dear model, at 8.2 instead of 10.
    expect(savedAt(frontier.mix, frontier, 0.95)).toBeCloseTo(0.18, 9);
    expect(savedAt(frontier.mix, frontier, 1)).toBeCloseTo(0, 9);
  });

  it("takes the cheapest point that is good enough", () => {
    expect(savedAt(frontier.routed, frontier, 1)).toBeCloseTo(0.8, 9);
    expect(savedAt(frontier.routed, frontier, 0.5)).toBeCloseTo(0.9, 9);
  });

  it("is no number where the quality is never reached", () => {
    expect(savedAt([CHEAP], frontier, 1)).toBeNaN();
  });
});

describe("frontierSvg", () => {
  it("draws every model within the picture", () => {
    const svg = frontierSvg(frontier);
    expect(svg.match(/<circle/g)).toHaveLength(2);
    for (const [, x, y] of svg.matchAll(/cx="([\d.-]+)" cy="([\d.-]+)"/g)) {
      expect(Number(x)).toBeGreaterThan(0);
      expect(Number(x)).toBeLessThan(720);
      expect(Number(y)).toBeGreaterThan(0);
      expect(Number(y)).toBeLessThan(440);
    }
  });
});
