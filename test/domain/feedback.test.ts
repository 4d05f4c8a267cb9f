import fc from "fast-check";
import { expect, it } from "vitest";
import { type Feedback, scoresOf } from "../../src/domain/feedback.ts";

const feedback = (changes: Partial<Feedback>): Feedback => ({
  decision_id: "rt_1",
  created_at_ms: 0,
  model: "A/x",
  task: "chat",
  rating: null,
  correct: null,
  preferred_model: null,
  prompt: null,
  ...changes,
});

it.each([
  [{ rating: 1 }, { "A/x": 1 }],
  [{ rating: -0.5 }, { "A/x": 0.25 }],
  [{ correct: false }, { "A/x": 0 }],
  [{ correct: true, rating: -1 }, { "A/x": 1 }],
  [{ preferred_model: "B/y" }, { "A/x": 0, "B/y": 1 }],
  [
    { preferred_model: "B/y", rating: 0 },
    { "A/x": 0.5, "B/y": 1 },
  ],
  [{ preferred_model: "A/x" }, { "A/x": 1 }],
])("%j is read as %j", (said, scores) => {
  expect(scoresOf(feedback(said))).toEqual(scores);
});

it("every score is from 0 to 1, whatever was said", () => {
  const said = fc.record({
    rating: fc.option(fc.double({ min: -1, max: 1, noNaN: true })),
    correct: fc.option(fc.boolean()),
    preferred_model: fc.option(fc.constantFrom("A/x", "B/y")),
  });
  fc.assert(
    fc.property(said, (changes) => {
      for (const score of Object.values(scoresOf(feedback(changes)))) {
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }
    }),
  );
});
