// How much a prompt is a word problem: a short story with numbers that ends in a question. Among these
// the burden ranks the need for a strong model better than what outcomes of other kinds taught.
// Reads traits only; knows no models and no kinds.
import { ramp } from "../../lib/curves.ts";
import { TRAITS } from "./traits.ts";

const OPTIONS = TRAITS.indexOf("options");
const ENDS_WITH_QUESTION = TRAITS.indexOf("ends-with-question");
const WORDS = TRAITS.indexOf("words");
const SENTENCES = TRAITS.indexOf("sentences");
const NUMBERS = TRAITS.indexOf("numbers");
const NUMERALS = TRAITS.indexOf("numerals");
const FRACTIONS = TRAITS.indexOf("fractions");
const MATH_SIGNS = TRAITS.indexOf("math-signs");
const BACKSLASHES = TRAITS.indexOf("backslashes");
const CODE_SIGNS = TRAITS.indexOf("code-signs");
const LONG_WORDS = TRAITS.indexOf("long-words");
const BURDEN = TRAITS.indexOf("burden");

/** A written number weighs half of one in digits: "one" is often no quantity. */
const NUMERAL_SHARE = 0.5;
/** From one number, which is no problem yet, to three; as the trait counts them. */
const NUMBERS_FROM = Math.log1p(1);
const NUMBERS_TO = Math.log1p(3);
/** From one sentence to two, as the trait counts them: a story tells before it asks. */
const SENTENCES_TO = Math.SQRT2;
/** A sign or two are prices and rates; six are a formula. */
const FORMULA_FROM = 1;
const FORMULA_TO = 2.5;
/** Shares of long words: everyday language, and that of textbooks. */
const TERMS_FROM = 0.1;
const TERMS_TO = 0.25;
/** 90 and 134 words, as the trait counts them: longer ones are passages to be read. */
const LENGTH_FROM = 4.5;
const LENGTH_TO = 4.9;

/** 0..1, of the traits of a prompt; `traits` may hold more behind them. */
export function wordProblemShare(traits: Float32Array): number {
  const at = (trait: number) => traits[trait] ?? 0;
  if (at(OPTIONS) > 0 || at(ENDS_WITH_QUESTION) === 0) return 0;
  const numbers = at(NUMBERS) + NUMERAL_SHARE * (at(NUMERALS) + at(FRACTIONS));
  const formula = at(MATH_SIGNS) + at(BACKSLASHES) + at(CODE_SIGNS);
  return (
    ramp(numbers, NUMBERS_FROM, NUMBERS_TO) *
    ramp(at(SENTENCES), 1, SENTENCES_TO) *
    (1 - ramp(formula, FORMULA_FROM, FORMULA_TO)) *
    (1 - ramp(at(LONG_WORDS), TERMS_FROM, TERMS_TO)) *
    (1 - ramp(at(WORDS), LENGTH_FROM, LENGTH_TO))
  );
}

/** The burden of the middle word problem of the packs, and what one more unit of it adds to a gap. */
const MIDDLE_BURDEN = 4.3;
const GAP_PER_BURDEN = 0.2;
/** The gap of the middle one between the weakest and the strongest models: two units of level apart. */
const MIDDLE_GAP = 0.2;

/** The gap, about -1..1, of a word problem for a pair `spread` apart in levels (see levelShare). */
export function wordProblemGap(traits: Float32Array, spread: number): number {
  return spread * (MIDDLE_GAP + GAP_PER_BURDEN * ((traits[BURDEN] ?? 0) - MIDDLE_BURDEN));
}
