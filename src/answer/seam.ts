// Where one origin's words end and the next one's begin: what the second says again is taken out, so that no text
// is lost or doubled. It changes frames of the origin that goes on, and of these only what must change.
import type { Frame } from "../domain/frame.ts";
import { replaceAt } from "../lib/json-splice.ts";

/** Mutable, one per origin that goes on. */
export interface Seam {
  /** White space the caller has, and the origin was not told: it will write it again. */
  expected: string;
  /** The first content frame has gone out before, and the role with it. */
  readonly isOpened: boolean;
  /** Text has gone out before: what thinks aloud now is another answer. */
  readonly isSpoken: boolean;
  /** Tokens said again and taken out: delivered once, so billed once. */
  swallowedTokens: number;
}

/** null: nothing of the frame is new to the caller. `strange`: it does not go on with this answer. */
export function crossSeam(seam: Seam, frame: Frame): Frame | "strange" | null {
  if (frame.kind !== "content") return frame;
  const { said } = frame;
  if (seam.isSpoken && said !== null && said.reasoning !== "") return "strange";
  if (said === null || said.text === "" || seam.expected === "") return isNews(seam, frame) ? frame : null;
  const length = sharedLength(seam.expected, said.text);
  // Another white space than before may follow it: then the rest of the old one was all the same delivered.
  seam.expected = length === said.text.length ? seam.expected.slice(length) : "";
  if (length === 0) return frame;
  const isSwallowed = length === said.text.length;
  if (isSwallowed) seam.swallowedTokens++;
  if (isSwallowed && !ends(frame)) return null;
  return withText(frame, said.text.slice(length));
}

/** A second role says nothing. */
function isNews(seam: Seam, frame: Frame): boolean {
  return !seam.isOpened || frame.hasContent || ends(frame);
}

function ends(frame: Frame): boolean {
  return frame.finishedChoices > 0 || frame.usage !== null;
}

function sharedLength(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return length;
}

const TEXT_PATH = ["choices", "0", "delta", "content"] as const;

function withText(frame: Frame, text: string): Frame {
  return {
    ...frame,
    text: replaceAt(frame.text, TEXT_PATH, JSON.stringify(text)),
    said: { text, reasoning: frame.said?.reasoning ?? "" },
  };
}
