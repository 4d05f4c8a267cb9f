import { describe, expect, it } from "vitest";
import { gapOf, qualityOf, readPrompt } from "../../../src/routing/ability/ability.ts";
import { writeContainer } from "../../../train/lib/write-container.ts";
import { fitOutcomes } from "../../../train/quality/fit-quality.ts";
import {
  abilityOf,
  containerOf,
  fitTiny,
  LARGE_NAME,
  LETTER,
  RIVER,
  SMALL_NAME,
  SUM,
} from "../../routing/ability/tiny-weights.ts";

const base = containerOf(fitTiny());
const PAIR = [{ name: "own/strong" }, { name: "own/weak" }] as const;

/** On rhymes the strong model is needed; on sums it is not. */
const LINES = Array.from({ length: 120 }, (_, i) => {
  const isRhyme = i % 2 === 0;
  const prompt = isRhyme
    ? `Complete the rhyme of stanza ${i}: the moon above the silver bay\nA. sings\nB. sleeps`
    : `Complete the sum of line ${i}: seven crates and nine crates\nA. 16\nB. 17`;
  const domain = isRhyme ? "rhymes" : "sums";
  return { prompt, domain, strong: true, weak: !isRhyme, strong_model: "own/strong", weak_model: "own/weak" };
});
const RHYME = "Complete the rhyme of stanza 7: the moon above the golden bay\nA. sings\nB. weeps";
const OWN_SUM = "Complete the sum of line 9: three crates and nine crates\nA. 12\nB. 17";

describe("fitQuality", () => {
  it("gives the same bytes for the same rows", () => {
    const bytesOf = () => {
      const { sections, meta } = fitTiny();
      return writeContainer({ sections, meta: { quality: meta } });
    };
    expect(bytesOf()).toEqual(bytesOf());
  });
});

describe("fitOutcomes", () => {
  it("answers for the operator's pair by the operator's rows", () => {
    const ability = abilityOf(fitOutcomes({ lines: LINES, base }));
    const gapFor = (text: string) => {
      readPrompt(ability, text);
      return gapOf(ability, PAIR);
    };
    expect(gapFor(RHYME)).toBeGreaterThan(0.5);
    expect(gapFor(OWN_SUM)).toBeLessThan(0.2);
  });

  it("leaves prompts unlike the operator's to the base", () => {
    const ability = abilityOf(fitOutcomes({ lines: LINES, base }));
    const plain = abilityOf(fitTiny());
    for (const text of [SUM, RIVER, LETTER]) {
      readPrompt(ability, text);
      readPrompt(plain, text);
      expect(ability.ownShare).toBe(0);
      expect(gapOf(ability, PAIR)).toBe(gapOf(plain, PAIR));
    }
  });

  it("answers for a close name of the operator's models", () => {
    const ability = abilityOf(fitOutcomes({ lines: LINES, base }));
    readPrompt(ability, RHYME);
    const exact = gapOf(ability, PAIR);
    expect(gapOf(ability, [{ name: "strong-v2:free" }, { name: "own/weak-awq" }])).toBe(exact);
  });

  it("answers for any pair where the rows name none", () => {
    const unnamed = LINES.map(({ strong_model: _, weak_model: __, ...line }) => line);
    const ability = abilityOf(fitOutcomes({ lines: unnamed, base }));
    readPrompt(ability, RHYME);
    expect(gapOf(ability, [{ name: "some/strong" }, { name: "some/weak" }])).toBeGreaterThan(0.5);
  });

  it("reads scores by model as well as pairs", () => {
    const scored = LINES.map(({ prompt, domain, weak }) => ({
      prompt,
      domain,
      scores: { "own/a": 1, "own/b": weak },
    }));
    const ability = abilityOf(fitOutcomes({ lines: scored, base }));
    readPrompt(ability, RHYME);
    expect(qualityOf(ability, { name: "own/a" })).toBeGreaterThan(qualityOf(ability, { name: "own/b" }));
  });

  it("works without subjects", () => {
    const bare = LINES.map(({ domain: _, ...line }) => line);
    const ability = abilityOf(fitOutcomes({ lines: bare, base }));
    readPrompt(ability, RHYME);
    const rhyme = gapOf(ability, PAIR);
    readPrompt(ability, OWN_SUM);
    expect(rhyme).toBeGreaterThan(gapOf(ability, PAIR));
  });

  it("moves a task's mean by rows without a prompt, and no other task's", () => {
    const verdicts = Array.from({ length: 60 }, (_, i) => ({
      decision_id: `rt_${i}`,
      model: SMALL_NAME,
      task: "translation",
      scores: { [SMALL_NAME]: 0 },
    }));
    const ability = abilityOf(fitOutcomes({ lines: verdicts, base }));
    readPrompt(ability, LETTER);
    const at = (task: string) => qualityOf(ability, { name: SMALL_NAME, task });
    expect(at("translation")).toBeLessThan(at("chat") - 0.2);
    const plain = abilityOf(fitTiny());
    readPrompt(plain, LETTER);
    expect(at("chat")).toBe(qualityOf(plain, { name: SMALL_NAME, task: "chat" }));
  });

  it("counts what it cannot read and goes on", () => {
    const { notes } = fitOutcomes({
      lines: [...LINES, 3, null, { prompt: "x" }, { scores: { a: 7 } }],
      base,
    });
    expect(notes.join("\n")).toContain("4 lines could not be read");
  });

  it("does not fit a head on a handful of prompts", () => {
    const part = fitOutcomes({ lines: LINES.slice(0, 5), base });
    expect(part.meta).toMatchObject({ own: null });
    const ability = abilityOf(part);
    readPrompt(ability, SUM);
    expect(qualityOf(ability, { name: LARGE_NAME })).toBeGreaterThan(0.5);
  });
});
