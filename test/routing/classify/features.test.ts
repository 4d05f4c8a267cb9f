import { describe, expect, it } from "vitest";
import { readFeatures } from "../../../src/routing/classify/features.ts";
import { prompt } from "../fixtures.ts";

describe("readFeatures", () => {
  it("takes what an instruction about a text announces for that text", () => {
    const features = readFeatures(prompt("Translate into Spanish: good night, sleep well"));
    expect(features.instruction).toBe("Translate into Spanish");
    expect(features).toMatchObject({ payloadKind: "prose", payloadChars: 22, language: "en" });
    expect(features.hits.every((hit) => hit.task === "translation")).toBe(true);
  });

  it("keeps demands behind a colon as instruction", () => {
    const features = readFeatures(prompt("Design a rate limiter: it must survive crashes and be fair"));
    expect(features.instruction).toContain("must survive");
    expect(features.payloadKind).toBe("none");
  });

  it("does not break times and addresses at their colons", () => {
    const features = readFeatures(prompt("Summarize https://example.org before 8:15"));
    expect(features.instruction).toContain("8:15");
  });

  it("reads the ends of a pasted paragraph only when the instruction says too little", () => {
    const story = "Once there was a poem about rain. ".repeat(20);
    expect(readFeatures(prompt(`Summarize:\n\n${story}`)).edgeHits).toEqual([]);
    expect(readFeatures(prompt(`see here\n\n${story}`)).edgeHits.length).toBeGreaterThan(0);
  });

  it("counts the unseen middle of a long prompt as pasted", () => {
    const features = readFeatures(prompt("x ".repeat(100_000)));
    expect(features.payloadChars).toBeGreaterThan(190_000);
  });
});
