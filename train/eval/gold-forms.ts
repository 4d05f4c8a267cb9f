// The same multiple-choice question written in other ways: what an operator's outcomes taught must not
// hang on how they happened to be laid out. Knows no models.

const OPTION = /\n([A-D])\. /g;
const FIRST_CODE = "A".charCodeAt(0);

/** One question with its answer before the one that is asked. */
const EXAMPLE = "What is the capital of France?\nA. Berlin\nB. Paris\nC. Rome\nD. Madrid\nAnswer: B\n\n";

/** By name; each turns "…\nA. …\nB. …\nAnswer:" into another form of it. */
export const GOLD_FORMS: ReadonlyMap<string, (prompt: string) => string> = new Map([
  ["(A)", (prompt) => prompt.replace(OPTION, "\n($1) ")],
  ["A:", (prompt) => prompt.replace(OPTION, "\n$1: ")],
  ["1.", (prompt) => prompt.replace(OPTION, (_, letter: string) => `\n${numberOf(letter)}. `)],
  ["- ", (prompt) => prompt.replace(OPTION, "\n- ")],
  ["options in one line", (prompt) => prompt.replace(OPTION, " $1. ")],
  ["options indented", (prompt) => prompt.replace(OPTION, "\n  $1. ")],
  ["lower case", (prompt) => prompt.toLowerCase()],
  ["an example before it", (prompt) => EXAMPLE + prompt],
  ["the question only", (prompt) => prompt.split("\nA. ")[0] ?? prompt],
]);

function numberOf(letter: string): number {
  return letter.charCodeAt(0) - FIRST_CODE + 1;
}
