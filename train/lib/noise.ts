// Spoils a prompt as hurried people do: wrong and swapped letters, case, spaces, missing marks.
// Used to teach the classifier to look past it, and to measure whether it does.
import type { Random } from "./random.ts";

export const NOISES = ["typos", "case", "spacing", "marks"] as const;
export type Noise = (typeof NOISES)[number];

/** One letter in twenty-five, about one word in five: more than most people get wrong. */
const TYPO_RATE = 0.04;
/** Spaces doubled or lost. */
const SPACING_RATE = 0.08;
/** Share of punctuation marks that go missing. */
const MARKS_RATE = 0.7;

export function addNoise(text: string, noise: Noise, random: Random): string {
  switch (noise) {
    case "typos":
      return withTypos(text, random);
    case "case":
      return withOtherCase(text, random);
    case "spacing":
      return withOtherSpacing(text, random);
    case "marks":
      return withoutMarks(text, random);
  }
}

const LETTER = /\p{L}/u;
const KEYS = "qwertyuiopasdfghjklzxcvbnm";

function withTypos(text: string, random: Random): string {
  const letters = [...text];
  const typed: string[] = [];
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i] ?? "";
    if (!LETTER.test(letter) || random.next() >= TYPO_RATE) {
      typed.push(letter);
      continue;
    }
    const next = letters[i + 1] ?? "";
    switch (random.below(4)) {
      case 0:
        break;
      case 1:
        typed.push(letter, letter);
        break;
      case 2:
        typed.push(next, letter);
        i++;
        break;
      default:
        typed.push(letter < "\u0250" ? (KEYS[random.below(KEYS.length)] ?? letter) : letter);
    }
  }
  return typed.join("");
}

function withOtherCase(text: string, random: Random): string {
  switch (random.below(3)) {
    case 0:
      return text.toLowerCase();
    case 1:
      return text.toUpperCase();
    default:
      return text.replace(/\p{L}/gu, (letter) => (random.next() < 0.3 ? swapped(letter) : letter));
  }
}

function swapped(letter: string): string {
  const upper = letter.toUpperCase();
  return letter === upper ? letter.toLowerCase() : upper;
}

function withOtherSpacing(text: string, random: Random): string {
  return text.replace(/ /g, () => {
    if (random.next() >= SPACING_RATE) return " ";
    return random.next() < 0.6 ? "  " : "";
  });
}

function withoutMarks(text: string, random: Random): string {
  return text.replace(/[.,;:!?¿¡"'、。，！？：“”]/g, (mark) => (random.next() < MARKS_RATE ? "" : mark));
}
