// A model's strength on one scale for all kinds of prompt: 0 is about an 8B model of 2024, one unit a
// generation. Knows no prompts.

const WEAKEST = -1;
const STRONGEST = 1.2;

/** Where between the weakest (-1) and the strongest (1) models of the packs it stands. */
export function levelShare(strength: number): number {
  const share = (strength - WEAKEST) / (STRONGEST - WEAKEST);
  return 2 * Math.min(1, Math.max(0, share)) - 1;
}

const LEAST_PARAMETERS_B = 0.1;
const MOST_PARAMETERS_B = 500;
const MIDDLE_PARAMETERS_B = 8;
/** From 8B to 70B public families gain about 0.8 logits of MMLU. */
const STRENGTH_PER_FOLD = 0.36;

/** By size where nothing is known: the line through the public figures. Unknown size: the middle. */
export function strengthOfSize(parametersB: number | null): number {
  if (parametersB === null) return 0;
  const bounded = Math.min(MOST_PARAMETERS_B, Math.max(LEAST_PARAMETERS_B, parametersB));
  return STRENGTH_PER_FOLD * Math.log(bounded / MIDDLE_PARAMETERS_B);
}
