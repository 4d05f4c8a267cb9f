// Labels with scores, as every classifying pipeline returns them: falling, above zero, sum one.
import { hashText, seededDice } from "./seeded.ts";

interface RankedLabel {
  readonly label: string;
  readonly score: number;
}

export function rankLabels(labels: readonly string[], key: string): readonly RankedLabel[] {
  const dice = seededDice(hashText(key));
  // Cubes spread the scores: a classifier that is never sure of anything looks wrong.
  const weights = labels.map(() => (0.05 + dice.next()) ** 3);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return labels
    .map((label, index) => ({ label, score: (weights[index] ?? 0) / total }))
    .sort((a, b) => b.score - a.score);
}
