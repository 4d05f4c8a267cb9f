// "Translate into German: good night": an instruction that ends in a colon and the text it announces.
// Finds the place only; whether the head really asks for a text is for the caller to know.

export interface Announced {
  readonly head: string;
  /** Empty when nothing is announced. */
  readonly tail: string;
}

/** A head longer than this is a text of its own that happens to hold a colon. */
const LATEST_COLON = 200;
/** "Re:" and "To:" announce nothing that a task follows from. */
const EARLIEST_COLON = 4;

export function announced(instruction: string): Announced {
  const colon = firstColon(instruction.slice(0, LATEST_COLON));
  if (colon < EARLIEST_COLON) return { head: instruction, tail: "" };
  return { head: instruction.slice(0, colon), tail: instruction.slice(colon + 1).trim() };
}

/** Of a sentence: times (8:15) and addresses (https:) go on without a space. */
function firstColon(text: string): number {
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "：") return i;
    if (text[i] === ":" && (text[i + 1] === " " || text[i + 1] === "\n")) return i;
  }
  return -1;
}
