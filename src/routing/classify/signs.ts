// Counts the marks of an instruction: questions, digits, formulas, lists, constraints. One loop over
// characters and one over lines; what the counts mean is for the rules to say.

export interface Signs {
  readonly questions: number;
  readonly endsWithQuestion: boolean;
  /** Runs of digits, not digits. */
  readonly numbers: number;
  readonly mathSigns: number;
  readonly codeSigns: number;
  readonly exclamations: number;
  /** Lines that open with a bullet or a number. */
  readonly listItems: number;
  /** Lines like "A) ..." or "(b) ...". */
  readonly choices: number;
  readonly shortQuotations: number;
}

export function countSigns(instruction: string): Signs {
  const marks = countMarks(instruction);
  const lines = instruction.split("\n").map((line) => line.trimStart());
  return {
    ...marks,
    endsWithQuestion: endsWithQuestion(instruction),
    listItems: lines.filter(isListItem).length,
    choices: lines.filter(isChoice).length,
  };
}

type Marks = Omit<Signs, "endsWithQuestion" | "listItems" | "choices">;

const QUESTION = new Set([..."?？؟"]);

/** What a character counts as; most count as nothing, and one look-up says so. */
const SIGNS: ReadonlyMap<number, keyof Marks> = signTable({
  questions: "?？؟",
  mathSigns: "=+^√∫∑π≤≥≠×÷∞°%∂∈∀∃",
  codeSigns: "{}[]<>;`$_|&\\",
  exclamations: "!",
  shortQuotations: '"“«„「',
});

function signTable(lists: Readonly<Partial<Record<keyof Marks, string>>>): ReadonlyMap<number, keyof Marks> {
  const table = new Map<number, keyof Marks>();
  // Object.entries forgets the type of the keys it was given.
  for (const [name, list] of Object.entries(lists) as [keyof Marks, string][]) {
    for (const char of list) table.set(char.charCodeAt(0), name);
  }
  return table;
}

function countMarks(text: string): Marks {
  const marks = { questions: 0, numbers: 0, mathSigns: 0, codeSigns: 0, exclamations: 0, shortQuotations: 0 };
  let wasDigit = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isDigitCode = code >= 0x30 && code <= 0x39;
    if (isDigitCode && !wasDigit) marks.numbers++;
    wasDigit = isDigitCode;
    // Letters and spaces of ASCII are no signs: nearly all of a text.
    if (isDigitCode || code === 0x20 || (code >= 0x61 && code <= 0x7a)) continue;
    const sign = SIGNS.get(code);
    if (sign !== undefined) marks[sign]++;
  }
  return marks;
}

function endsWithQuestion(text: string): boolean {
  const last = text.trimEnd().at(-1);
  return last !== undefined && QUESTION.has(last);
}

function isListItem(line: string): boolean {
  if (line.startsWith("- ") || line.startsWith("* ") || line.startsWith("• ")) return true;
  const second = line[1];
  return isDigit(line[0]) && (second === "." || second === ")" || second === "、");
}

/** "A) ", "B. ", "(c) ": the answers of a multiple choice. */
function isChoice(line: string): boolean {
  const text = line.startsWith("(") ? line.slice(1) : line;
  const letter = (text[0] ?? "").toUpperCase();
  const after = text[1];
  return (
    letter >= "A" &&
    letter <= "E" &&
    letter.length === 1 &&
    (after === ")" || after === "." || after === "、")
  );
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}
