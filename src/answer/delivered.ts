// What of an answer has reached its caller, kept so that another origin can go on from it. On the hot path: one
// push a frame, joined as a whole only when an origin has broken off. Bounded; beyond the bound nothing is continued.
import type { Frame } from "../domain/frame.ts";

/** Mutable, one per stream. */
export interface Delivered {
  readonly mayKeep: MayKeep | null;
  /** `lost`: something that a prefill cannot say again, or more than is kept. */
  state: "nothing" | "reasoning" | "text" | "lost";
  text: Words;
  reasoning: Words;
  /** Of both together, UTF-16 units. */
  length: number;
  /** Content frames, those without content included: the role has gone out with the first. */
  frames: number;
}

/** Pieces as they came, the older ones joined: a string of its own for each token is six times as large. */
interface Words {
  readonly settled: string[];
  readonly recent: string[];
  pieces: number;
}

const words = (): Words => ({ settled: [], recent: [], pieces: 0 });

/** The longest answers of today's models in full. An isolate has 128 MB for all of its streams. */
const MAX_KEPT_LENGTH = 128 * 1024;

/** Whether the isolate has room for so many bytes more. */
export type MayKeep = (bytes: number) => boolean;

/** null for streams that could not be continued anyway: they cost no memory. */
export function delivered(mayKeep: MayKeep | null): Delivered {
  const state = mayKeep === null ? "lost" : "nothing";
  return { mayKeep, state, text: words(), reasoning: words(), length: 0, frames: 0 };
}

/** To be called behind the write: what the caller has not got was not delivered. */
export function keep(kept: Delivered, frame: Frame): void {
  if (frame.kind === "content") kept.frames++;
  if (!frame.hasContent || kept.state === "lost") return;
  const { said } = frame;
  if (said === null) {
    lose(kept);
    return;
  }
  kept.length += said.text.length + said.reasoning.length;
  if (kept.length > MAX_KEPT_LENGTH || (said.reasoning !== "" && kept.state === "text")) {
    lose(kept);
    return;
  }
  if (said.reasoning !== "") add(kept.reasoning, said.reasoning);
  if (said.text !== "") add(kept.text, said.text);
  if (!settle(kept, kept.text) || !settle(kept, kept.reasoning)) {
    lose(kept);
    return;
  }
  kept.state = said.text === "" && kept.state !== "text" ? "reasoning" : "text";
}

function lose(kept: Delivered): void {
  kept.state = "lost";
  kept.text = words();
  kept.reasoning = words();
}

/** Joined half by half, so that white space at the end, however many pieces, is mostly still in pieces. */
const MAX_RECENT = 256;

function add(to: Words, piece: string): void {
  to.pieces++;
  to.recent.push(piece);
}

/** false: the isolate has no room for so long an answer beside the others. */
function settle({ mayKeep }: Delivered, { recent, settled }: Words): boolean {
  if (recent.length < MAX_RECENT) return true;
  const older = recent.splice(0, MAX_RECENT / 2).join("");
  settled.push(older);
  return mayKeep?.(older.length * BYTES_PER_UNIT) ?? false;
}

/** Of text beyond Latin-1; other text takes one. */
const BYTES_PER_UNIT = 2;

function joined({ settled, recent }: Words): string {
  return settled.join("") + recent.join("");
}

/** What the next origin is given to go on from. */
export interface Prefill {
  /** Without the white space at its end. */
  readonly text: string;
  readonly reasoning: string;
  /** That white space: the next origin will write it again. */
  readonly tail: string;
  /** Of `text` and `reasoning`: how many tokens the caller has that will not be written again. */
  readonly tokens: number;
}

/** A frame of more characters than this holds several tokens, as busy servers send them: words have about five. */
const MOST_CHARACTERS_PER_TOKEN = 8;

/**
 * White space at the end is left to the next origin: many chat templates trim a message, so that it would be
 * written twice, and no tokenizer would have cut a word from the space before it.
 */
export function prefillOf({ text, reasoning }: Delivered): Prefill {
  const whole = joined(text);
  const kept = whole.trimEnd();
  const tail = whole.slice(kept.length);
  const thought = joined(reasoning);
  const pieces = text.pieces + reasoning.pieces - piecesWithin(text.recent, tail.length);
  const length = kept.length + thought.length;
  return {
    text: kept,
    reasoning: thought,
    tail,
    tokens: Math.max(pieces, Math.ceil(length / MOST_CHARACTERS_PER_TOKEN)),
  };
}

/** Pieces at the end that lie within the last `length` characters. */
function piecesWithin(pieces: readonly string[], length: number): number {
  let left = length;
  let count = 0;
  for (let at = pieces.length - 1; at >= 0; at--) {
    left -= pieces[at]?.length ?? 0;
    if (left < 0) break;
    count++;
  }
  return count;
}
