// What a simulated model would say: endless deterministic prose, a pure function of its key. A
// script may be drawn longer at any time; what was there before stays as it was.
import { type Dice, hashText, seededDice } from "./seeded.ts";
import { splitTokens } from "./tokens.ts";
import { ADJECTIVES, ADVERBS, NOUNS, PLACES, SIGNS, VERBS } from "./vocabulary.ts";

export interface Script {
  readonly tokens: readonly string[];
  /** Tokens after which the model would end by itself. */
  readonly endsAt: number;
}

interface ScriptKey {
  /** Everything the text depends on: model, seed, choice, conversation. */
  readonly key: string;
  /** The last thing asked: it lends the answer its topic, and code to questions for code. */
  readonly ask: string;
}

/** A model ends at the first sentence that reaches its aim; with the last one that makes 20 to about 120 tokens. */
const SHORTEST = 20;
const AIM_SPREAD = 75;

/** At least `atLeast` tokens are drawn, and never less than the natural end. */
export function writeScript({ key, ask }: ScriptKey, atLeast: number): Script {
  const dice = seededDice(hashText(key));
  const aim = SHORTEST + dice.below(AIM_SPREAD);
  const tokens: string[] = [...splitTokens(opening(dice, ask))];
  if (CODE_ASKED.test(ask)) tokens.push(...splitTokens(codeBlock(dice, ask)));
  let endsAt = tokens.length >= aim ? tokens.length : 0;
  while (endsAt === 0 || tokens.length < atLeast) {
    tokens.push(...splitTokens(joint(dice) + fill(dice, dice.pick(SENTENCES))));
    if (endsAt === 0 && tokens.length >= aim) endsAt = tokens.length;
  }
  return { tokens, endsAt };
}

/** Asking for any of these gets a block of code. */
const CODE_ASKED =
  /\b(code|function|script|program|python|typescript|javascript|sql|implement|class|debug|regex)\b/i;

const OPENINGS = [
  "Here is a short look at <topic>.",
  "Let us take <topic> step by step.",
  "In a sentence: <topic> <verb> the <noun> <adverb>.",
  "A good way to see <topic> is as a <adjective> <noun>.",
  "Good question! Think of <topic> as the <noun> that <verb> a <adjective> <noun>.",
  "First of all, <topic> rarely <verb> anything without a <noun>.",
] as const;

const SENTENCES = [
  "The <adjective> <noun> <verb> the <noun> <adverb>.",
  "In <place>, a <noun> <verb> every <adjective> <noun>.",
  "That is why the <noun> <adverb> <verb> a <noun>, and the <noun> stays <adjective>.",
  "However, no <noun> <verb> a <adjective> <noun> for long.",
  "When the <noun> is <adjective>, each <noun> <verb> the <noun>.",
  "A <adjective> <noun> (and a <adjective> one at that) <verb> the <noun>.",
  "This <verb> the <noun> “<adverb>”, as people in <place> say.",
  "About <number> % of it <verb> the <noun>; the rest is <adjective>.",
  "Compare the <noun> with a <adjective> <noun>: one <verb> the other.",
  "Over <number> days the <noun> <adverb> <verb> its <noun> <sign>",
  "Note that <noun> → <noun> is <adjective>, while <noun> → <noun> is not.",
  "So the <noun> <verb> the <noun>, doesn’t it?",
  "It <adverb> <verb> a <noun>—never the whole <noun>.",
] as const;

/** Most sentences follow with a space, some start a paragraph or a list item. */
function joint(dice: Dice): string {
  const roll = dice.below(12);
  if (roll === 0) return "\n\n";
  return roll === 1 ? "\n- " : " ";
}

function opening(dice: Dice, ask: string): string {
  // The first long word of a request is mostly a verb.
  const [, ...subjects] = ask.match(/\p{L}{4,12}/gu) ?? [];
  const topic = subjects.length === 0 ? "this" : dice.pick(subjects);
  return fill(dice, dice.pick(OPENINGS).replace("<topic>", topic));
}

function fill(dice: Dice, sentence: string): string {
  const filled = sentence.replace(/<(\w+)>/g, (_, slot: string) => wordFor(dice, slot));
  return filled.replace(/\b([Aa]) (?=[aeiou])/g, "$1n ");
}

function wordFor(dice: Dice, slot: string): string {
  switch (slot) {
    case "noun":
      return dice.pick(NOUNS);
    case "verb":
      return dice.pick(VERBS);
    case "adjective":
      return dice.pick(ADJECTIVES);
    case "adverb":
      return dice.pick(ADVERBS);
    case "place":
      return dice.pick(PLACES);
    case "number":
      return String(2 + dice.below(97));
    case "sign":
      return dice.pick(SIGNS);
    default:
      throw new RangeError(`no words for <${slot}>`);
  }
}

function codeBlock(dice: Dice, ask: string): string {
  const name = asciiNoun(dice);
  const item = asciiNoun(dice);
  const limit = 2 + dice.below(97);
  const blocks = [
    `\n\n\`\`\`python\ndef ${name}_of(${item}s):\n    total = 0\n    for ${item} in ${item}s:\n        total += ${item} % ${limit}\n    return total\n\`\`\`\n\nThe loop stops by itself.`,
    `\n\n\`\`\`typescript\nexport function ${name}Of(${item}s: readonly number[]): number {\n  return ${item}s.filter((${item}) => ${item} < ${limit}).length;\n}\n\`\`\`\n\nNothing is changed in place.`,
    `\n\n\`\`\`sql\nSELECT ${name}, count(*) FROM ${item}s\nWHERE ${name} > ${limit}\nGROUP BY ${name};\n\`\`\`\n\nAn index on \`${name}\` helps.`,
  ];
  const language = ask.match(/python|typescript|sql/i)?.[0].toLowerCase() ?? "";
  return blocks.find((block) => language !== "" && block.includes(language)) ?? dice.pick(blocks);
}

function asciiNoun(dice: Dice): string {
  return dice.pick(NOUNS).replace(/[^a-z]/g, "");
}
